// What is told of the services while they are only observed.
#include <gtest/gtest.h>

#include "tests/resources/services_world.h"

namespace tandem {
namespace {

using namespace services_world;

class ServicesConditionsTest : public testing::Test {
 protected:
  Condition told(Role role, const std::string& type) {
    const Report report = node.look(goal_of(role));
    for (const Condition& condition : report.conditions)
      if (condition.type == type) return condition;
    ADD_FAILURE() << type << " was not told";
    return {};
  }
  Condition complete(Role role = Role::primary) { return told(role, "ServicesComplete"); }
  Condition stopped(Role role = Role::primary) { return told(role, "StoppedByHand"); }
  Condition blocked(Role role = Role::primary) { return told(role, "SipPortBlocked"); }
  bool all_well(Role role) {
    const Report report = node.look(goal_of(role));
    return report.conditions.size() == 3 &&
           std::all_of(report.conditions.begin(), report.conditions.end(), is_well);
  }

  Telephony node;
};

TEST_F(ServicesConditionsTest, AreWellOnANodeThatServesAndOnOneThatStandsBy) {
  EXPECT_TRUE(all_well(Role::primary));
  EXPECT_TRUE(all_well(Role::off));
  EXPECT_TRUE(all_well(Role::secondary)) << "it took over";
  node.stand_by();
  EXPECT_TRUE(all_well(Role::secondary));
}

TEST_F(ServicesConditionsTest, TellOfNoHandWhereASwitchoverStoppedThePrimary) {
  node.stand_by();
  EXPECT_EQ(stopped(Role::primary).reason, "Disabled");
  Goal goal = goal_of(Role::primary);
  goal.stance = Stance::standing_by;
  const Report report = node.look(goal);
  EXPECT_TRUE(std::all_of(report.conditions.begin(), report.conditions.end(), is_well));
}

TEST_F(ServicesConditionsTest, NeedNoProgramAndOneDatagramWhereAsteriskAnswers) {
  complete();
  EXPECT_TRUE(node.commands.journal.empty());
  EXPECT_EQ(node.datagrams.journal.size(), 1U);
}

TEST_F(ServicesConditionsTest, NeedNeitherOnANodeThatStandsBy) {
  node.stand_by();
  complete(Role::secondary);
  EXPECT_TRUE(node.commands.journal.empty());
  EXPECT_TRUE(node.datagrams.journal.empty());
}

TEST_F(ServicesConditionsTest, NameAUnitThatFailed) {
  node.units.set("wazo-call-logd.service", fakes::failed_unit("signal"));
  const Condition condition = complete();
  EXPECT_EQ(condition.status, Truth::no);
  EXPECT_EQ(condition.reason, "UnitsMissing");
  EXPECT_NE(condition.message.find("wazo-call-logd (failed, signal)"), std::string::npos);
  EXPECT_EQ(stopped().status, Truth::no) << "nobody stopped it";
}

TEST_F(ServicesConditionsTest, TellApartWhatCallsNeed) {
  node.units.set("asterisk.service", fakes::failed_unit());
  EXPECT_EQ(complete().reason, "EssentialUnitsMissing");
}

TEST_F(ServicesConditionsTest, SayWhereSomethingOnlyStarts) {
  node.units.set("wazo-calld.service",
                 {"loaded", "activating", "start", "enabled", "start", "success"});
  EXPECT_EQ(complete().reason, "Starting");
  EXPECT_EQ(stopped().status, Truth::no);
}

TEST_F(ServicesConditionsTest, NameWhatMustRunEvenWhileStandingBy) {
  node.stand_by();
  node.units.set("postgresql.service", fakes::stopped_unit());
  const Condition condition = complete(Role::secondary);
  EXPECT_EQ(condition.reason, "UnitsMissing");
  EXPECT_NE(condition.message.find("postgresql (inactive)"), std::string::npos);
}

TEST_F(ServicesConditionsTest, WarnOfAGuardThatWouldStartAStandby) {
  node.stand_by();
  node.units.set("monit.service", fakes::running_unit());
  EXPECT_EQ(complete(Role::secondary).reason, "GuardActive");
}

TEST_F(ServicesConditionsTest, WarnOfTelephonyThatRunsOnAStandby) {
  node.stand_by();
  node.units.set("asterisk.service", fakes::running_unit());  // somebody's start, without enable
  const Condition condition = complete(Role::secondary);
  EXPECT_EQ(condition.status, Truth::no);
  EXPECT_EQ(condition.reason, "TelephonyRuns");
  EXPECT_NE(condition.message.find("asterisk"), std::string::npos);
}

TEST_F(ServicesConditionsTest, WarnOfAPrimaryWithoutItsGuard) {
  node.units.set("monit.service", fakes::running_unit("disabled"));
  EXPECT_EQ(complete().reason, "GuardDisabled");
}

TEST_F(ServicesConditionsTest, SeeAnAsteriskThatRunsAndDoesNotAnswer) {
  node.answers = false;
  const Condition condition = complete();
  EXPECT_EQ(condition.reason, "SipSilent");
  EXPECT_NE(condition.message.find("192.0.2.10"), std::string::npos);
  EXPECT_EQ(blocked().status, Truth::no);
}

TEST_F(ServicesConditionsTest, SeeARuleThatTheVendorLeft) {
  node.rules = kRule + kRule;
  const Condition condition = blocked();
  EXPECT_EQ(condition.status, Truth::yes);
  EXPECT_EQ(condition.reason, "RuleLeft");
  EXPECT_NE(condition.message.find("2 rules"), std::string::npos);
  EXPECT_NE(condition.message.find("iptables -D INPUT -p udp --dport 5060 -j DROP"),
            std::string::npos);
}

TEST_F(ServicesConditionsTest, AdviseNobodyToStartAStandbyForItsRule) {
  node.stand_by();
  node.rules = kRule;  // as the vendor's stop leaves it
  node.units.lose_bus();
  const Condition condition = blocked(Role::secondary);
  EXPECT_EQ(condition.status, Truth::no) << condition.message;
  EXPECT_EQ(condition.reason, "StandsBy");
}

TEST_F(ServicesConditionsTest, TakeTheRuleOfARunningCommandForWhatItIs) {
  node.rules = kRule;
  node.activity.programs = {kService};
  EXPECT_EQ(blocked().status, Truth::no);
  EXPECT_EQ(blocked().reason, "CommandRuns");
}

TEST_F(ServicesConditionsTest, DoNotKnowOfThePortWhereTheRulesCanNotBeRead) {
  node.answers = false;
  node.commands.programs[kIptables] = [](const Command&) {
    return fakes::exits(4, "", "iptables v1.8.9 (nf_tables): Permission denied\n");
  };
  const Condition condition = blocked();
  EXPECT_EQ(condition.status, Truth::unknown);
  EXPECT_NE(condition.message.find("Permission denied"), std::string::npos);
  node.commands.programs.erase(kIptables);
  EXPECT_EQ(blocked().status, Truth::no) << "without iptables there is no such rule";
}

TEST_F(ServicesConditionsTest, SeeAPrimaryThatWasDisabled) {
  node.stand_by();
  EXPECT_EQ(stopped().reason, "Disabled");
  EXPECT_EQ(stopped().status, Truth::yes);
  EXPECT_NE(stopped().message.find("wazo-service enable"), std::string::npos);
  EXPECT_EQ(stopped(Role::secondary).status, Truth::no) << "there it is by design";
}

TEST_F(ServicesConditionsTest, SeeAUnitThatWasStopped) {
  node.units.set("asterisk.service", fakes::stopped_unit());
  const Condition condition = stopped();
  EXPECT_EQ(condition.status, Truth::yes);
  EXPECT_EQ(condition.reason, "Stopped");
  EXPECT_NE(condition.message.find("asterisk"), std::string::npos);
  node.activity.programs = {kService};
  EXPECT_EQ(stopped().status, Truth::no) << "`wazo-service restart` is under way";
}

TEST_F(ServicesConditionsTest, AreUnknownWithoutABusAndKnownAgainWithIt) {
  node.units.lose_bus();
  EXPECT_EQ(complete().status, Truth::unknown);
  EXPECT_EQ(complete().reason, "UnitsNotReadable");
  EXPECT_EQ(stopped().status, Truth::unknown);
  EXPECT_EQ(blocked().status, Truth::no) << "Asterisk answers all the same";
  EXPECT_EQ(node.look(goal_of(Role::primary)).outcome, Outcome::in_sync);
  node.units.find_bus();
  EXPECT_TRUE(all_well(Role::primary));
}

TEST_F(ServicesConditionsTest, IgnoreAUnitThatThisReleaseDoesNotHave) {
  node.units.units.erase("wazo-dxtora.service");
  EXPECT_EQ(complete().status, Truth::yes);
  node.units.units.erase("asterisk.service");
  EXPECT_EQ(complete().status, Truth::no) << "without it there are no calls";
}

TEST_F(ServicesConditionsTest, MissADeclaredUnitThatIsNotThere) {
  Goal goal = goal_of(Role::primary);
  goal.services.emplace();
  goal.services->units = {"asterisk.service", "dahdi.service"};
  const Report report = node.look(goal);
  EXPECT_EQ(report.conditions[0].status, Truth::no);
  EXPECT_NE(report.conditions[0].message.find("dahdi (not-found)"), std::string::npos);
}

// The end of a switchover, or a takeover: nobody did it by hand.
TEST_F(ServicesConditionsTest, WhatTandemIsAboutToStartWasNotStoppedByHand) {
  node.stand_by();
  EXPECT_EQ(stopped().status, Truth::yes);
  const Report report = node.look(goal_of(Role::primary, Stance::serving));
  for (const Condition& condition : report.conditions)
    if (condition.type == "StoppedByHand") {
      EXPECT_EQ(condition.status, Truth::no);
      EXPECT_EQ(condition.reason, "TandemStarts");
    }
}

// Every look of a node whose Asterisk is silent asks; the ban list never sees five in five seconds.
TEST_F(ServicesConditionsTest, NeverAskMoreThanTheBanListAllows) {
  node.answers = false;
  node.start();
  std::vector<Instant> sent;
  for (int i = 0; i < 40; ++i) {
    node.datagrams.journal.clear();
    const Instant begin = node.clock.now();
    run(reconcile(*node.services, goal_of(Role::primary), Permission::observe_only("a test")));
    for (const auto& request : node.datagrams.journal) {
      sent.push_back(begin);
      for (const auto later : request.again) sent.push_back(begin + later);
    }
    node.clock.advance(std::chrono::milliseconds{100});
  }
  ASSERT_GE(sent.size(), 8U);
  for (std::size_t i = 0; i + Sip::kDatagramsMax < sent.size(); ++i)
    EXPECT_GE(sent[i + Sip::kDatagramsMax] - sent[i], Sip::kWindow) << i;
}

}  // namespace
}  // namespace tandem

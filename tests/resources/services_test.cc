// The services where the stance decides: what is run, and when it counts as done.
#include "resources/services.h"

#include <gtest/gtest.h>

#include "tests/resources/services_world.h"

namespace tandem {
namespace {

using namespace services_world;
using Lines = std::vector<std::string>;

const Goal kServing = goal_of(Role::secondary, Stance::serving);
const Goal kStandingBy = goal_of(Role::secondary, Stance::standing_by);

class ServicesTest : public testing::Test {
 protected:
  Telephony node;
};

TEST_F(ServicesTest, NeverChangeAnythingAsLongAsNothingIsDecided) {
  for (const Role role : {Role::off, Role::primary, Role::secondary})
    for (const bool serves : {true, false}) {
      serves ? node.serve() : node.stand_by();
      node.units.set("asterisk.service", fakes::failed_unit());
      node.rules = kRule;
      const Report report = node.pass(goal_of(role));
      EXPECT_EQ(report.outcome, Outcome::in_sync);
      EXPECT_EQ(report.drift, std::vector<Change>{});
    }
  EXPECT_EQ(node.changes(), Lines{});
  EXPECT_EQ(node.files.journal, Lines{});
}

TEST_F(ServicesTest, ServeByTheVendorsCommand) {
  node.stand_by();
  const Report report = node.pass(kServing);
  EXPECT_EQ(report.outcome, Outcome::repaired) << (report.error ? report.error->message : "");
  EXPECT_TRUE(node.serves());
  EXPECT_EQ(node.changes(), Lines{kManage + " start"});
  ASSERT_FALSE(report.done.empty());
  EXPECT_EQ(report.done[0].from, "0 of 10 telephony units active, disabled");
  EXPECT_EQ(report.done[0].reach, Reach::telephony);
}

TEST_F(ServicesTest, StandByByTheVendorsCommand) {
  const Report report = node.pass(kStandingBy);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_TRUE(node.stands_by());
  EXPECT_EQ(node.changes(), Lines{kManage + " stop"});
}

TEST_F(ServicesTest, HasNothingToDoTheSecondTime) {
  node.stand_by();
  for (const Goal& goal : {kServing, kStandingBy}) {
    EXPECT_EQ(node.pass(goal).outcome, Outcome::repaired);
    node.commands.journal.clear();
    EXPECT_EQ(node.pass(goal).outcome, Outcome::in_sync);
    EXPECT_EQ(node.changes(), Lines{});
  }
}

TEST_F(ServicesTest, GiveTheCommandAJobThatOutlivesTheOperator) {
  node.stand_by();
  node.pass(kServing);
  const auto& commands = node.commands.commands;
  const auto manage = std::find_if(commands.begin(), commands.end(),
                                   [](const Command& c) { return c.argv.front() == kManage; });
  ASSERT_NE(manage, commands.end());
  EXPECT_EQ(manage->job, Services::kJob);
  EXPECT_EQ(manage->deadline, kServing.activation_timeout);
}

// A start that is killed in the middle leaves some units up; the next pass finishes it.
TEST_F(ServicesTest, FinishWhatWasBegun) {
  node.stand_by();
  node.files.files.erase(kMarker);
  for (const char* unit : {"wazo-dxtora.service", "wazo-provd.service", "asterisk.service"})
    node.units.set(unit, fakes::running_unit());
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::repaired);
  EXPECT_TRUE(node.serves());
}

// The vendor's start returns at once where all units are active, whatever else is amiss.
TEST_F(ServicesTest, MendAPartByTheCommandForIt) {
  node.files.files[kMarker] = "";
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::repaired);
  EXPECT_EQ(node.changes(), Lines{kService + " enable"});
  node.commands.journal.clear();

  node.units.units["monit.service"].file = "disabled";
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::repaired);
  EXPECT_EQ(node.changes(), Lines{kService + " enable"});
  node.commands.journal.clear();

  node.rules = kRule;
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::repaired);
  EXPECT_EQ(node.changes(), Lines{kService + " start"});
  EXPECT_TRUE(node.serves());
}

// "Started" by the vendor's word and systemd's; calls are possible once Asterisk answers.
TEST_F(ServicesTest, ServeOnlyOnceAsteriskHasAnswered) {
  node.stand_by();
  node.answers = false;
  const Report silent = node.pass(kServing);
  EXPECT_EQ(silent.outcome, Outcome::failed);
  EXPECT_NE(silent.error->message.find("own SIP"), std::string::npos) << silent.error->message;
  EXPECT_TRUE(node.serves()) << "the vendor's part of it is done";
  node.answers = true;
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::in_sync);
  EXPECT_EQ(node.changes(), Lines{kManage + " start"}) << "nothing is started a second time";
}

TEST_F(ServicesTest, WaitForAnAsteriskThatLoads) {
  node.looks_until_answer = 1;
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::repaired);
  EXPECT_EQ(node.changes(), Lines{});
  const auto& last = node.datagrams.journal;
  EXPECT_TRUE(std::any_of(last.begin(), last.end(), [](const DatagramRequest& request) {
    return request.deadline == Services::kAnswerLimit && request.outlasts_refusal;
  }));
}

TEST_F(ServicesTest, TellWhatTheCommandSaidWhereItHadNoEffect) {
  node.stand_by();
  node.breaks = "wazo-amid.service";
  const Report report = node.pass(kServing);
  ASSERT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error->fault, Fault::unavailable);
  EXPECT_NE(report.error->message.find("ended with status 1"), std::string::npos);
  EXPECT_NE(report.error->message.find("failed to start wazo-amid.service"), std::string::npos);
}

// A status other than 0 says little: what counts is how the node is.
TEST_F(ServicesTest, JudgeByTheEffectAndNotByTheStatus) {
  node.stand_by();
  auto manage = node.commands.programs[kManage];
  node.commands.programs[kManage] = [&](const Command& command) {
    (void)manage(command);
    return fakes::exits(3, "", "agents could not be logged in\n");
  };
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::repaired);

  node.stand_by();
  node.commands.programs[kManage] = [](const Command&) { return fakes::exits(0); };
  const Report report = node.pass(kServing);
  EXPECT_EQ(report.outcome, Outcome::failed) << "it ended with 0 and did nothing";
}

// Units that fail send signals, and each would have the command given again at once.
TEST_F(ServicesTest, PauseBeforeAFailedCommandIsGivenAgain) {
  node.stand_by();
  node.breaks = "wazo-amid.service";
  node.pass(kServing);
  const auto runs = node.changes().size();
  for (int i = 0; i < 5; ++i)
    run(reconcile(*node.services, kServing, Permission::up_to(Reach::telephony)));
  EXPECT_EQ(node.changes().size(), runs);
  node.breaks.clear();
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::repaired) << "31 s later";
}

TEST_F(ServicesTest, GoByAsteriskAloneWhereSystemdCanNotBeAsked) {
  node.units.lose_bus();
  EXPECT_EQ(node.pass(kServing).outcome, Outcome::in_sync);
  node.answers = false;
  node.pass(kServing);
  EXPECT_EQ(node.changes(), Lines{kManage + " start"}) << "silence: better started twice than not";
}

TEST_F(ServicesTest, RunWhatIsDeclaredInThePlaceOfTheVendorsCommands) {
  Goal goal = kServing;
  goal.services.emplace();
  goal.services->activate = {"/opt/activate", "--token=secret"};
  goal.services->units = {"asterisk.service"};
  node.stand_by();
  node.commands.programs["/opt/activate"] = [](const Command&) {
    return fakes::exits(2, "", "secret\n");
  };
  const Report report = node.pass(goal);
  EXPECT_EQ(node.changes(), Lines{"/opt/activate --token=secret"});
  EXPECT_EQ(report.error->message.find("secret"), std::string::npos) << report.error->message;
  for (const Change& change : report.drift)
    EXPECT_EQ(change.disturbs.find("secret"), std::string::npos);
}

TEST_F(ServicesTest, DoNotWaitForUnitsThatAXivoDoesNotHave) {
  Goal goal = kServing;
  goal.product = Product::xivo;
  node.units.units.erase("wazo-agid.service");
  const Report report = node.pass(goal);
  EXPECT_EQ(report.outcome, Outcome::in_sync) << (report.error ? report.error->message : "");
}

// Killed before and after each call, a new operator makes it right, and telephony is never told to
// stop on the way to serving.
TEST_F(ServicesTest, ConvergeAfterEveryCut) {
  for (const Goal& goal : {kServing, kStandingBy}) {
    const bool serving = goal.stance == Stance::serving;
    const int cuts = fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
      Telephony killed;
      serving ? killed.stand_by() : killed.serve();
      KilledProcess programs(killed.commands, guillotine);
      killed.start(&programs);
      try {
        killed.pass(goal);
      } catch (const fakes::Killed&) {
      }
      killed.start();
      const Report after = killed.pass(goal);
      EXPECT_TRUE(after.outcome == Outcome::in_sync || after.outcome == Outcome::repaired)
          << guillotine.where() << ": " << (after.error ? after.error->message : "");
      EXPECT_TRUE(serving ? killed.serves() : killed.stands_by()) << guillotine.where();
      for (const auto& line : killed.changes())
        EXPECT_EQ(line, kManage + (serving ? " start" : " stop"));
      EXPECT_EQ(killed.pass(goal).outcome, Outcome::in_sync) << guillotine.where();
    });
    EXPECT_TRUE(fakes::is_enough(cuts, 2)) << cuts;
  }
}

TEST_F(ServicesTest, PassOnWhatThePortsSay) {
  node.files.errors[kMarker] = Error{Fault::denied, "no looking"};
  EXPECT_NE(node.pass(kServing).error->message.find("no looking"), std::string::npos);
  node.files.errors.clear();
  node.stand_by();
  node.commands.errors[kManage] = Error{Fault::not_found, "no such program"};
  const Report report = node.pass(kServing);
  EXPECT_EQ(report.error->fault, Fault::not_found);
  EXPECT_NE(report.error->message.find(kManage), std::string::npos);
}

TEST_F(ServicesTest, WatchTheMarkerAndEveryUnit) {
  EXPECT_EQ(Services::watched(kServing), std::set<std::string>{kMarker});
  const auto units = Services::watched_units(kServing);
  EXPECT_EQ(units.size(), 22U);
  EXPECT_TRUE(units.contains("asterisk.service") && units.contains("monit.service"));
}

}  // namespace
}  // namespace tandem

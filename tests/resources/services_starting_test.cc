// The services where the vendor's command does not make the node serve: what calls need, one by
// one.
#include <gtest/gtest.h>

#include "tests/resources/services_world.h"

namespace tandem {
namespace {

using namespace services_world;
using Lines = std::vector<std::string>;

const std::string kConfgen = "/usr/bin/wazo-confgen";
const std::string kSystemctl = "/usr/bin/systemctl";

Goal by_parts() {
  Goal goal = goal_of(Role::secondary, Stance::serving);
  goal.by_parts = true;
  return goal;
}

class ServicesStartingTest : public testing::Test {
 protected:
  ServicesStartingTest() {
    node.stand_by();
    node.commands.programs[kConfgen] = [](const Command&) { return fakes::exits(0); };
    node.commands.programs[kSystemctl] = [this](const Command& c) { return start(c.argv.at(2)); };
    const auto list = node.commands.programs[kIptables];
    node.commands.programs[kIptables] = [this, list](const Command& c) {
      if (c.argv.at(3) != "-D") return list(c);
      node.rules.erase(0, node.rules.find('\n') + 1);
      return Result<CommandOutcome>(fakes::exits(0));
    };
  }

  Result<CommandOutcome> start(const std::string& unit) {
    if (unit == node.breaks) return fakes::exits(1, "", "Job for " + unit + " failed.\n");
    node.units.set(unit, fakes::running_unit());
    return fakes::exits(0);
  }

  bool up(const std::string& unit) { return services::is_up(node.units.units[unit]); }

  Telephony node;
};

TEST_F(ServicesStartingTest, StartsWhatCallsNeedOneByOne) {
  node.rules = kRule + kRule;  // two stops that were cut
  const Report report = node.pass(by_parts());
  EXPECT_EQ(node.changes(), (Lines{kConfgen + " asterisk/pjsip.conf --invalidate",
                                   kSystemctl + " start wazo-agid.service",
                                   kSystemctl + " start asterisk.service"}));
  EXPECT_TRUE(up("asterisk.service"));
  EXPECT_EQ(node.rules, "") << "SIP is let in";
  EXPECT_FALSE(node.files.files.contains(kMarker)) << "it comes up again after a reboot";
  EXPECT_EQ(report.done.at(0).to, "serving");
}

TEST_F(ServicesStartingTest, GoesOnWhateverElseFails) {
  node.breaks = "wazo-agid.service";
  node.commands.programs.erase(kConfgen);
  node.pass(by_parts());
  EXPECT_TRUE(up("asterisk.service"));
  EXPECT_FALSE(up("wazo-agid.service"));
  EXPECT_EQ(node.rules, "");
}

// Once SIP answers, the vendor's command is asked for the rest: it does no harm, and calls go on.
TEST_F(ServicesStartingTest, LeavesTheRestToTheVendorsCommandOnceSipAnswers) {
  node.pass(by_parts());
  node.commands.journal.clear();
  node.pass(by_parts());
  EXPECT_EQ(node.changes(), Lines{kManage + " start"});
  EXPECT_TRUE(node.serves());
}

TEST_F(ServicesStartingTest, RestartsAnAsteriskThatRunsAndDoesNotAnswerButNotAllTheTime) {
  node.serve();
  node.answers = false;
  const auto restarts = [&] {
    const auto done = node.changes();
    return std::count(done.begin(), done.end(), kSystemctl + " restart asterisk.service");
  };
  node.pass(by_parts());
  node.pass(by_parts());
  EXPECT_EQ(restarts(), 1);
  node.clock.advance(Services::kRestartPause);
  node.pass(by_parts());
  EXPECT_EQ(restarts(), 2);
}

// The vendor's start goes through its units in their order, and waits for each: one that hangs must
// not keep the telephones dead.
TEST_F(ServicesStartingTest, DoesNotWaitForACommandThatDoesNotComeToAsterisk) {
  node.commands.durations[kManage] = std::chrono::minutes{9};
  node.pass(goal_of(Role::secondary, Stance::serving));
  const auto done = node.changes();
  EXPECT_EQ(done.front(), kManage + " start");
  EXPECT_EQ(std::count(done.begin(), done.end(), kSystemctl + " start asterisk.service"), 1);
  EXPECT_EQ(std::count(done.begin(), done.end(), kManage + " start"), 1);
}

TEST_F(ServicesStartingTest, LeavesACommandAloneThatCameToAsterisk) {
  node.commands.durations[kManage] = std::chrono::minutes{2};
  UnitState starting = fakes::stopped_unit();
  starting.job = "start";
  node.units.set("asterisk.service", starting);
  node.pass(goal_of(Role::secondary, Stance::serving));
  EXPECT_EQ(node.changes(), Lines{kManage + " start"});
}

class OwnServicesTest : public ServicesStartingTest {
 protected:
  OwnServices look(Goal goal = goal_of(Role::secondary)) {
    OwnServices told;
    node.sip = std::make_unique<Sip>(node.datagrams, node.clock);
    Services services({node.units, node.files, node.commands, node.activity, *node.sip, node.clock},
                      [&](const OwnServices& own) { told = own; });
    run(reconcile(services, goal, Permission::observe_only("a test")));
    return told;
  }
};

TEST_F(OwnServicesTest, TellWhatTheDecisionGoesBy) {
  EXPECT_TRUE(look().all_down);
  node.serve();
  EXPECT_TRUE(look().sip_unit_up);
  EXPECT_FALSE(look().all_down);
  node.units.set("postgresql.service", fakes::failed_unit());
  EXPECT_EQ(look().impaired, Lines{"postgresql.service"});
  node.units.error = Error{Fault::unavailable, "no bus"};
  EXPECT_FALSE(look().known);
}

TEST_F(OwnServicesTest, TellForWhatTheyWereLookedAtAndWhetherTheyAreDisabled) {
  const Goal serves = goal_of(Role::primary, Stance::serving);
  EXPECT_EQ(look(serves).looked_for, Stance::serving);
  EXPECT_TRUE(look(serves).disabled);
  node.serve();
  EXPECT_FALSE(look(serves).disabled);
  node.activity.programs = {kService};
  EXPECT_EQ(look(serves).looked_for, Stance::as_is) << "a stop may still be under way";
}

// How long the other node waits for us goes by this.
TEST_F(OwnServicesTest, TellAFailureFromARestart) {
  node.serve();
  node.units.set("asterisk.service", fakes::failed_unit());
  EXPECT_EQ(look().trouble, ServiceTrouble::unknown) << "monit is there, and will start it";
  node.units.set(node.groups.guard, fakes::stopped_unit());
  EXPECT_EQ(look().trouble, ServiceTrouble::failed);
  node.activity.programs = {kService};
  EXPECT_EQ(look().trouble, ServiceTrouble::restarting) << "a command of the vendor's runs";
  node.activity.programs.clear();
  node.rules = kRule;
  EXPECT_EQ(look().trouble, ServiceTrouble::restarting) << "its stop has closed the port";
}

TEST_F(OwnServicesTest, CountTheCallsWhereAFailbackWaitsForThem) {
  node.serve();
  node.commands.programs["/usr/sbin/asterisk"] = [](const Command&) {
    return fakes::exits(0, "3 active channels\n1 active call\n12 calls processed\n");
  };
  EXPECT_EQ(look().calls, std::nullopt) << "nobody asked for it";
  Goal goal = goal_of(Role::secondary);
  goal.count_calls = true;
  EXPECT_EQ(look(goal).calls, 3);
  EXPECT_EQ(look(goal).calls_at, node.clock.now());
  node.commands.programs["/usr/sbin/asterisk"] = [](const Command&) {
    return fakes::exits(0, "Unable to connect to remote asterisk\n");
  };
  EXPECT_EQ(look(goal).calls, std::nullopt);
  EXPECT_EQ(look(goal).calls_at, std::nullopt);
}

// ---- spec.failover.localRestarts, on the primary

class LocalRestartsTest : public ServicesStartingTest {
 protected:
  LocalRestartsTest() {
    node.serve();
    goal.local_restarts = 2;
  }
  std::ptrdiff_t restarts() const {
    const auto done = node.changes();
    return std::count_if(done.begin(), done.end(), [](const std::string& line) {
      return line.starts_with(kSystemctl + " restart");
    });
  }

  Goal goal = goal_of(Role::primary);
};

TEST_F(LocalRestartsTest, RestartWhatFailed) {
  node.units.set("wazo-agid.service", fakes::failed_unit());
  EXPECT_EQ(node.pass(goal).outcome, Outcome::repaired);
  EXPECT_EQ(node.changes(), Lines{kSystemctl + " restart wazo-agid.service"});
  goal.local_restarts = 0;
  node.units.set("wazo-agid.service", fakes::failed_unit());
  EXPECT_EQ(node.pass(goal).outcome, Outcome::in_sync);
  EXPECT_EQ(restarts(), 1) << "by default it is monit's work";
}

TEST_F(LocalRestartsTest, LeaveWhatSomebodyStopped) {
  node.units.set("asterisk.service", fakes::stopped_unit());
  node.pass(goal);
  node.pass(goal);
  EXPECT_EQ(restarts(), 0);
}

TEST_F(LocalRestartsTest, LeaveTheSecondaryAndADisabledNodeAlone) {
  node.units.set("wazo-agid.service", fakes::failed_unit());
  Goal secondary = goal_of(Role::secondary);
  secondary.local_restarts = 2;
  node.pass(secondary);
  node.files.files[kMarker] = "";
  node.pass(goal);
  EXPECT_EQ(restarts(), 0);
}

TEST_F(LocalRestartsTest, RestartAnAsteriskThatIsSilentForAWhileAndNotMoreOftenThanDeclared) {
  node.answers = false;
  node.pass(goal);
  EXPECT_EQ(restarts(), 0) << "it may be a moment only";
  for (int i = 0; i < 10; ++i) node.pass(goal);
  EXPECT_EQ(restarts(), 2);
  node.clock.advance(std::chrono::hours{1});
  node.pass(goal);
  EXPECT_EQ(restarts(), 3);
}

}  // namespace
}  // namespace tandem

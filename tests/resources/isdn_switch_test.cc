#include "resources/isdn_switch.h"

#include <gtest/gtest.h>

#include "reconciler/reconcile.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/fake_units.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::exits;
using std::chrono::minutes;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

constexpr const char* kBnfos = "/usr/bin/bnfos";
constexpr const char* kReader = "/usr/local/bin/read-relay";
constexpr const char* kConf = "/etc/bnfos.conf";
constexpr const char* kMarker = "/var/lib/xivo/disabled";
constexpr const char* kMemory = "/var/lib/tandem/isdn-switch";

class IsdnSwitchTest : public testing::Test {
 protected:
  IsdnSwitchTest() {
    disk_.files[kConf] =
        "[fos1]\nhost = 10.0.0.50\nlogin = admin:s3cret\n[fos2]\nhost = 10.0.0.51\n";
    goal_.product = Product::xivo;
    goal_.role = Role::secondary;
    goal_.isdn_switch.emplace();
    goal_.isdn_switch->driver = "berofos";
    commands_.programs[kBnfos] = [this](const Command& command) -> Result<CommandOutcome> {
      const std::string device = command.argv.at(4);
      if (lost_.contains(device)) return exits(1, "", "admin:s3cret refused");
      relays_[device] = command.argv.at(2);
      return exits(0);
    };
    commands_.programs[kReader] = [this](const Command& command) -> Result<CommandOutcome> {
      return exits(0, relays_[command.argv.at(1)] + "\n");
    };
    stand_by();
    restart();
  }

  void stand_by() {
    disk_.files[kMarker] = "";
    units_.units["asterisk.service"] = fakes::stopped_unit();
  }
  void serve() {
    disk_.files.erase(kMarker);
    units_.units["asterisk.service"] = fakes::running_unit();
  }
  void declare_reading() { goal_.isdn_switch->read_command = {kReader, "{device}"}; }
  void pass_time(std::chrono::seconds time) {
    clock_.time += time;
    clock_.wall_time += time;
  }

  Report pass() { return run(reconcile(*isdn_, goal_, Permission::up_to(Reach::telephony))); }
  Report look() { return run(reconcile(*isdn_, goal_, Permission::observe_only("shown only"))); }
  void restart() { isdn_.emplace(disk_, commands_, units_, memory_, clock_); }

  static Condition told(const Report& report, const std::string& type = "IsdnSwitchFollows") {
    for (const Condition& condition : report.conditions)
      if (condition.type == type) return condition;
    return {};
  }
  static std::string reason(const Report& report) { return told(report).reason; }

  fakes::MemoryFilesystem disk_, state_;
  fakes::FakeClock clock_;
  fakes::FakeProcess commands_;
  fakes::FakeUnits units_;
  RelayMemory memory_{state_, kMemory};
  std::optional<IsdnSwitches> isdn_;
  std::set<std::string> lost_;
  std::map<std::string, std::string> relays_;
  Goal goal_;
};

TEST_F(IsdnSwitchTest, GivesTheLinesToTheNodeThatServes) {
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(commands_.journal,
            (Lines{"/usr/bin/bnfos --set mode=1 -f fos1", "/usr/bin/bnfos --set mode=1 -f fos2"}));
  pass_time(minutes{2});
  serve();
  const Report taken = pass();
  EXPECT_EQ(taken.outcome, Outcome::repaired);
  ASSERT_EQ(taken.done.size(), 2U);
  EXPECT_EQ(taken.done[0].from, "the primary (A to B)");
  EXPECT_EQ(taken.done[0].to, "the secondary (A to D)");
  EXPECT_EQ(taken.done[0].disturbs, "ISDN calls through it are cut");
  EXPECT_EQ(relays_["fos1"], "mode=0");
  EXPECT_EQ(reason(taken), "Follows");
}

TEST_F(IsdnSwitchTest, HasNothingToDoTheSecondTime) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  commands_.journal.clear();
  state_.journal.clear();
  for (int look = 0; look < 5; ++look) {
    pass_time(minutes{5});
    EXPECT_EQ(pass().outcome, Outcome::in_sync);
  }
  restart();
  EXPECT_EQ(pass().outcome, Outcome::in_sync) << "what was set is remembered";
  EXPECT_EQ(commands_.journal, Lines{});
  EXPECT_EQ(state_.journal, Lines{});
}

TEST_F(IsdnSwitchTest, IsNoMatterWhereItIsNotDeclaredOrThisIsNoSecondary) {
  goal_.role = Role::primary;
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  goal_.role = Role::off;
  EXPECT_TRUE(pass().conditions.empty());
  goal_.role = Role::secondary;
  goal_.isdn_switch.reset();
  EXPECT_TRUE(pass().conditions.empty());
  EXPECT_EQ(commands_.journal, Lines{});
  EXPECT_TRUE(IsdnSwitches::watched(goal_).empty());
}

TEST_F(IsdnSwitchTest, StaysWhereItIsWhileItIsNotKnownWhoServes) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  pass_time(minutes{5});
  commands_.journal.clear();
  disk_.files.erase(kMarker);  // telephony is about to start
  EXPECT_EQ(reason(pass()), "ServingUnknown");
  EXPECT_EQ(told(pass()).status, Truth::unknown);
  serve();
  units_.units["asterisk.service"].job = "stop";
  EXPECT_EQ(reason(pass()), "ServingUnknown");
  units_.lose_bus();
  const Report blind = pass();
  EXPECT_EQ(reason(blind), "ServingUnknown");
  EXPECT_EQ(blind.outcome, Outcome::failed) << "what could not be looked at is not in order";
  EXPECT_NE(told(blind).message.find("dbus.service"), std::string::npos) << told(blind).message;
  units_.find_bus();
  disk_.errors[kMarker] = Error{Fault::denied, "no looking"};
  EXPECT_EQ(reason(pass()), "ServingUnknown");
  EXPECT_EQ(commands_.journal, Lines{});
  disk_.errors.clear();
  serve();
  EXPECT_EQ(pass().outcome, Outcome::repaired) << "once it is known again";
}

// What was decided needs no guess, and no bus.
TEST_F(IsdnSwitchTest, FollowsADecidedStance) {
  units_.lose_bus();
  goal_.stance = Stance::serving;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(relays_["fos1"], "mode=0");
  pass_time(minutes{2});
  goal_.stance = Stance::standing_by;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(relays_["fos1"], "mode=1");
}

TEST_F(IsdnSwitchTest, IsLeftAloneForTheDwellTime) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  commands_.journal.clear();
  serve();
  pass_time(seconds{20});
  const Report report = pass();
  EXPECT_EQ(reason(report), "Dwells");
  EXPECT_NE(told(report).message.find("for 40 s more"), std::string::npos) << told(report).message;
  restart();
  EXPECT_EQ(reason(pass()), "Dwells") << "a restart does not shorten it";
  pass_time(seconds{39});
  EXPECT_EQ(reason(pass()), "Dwells");
  EXPECT_EQ(commands_.journal, Lines{});
  pass_time(seconds{1});
  EXPECT_EQ(pass().outcome, Outcome::repaired);
}

TEST_F(IsdnSwitchTest, DwellsByTheClockThatDoesNotJump) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  serve();
  clock_.wall_time += std::chrono::hours{5};
  EXPECT_EQ(reason(pass()), "Dwells");
  clock_.wall_time -= std::chrono::hours{10};
  clock_.time += minutes{2};
  EXPECT_EQ(pass().outcome, Outcome::repaired);
}

TEST_F(IsdnSwitchTest, SaysWhichIsOutOfReachSetsTheOthersAndTriesAgain) {
  lost_ = {"fos1"};
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error->fault, Fault::unavailable);
  EXPECT_EQ(reason(report), "Unreachable");
  EXPECT_NE(told(report).message.find("fos1 at 10.0.0.50"), std::string::npos);
  EXPECT_NE(told(report).message.find("bnfos --set mode=1 -f fos1"), std::string::npos);
  EXPECT_EQ(relays_["fos2"], "mode=1");
  for (const std::string& text : {report.error->message, told(report).message})
    EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
  lost_.clear();
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(reason(pass()), "Follows");
}

TEST_F(IsdnSwitchTest, SaysWhatToInstallAndWhatToScan) {
  commands_.programs.erase(kBnfos);
  const Report report = pass();
  EXPECT_EQ(report.error->fault, Fault::not_found);
  EXPECT_NE(report.error->message.find("apt-get install bntools"), std::string::npos);
  disk_.files.erase(kConf);
  EXPECT_EQ(reason(pass()), "NoDevice");
  EXPECT_NE(told(pass()).message.find("bnfos --scan -x"), std::string::npos);
  disk_.files[kConf] = "login = admin:s3cret\n[fos1\n";
  const Report broken = pass();
  EXPECT_EQ(broken.error->message, "/etc/bnfos.conf: line 2: a section must end with ]");
}

TEST_F(IsdnSwitchTest, KeepsToTheReadingWhereOneIsDeclared) {
  declare_reading();
  relays_ = {{"fos1", "mode=0"}, {"fos2", "mode=1"}};
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(relays_["fos1"], "mode=1");
  EXPECT_EQ(commands_.commands.back().argv, (Lines{kReader, "fos2"}));
  EXPECT_NE(told(pass()).message.find("as read"), std::string::npos);
}

TEST_F(IsdnSwitchTest, SaysThatAPositionCanNotBeReadAndDoesNotSetItAgain) {
  declare_reading();
  relays_ = {{"fos1", "mode=0"}, {"fos2", "mode=0"}};
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  pass_time(minutes{5});
  commands_.errors[kReader] = Error{Fault::timed_out, "too slow"};
  const auto runs = commands_.journal.size();
  const Report report = pass();
  EXPECT_EQ(reason(report), "NotReadable");
  EXPECT_EQ(report.outcome, Outcome::failed) << "where the lines go is not known";
  EXPECT_EQ(commands_.journal.size(), runs + 2) << "two readings, no setting";
  commands_.errors.clear();
  commands_.programs[kReader] = [](const Command&) { return exits(0, "perhaps"); };
  EXPECT_EQ(reason(pass()), "NotReadable");
  commands_.programs[kReader] = [](const Command&) { return exits(3, "1"); };
  EXPECT_EQ(reason(pass()), "NotReadable");
}

TEST_F(IsdnSwitchTest, NeverSwitchesOnAnUnknownReading) {
  declare_reading();
  commands_.programs[kReader] = [](const Command&) { return exits(0, "banana"); };
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(reason(report), "NotReadable");
  EXPECT_TRUE(report.done.empty());
  EXPECT_TRUE(relays_.empty() || relays_["fos1"].empty()) << "nobody knows what it would cut";
}

TEST_F(IsdnSwitchTest, NamesASecondWriterOnceItHasUndoneUsTwice) {
  declare_reading();
  relays_ = {{"fos1", "mode=0"}, {"fos2", "mode=0"}};
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  for (int undone = 1; undone <= 2; ++undone) {
    EXPECT_EQ(told(pass(), "IsdnSecondWriter").status, Truth::no);
    relays_["fos2"] = "mode=0";
    EXPECT_EQ(reason(pass()), "Dwells");
    EXPECT_EQ(reason(pass()), "Dwells") << "looked at again, it counts once";
    pass_time(minutes{2});
    EXPECT_EQ(pass().outcome, Outcome::repaired);
  }
  const Condition second = told(pass(), "IsdnSecondWriter");
  EXPECT_EQ(second.status, Truth::yes);
  EXPECT_FALSE(second.good_when_true);
  EXPECT_EQ(second.reason, "SetByOthers");
  EXPECT_NE(second.message.find("fos2"), std::string::npos);
  pass_time(minutes{61});
  EXPECT_EQ(told(pass(), "IsdnSecondWriter").status, Truth::no) << "it has stopped";
}

TEST_F(IsdnSwitchTest, ChangesNothingInADryRun) {
  EXPECT_EQ(look().drift.size(), 2U);
  EXPECT_EQ(look().drift[0].reach, Reach::telephony);
  EXPECT_EQ(commands_.journal, Lines{});
  EXPECT_TRUE(state_.files.empty());
}

// The relay is set before it is remembered: a stop in between sets it once more, to the same.
TEST_F(IsdnSwitchTest, RecoversFromAStopAfterAnyStep) {
  for (const int runs : {0, 1, 2}) {
    state_.files.clear();
    relays_.clear();
    commands_.runs_left = runs;
    restart();
    EXPECT_EQ(pass().outcome == Outcome::repaired, runs == 2);
    commands_.runs_left = 1000;
    restart();
    pass_time(minutes{2});
    pass();
    EXPECT_EQ(relays_,
              (std::map<std::string, std::string>{{"fos1", "mode=1"}, {"fos2", "mode=1"}}));
    EXPECT_EQ(pass().outcome, Outcome::in_sync);
  }
}

TEST_F(IsdnSwitchTest, SaysThatTheMemoryCanNotBeWrittenAndFollowsAllTheSame) {
  state_.change_errors[kMemory] = Error{Fault::unavailable, "no space left on device"};
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_NE(report.error->message.find("no space left"), std::string::npos);
  EXPECT_EQ(reason(report), "Follows");
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  state_.change_errors.clear();
  restart();
  EXPECT_EQ(pass().outcome, Outcome::repaired) << "unknown after a restart, set once more";
}

TEST_F(IsdnSwitchTest, TakesADamagedMemoryForNone) {
  state_.files[kMemory] = "fos1 primary 1700000000\nfos2 elsewhere 1\nfos3\n\xFF\n";
  commands_.journal.clear();
  pass();
  EXPECT_EQ(commands_.journal, Lines{"/usr/bin/bnfos --set mode=1 -f fos2"});
  state_.errors[kMemory] = Error{Fault::denied, "no looking"};
  EXPECT_EQ(pass().error->fault, Fault::denied);
}

}  // namespace
}  // namespace tandem

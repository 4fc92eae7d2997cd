// A command of the vendor's that hangs: it keeps nothing else waiting, and never meets its
// contrary.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "ports/spawn.h"
#include "tests/resources/services_world.h"

namespace tandem {
namespace {

using namespace services_world;
using std::chrono::minutes;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

const std::string kSystemctl = "/usr/bin/systemctl";
const std::string kStart = kManage + " start";
const std::string kStop = kManage + " stop";
const std::string kStartAsterisk = kSystemctl + " start asterisk.service";

// A pass at a time, as the loop has them, on one io_context: what is under way goes on after it.
class ServicesHangTest : public testing::Test {
 protected:
  ServicesHangTest() {
    node.stand_by();
    node.start();
    node.commands.programs["/usr/bin/wazo-confgen"] = [](const Command&) {
      return fakes::exits(0);
    };
    node.commands.programs[kSystemctl] = [this](const Command& c) {
      if (!can_start) return Result<CommandOutcome>(fakes::exits(1));
      node.units.set(c.argv.at(2), fakes::running_unit());
      node.rules.clear();
      return Result<CommandOutcome>(fakes::exits(0));
    };
  }

  static Goal goal_with(Stance stance, bool by_parts = false) {
    Goal goal = goal_of(Role::secondary, stance);
    goal.by_parts = by_parts;
    return goal;
  }
  // The loop turns to another goal, also where a pass is under way.
  void turn_to(const Goal& goal) {
    node.services->heed(goal);
    goals_.push_back(std::make_unique<Goal>(goal));
  }
  void begin_pass() {
    spawn(io_.get_executor(), pass_to_end(*goals_.back()),
          [](const std::string& why) { FAIL() << why; });
  }
  Report pass() {
    node.clock.advance(seconds{31});
    return run(io_, reconcile(*node.services, *goals_.back(), Permission::up_to(Reach::telephony)));
  }
  void wait(seconds time) { run(io_, pause(time)); }
  std::ptrdiff_t count(const std::string& line) const {
    const auto done = node.changes();
    return std::count(done.begin(), done.end(), line);
  }
  std::ptrdiff_t place(const std::string& line) const {
    const auto done = node.changes();
    return std::find(done.begin(), done.end(), line) - done.begin();
  }

  Telephony node;
  bool can_start = true;
  std::optional<Report> ended;  // of the pass that was begun

 private:
  Task<void> pass_to_end(const Goal& goal) {
    ended.reset();
    auto permission = Permission::up_to(Reach::telephony);
    ended = co_await reconcile(*node.services, goal, std::move(permission));
  }
  Task<void> pause(seconds time) {
    const auto signal = node.clock.make_signal();
    co_await node.clock.wait(*signal, node.clock.now() + time);
  }

  boost::asio::io_context io_;
  std::vector<std::unique_ptr<Goal>> goals_;
};

TEST_F(ServicesHangTest, StartsByPartsBesideAStartThatHangs) {
  node.commands.durations[kManage] = std::chrono::hours{1};
  can_start = false;
  turn_to(goal_with(Stance::serving));
  begin_pass();
  wait(minutes{1});
  EXPECT_FALSE(ended) << "it waits for the vendor's command";
  EXPECT_EQ(count(kStartAsterisk), 1) << "and has tried to help it once";
  can_start = true;
  turn_to(goal_with(Stance::serving, true));
  wait(seconds{1});
  ASSERT_TRUE(ended) << "the next attempt does not wait for it";
  pass();
  EXPECT_EQ(count(kStartAsterisk), 2);
  EXPECT_TRUE(services::is_up(node.units.units["asterisk.service"]));
  EXPECT_EQ(count("end " + kStart), 0) << "it may go on";
  turn_to(goal_with(Stance::serving));
  begin_pass();
  wait(seconds{5});
  EXPECT_EQ(count(kStart), 1) << "and is not begun a second time";
}

TEST_F(ServicesHangTest, GivesAStartTheTimeOfAnActivation) {
  node.commands.durations[kManage] = std::chrono::hours{1};
  Goal goal = goal_with(Stance::serving);
  goal.activation_timeout = minutes{2};
  turn_to(goal);
  begin_pass();
  wait(minutes{2} + seconds{60});
  EXPECT_TRUE(ended);
  EXPECT_EQ(node.commands.commands.front().deadline, minutes{2});
}

TEST_F(ServicesHangTest, EndsAStopThatHangsBeforeAnythingIsStarted) {
  node.serve();
  node.commands.durations[kManage] = std::chrono::hours{1};
  Goal stop = goal_with(Stance::standing_by);
  turn_to(stop);
  begin_pass();
  wait(seconds{30});
  EXPECT_FALSE(ended);
  const auto& first =
      *std::find_if(node.commands.commands.begin(), node.commands.commands.end(),
                    [](const Command& command) { return command.argv.front() == kManage; });
  EXPECT_EQ(first.deadline, stop.deactivation_timeout);
  node.units.set("asterisk.service", fakes::stopped_unit());
  node.commands.durations.clear();
  turn_to(goal_with(Stance::serving));
  wait(seconds{1});
  ASSERT_TRUE(ended) << "the stance has turned";
  pass();
  EXPECT_EQ(count("end " + kStop), 1);
  EXPECT_EQ(count(kStart), 1);
  EXPECT_LT(place("end " + kStop), place(kStart));
}

TEST_F(ServicesHangTest, EndsAStopAlsoWhereNothingIsWantedAnyMore) {
  node.serve();
  node.commands.durations[kManage] = std::chrono::hours{1};
  turn_to(goal_with(Stance::standing_by));
  begin_pass();
  wait(seconds{5});
  turn_to(goal_with(Stance::as_is));
  wait(seconds{1});
  ASSERT_TRUE(ended);
  EXPECT_EQ(count("end " + kStop), 1);
}

TEST_F(ServicesHangTest, EndsAStartThatHangsBeforeTheNodeIsStopped) {
  node.commands.durations[kManage] = std::chrono::hours{1};
  turn_to(goal_with(Stance::serving));
  begin_pass();
  wait(seconds{30});
  node.commands.durations.clear();
  turn_to(goal_with(Stance::standing_by));
  wait(seconds{1});
  ASSERT_TRUE(ended);
  pass();
  EXPECT_EQ(count("end " + kStart), 1);
  EXPECT_LT(place("end " + kStart), place(kStop));
}

// On a primary that has been switched back: its SIP answers, and the rest still comes up.
TEST_F(ServicesHangTest, LetsAStartEndWhereNothingIsWantedAnyMore) {
  node.commands.durations[kManage] = minutes{2};
  turn_to(goal_with(Stance::serving));
  begin_pass();
  wait(seconds{10});
  turn_to(goal_with(Stance::as_is));
  wait(minutes{3});
  ASSERT_TRUE(ended);
  EXPECT_EQ(count("end " + kStart), 0);
  EXPECT_TRUE(node.serves());
}

// What an earlier operator began is ended as well, before the first try by parts too.
TEST_F(ServicesHangTest, EndsAStopThatAnEarlierOperatorBegan) {
  node.serve();
  node.commands.durations[kManage] = std::chrono::hours{1};
  turn_to(goal_with(Stance::standing_by));
  begin_pass();
  wait(seconds{5});
  const auto earlier = std::move(node.services);
  const auto its_sip = std::move(node.sip);
  node.start();
  node.units.set("asterisk.service", fakes::stopped_unit());
  turn_to(goal_with(Stance::serving, true));
  pass();
  EXPECT_EQ(count("end " + kStop), 1);
  EXPECT_LT(place("end " + kStop), place(kStartAsterisk));
  wait(seconds{1});
}

// A node that waits to fail back has to count its calls, whatever the vendor's command does.
TEST_F(ServicesHangTest, LooksAgainWhileACommandRunsWhereCallsAreCounted) {
  node.serve();
  node.units.set("wazo-agentd.service", fakes::failed_unit());
  node.commands.durations[kManage] = std::chrono::hours{1};
  turn_to(goal_with(Stance::serving));
  begin_pass();
  wait(seconds{30});
  EXPECT_FALSE(ended);
  Goal counting = goal_with(Stance::serving);
  counting.count_calls = true;
  turn_to(counting);
  wait(seconds{1});
  EXPECT_TRUE(ended);
  begin_pass();
  wait(Services::kPatience + seconds{1});
  EXPECT_TRUE(ended);
  EXPECT_EQ(count(kStart), 1);
  EXPECT_EQ(count("end " + kStart), 0);
}

}  // namespace
}  // namespace tandem

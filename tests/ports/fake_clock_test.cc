// The virtual clock itself: the tests of the whole reconciler stand on it.
#include "tests/fakes/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <string>

#include "ports/gather.h"
#include "ports/spawn.h"
#include "tests/fakes/fake_process.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeClock;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

class FakeClockTest : public testing::Test {
 protected:
  void note(const std::string& who) {
    const auto passed = std::chrono::duration_cast<seconds>(clock_.now() - start_);
    course_.push_back(who + " " + std::to_string(passed.count()));
  }

  Task<void> tick(std::string who, seconds period, int times) {
    const auto signal = clock_.make_signal();
    for (int i = 0; i < times; ++i) {
      co_await clock_.wait(*signal, clock_.now() + period);
      note(who);
    }
  }

  Task<void> hop(std::string who, int hops) {
    for (int i = 0; i < hops; ++i)
      co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                                 boost::asio::use_awaitable);
    note(who);
  }

  boost::asio::io_context io_;
  FakeClock clock_;
  Instant start_ = clock_.now();
  std::vector<std::string> course_;
};

TEST_F(FakeClockTest, GoesFromDeadlineToDeadlineInOrder) {
  std::vector<Task<void>> tasks;
  tasks.push_back(tick("a", seconds{3}, 2));
  tasks.push_back(tick("b", seconds{2}, 3));
  run(gather(std::move(tasks)));
  EXPECT_THAT(course_, ElementsAre("b 2", "a 3", "b 4", "a 6", "b 6"));
}

TEST_F(FakeClockTest, StandsStillWhileATaskCanRun) {
  std::vector<Task<void>> tasks;
  tasks.push_back(tick("sleeper", seconds{1}, 1));
  tasks.push_back(hop("busy", 1000));
  run(gather(std::move(tasks)));
  EXPECT_THAT(course_, ElementsAre("busy 0", "sleeper 1"));
}

TEST_F(FakeClockTest, StandsStillOnceTheTaskOfATestIsDone) {
  const auto fail = [](const std::string& why) { FAIL() << why; };
  spawn(io_.get_executor(), tick("background", minutes{1}, 100), fail);
  run(io_, tick("test", seconds{150}, 1));
  EXPECT_THAT(course_, ElementsAre("background 60", "background 120", "test 150"));
  run(io_, tick("test", seconds{30}, 1));
  EXPECT_EQ(course_.size(), 5U);
  run(io_, hop("test", 10));
  EXPECT_EQ(clock_.now() - start_, minutes{3});
}

TEST_F(FakeClockTest, GoesOnInTheNextIoContext) {
  {
    boost::asio::io_context gone;
    spawn(gone.get_executor(), tick("gone", minutes{1}, 100), [](const std::string&) {});
    run(gone, hop("test", 3));
    EXPECT_EQ(clock_.waiting(), 1U);
  }
  EXPECT_EQ(clock_.waiting(), 0U);
  run(tick("test", seconds{5}, 1));
  EXPECT_THAT(course_, ElementsAre("test 0", "test 5"));
}

TEST_F(FakeClockTest, MovesByHandWhenToldTo) {
  clock_.automatic = false;
  spawn(io_.get_executor(), tick("a", minutes{1}, 2), [](const std::string&) {});
  run(io_, hop("test", 5));
  clock_.advance(seconds{59});
  run(io_, hop("test", 5));
  clock_.advance(seconds{1});
  run(io_, hop("test", 5));
  EXPECT_THAT(course_, ElementsAre("test 0", "test 59", "a 60", "test 60"));
}

TEST_F(FakeClockTest, EndsALoopThatNeverDoes) {
  clock_.waits_left = 100;
  EXPECT_THROW(run(tick("a", seconds{1}, 1'000'000)), std::runtime_error);
  EXPECT_EQ(course_.size(), 100U);
}

TEST_F(FakeClockTest, EndsAWaitThatNobodyCanEnd) {
  const auto signal = clock_.make_signal();
  EXPECT_THROW(run(clock_.wait(*signal, Instant::max())), std::logic_error);
}

TEST_F(FakeClockTest, MovesTheWallClockToo) {
  const auto wall = clock_.wall();
  run(tick("a", hours{2}, 1));
  EXPECT_EQ(clock_.wall() - wall, hours{2});
}

TEST(FakeProcess, TakesItsTimeAndItsDeadline) {
  FakeClock clock;
  fakes::FakeProcess process(&clock);
  process.programs["/bin/slow"] = [](const Command&) { return fakes::exits(0, "done"); };
  process.durations["/bin/slow"] = seconds{10};
  const auto start = clock.now();
  Command command{.argv = {"/bin/slow", "-v"}};
  command.deadline = seconds{10};
  EXPECT_EQ(run(process.run(command)).value().output, "done");
  EXPECT_EQ(clock.now() - start, seconds{10});
  command.deadline = seconds{3};
  EXPECT_EQ(run(process.run(command)).error().fault, Fault::timed_out);
  EXPECT_EQ(clock.now() - start, seconds{13});
  EXPECT_THAT(process.journal, ElementsAre("/bin/slow -v", "/bin/slow -v"));
}

TEST(FakeProcess, FailsOnRequest) {
  fakes::FakeProcess process;
  const Command command{.argv = {"/bin/program"}};
  EXPECT_EQ(run(process.run(command)).error().fault, Fault::not_found);
  process.programs["/bin/program"] = [](const Command&) { return fakes::exits(1); };
  EXPECT_EQ(run(process.run(command)).value().exit_status, 1);
  process.runs_left = 0;
  EXPECT_EQ(run(process.run(command)).error().fault, Fault::unavailable);
  process.errors["/bin/program"] = Error{Fault::denied, "no"};
  EXPECT_EQ(run(process.run(command)).error().fault, Fault::denied);
}

}  // namespace
}  // namespace tandem

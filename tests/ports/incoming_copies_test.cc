#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "ports/process_facts.h"
#include "ports/real_clock.h"
#include "ports/real_incoming_copies.h"
#include "tests/fakes/fake_incoming_copies.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;
using Ended = IncomingCopies::Ended;

constexpr auto kPatience = 20s;
// What the port promises.
constexpr auto kEndMax = 2s;

// As a copy holds the door that has just come in.
class HeldDoor {
 public:
  explicit HeldDoor(const std::string& folder)
      : door_(open((folder + "/door").c_str(), O_RDWR | O_CLOEXEC)) {
    EXPECT_EQ(flock(door_.get(), LOCK_SH | LOCK_NB), 0);
  }

 private:
  Descriptor door_;
};

Task<void> keep(Task<Result<Ended>> task, std::vector<Result<Ended>>& ended) {
  ended.push_back(co_await std::move(task));
}
void rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

class IncomingCopiesTest : public testing::Test {
 protected:
  ~IncomingCopiesTest() override {
    for (const pid_t pid : children_) {
      kill(-pid, SIGKILL);
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }

  // A gate that becomes a shell which runs `line`, as sshd would start it; returns once the line
  // has said that it runs.
  pid_t begin(const std::string& line) {
    const std::string said = folder_ / ("said-" + std::to_string(children_.size()));
    const pid_t pid = fork_bound();
    if (pid == 0) {
      const auto copy = IncomingCopy::begin(incoming_);
      if (!copy.ok()) _exit(1);
      execl("/bin/sh", "sh", "-c", (line + " ").c_str(), "sh", said.c_str(), nullptr);
      _exit(127);
    }
    children_.push_back(pid);
    expect_soon([&] { return std::filesystem::exists(said); });
    return pid;
  }
  // What begin() says in a child; "" where it may go on.
  std::string refusal() {
    const std::string said = folder_ / "refusal";
    in_child([&] {
      const auto copy = IncomingCopy::begin(incoming_);
      write_to(said, copy.ok() ? "" : copy.error().message);
      return 0;
    });
    return content_of(said);
  }
  template <class Condition>
  static void expect_soon(Condition condition) {
    const auto end = steady_clock::now() + kPatience;
    while (!condition() && steady_clock::now() < end) std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(condition());
  }
  std::size_t names() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(incoming_))
      count += entry.path().filename() == "door" ? 0 : 1;
    return count;
  }
  Ended end_all() {
    const auto begun = steady_clock::now();
    const auto ended = run(io_, copies_.end_all());
    took_ = steady_clock::now() - begun;
    EXPECT_TRUE(ended.ok()) << ended.error().message;
    return ended.ok() ? ended.value() : Ended{99, 99};
  }

  TemporaryFolder folder_;
  std::string incoming_ = folder_ / "incoming";
  boost::asio::io_context io_;
  RealClock clock_;
  RealIncomingCopies copies_{incoming_, clock_};
  std::vector<pid_t> children_;
  steady_clock::duration took_{};
};

TEST_F(IncomingCopiesTest, EndsNoneWhereNoneEverCame) { EXPECT_EQ(end_all(), Ended{}); }

TEST_F(IncomingCopiesTest, EndsEachWithAllItsProcesses) {
  const pid_t one = begin("sleep 100 & : >$1; wait");
  const pid_t two = begin(": >$1; exec sleep 100");
  EXPECT_EQ(end_all(), (Ended{2, 0}));
  EXPECT_FALSE(group_runs(one));
  EXPECT_FALSE(group_runs(two));
  EXPECT_LT(took_, kEndMax);
  EXPECT_EQ(end_all(), Ended{}) << "nothing is left to be done";
}

TEST_F(IncomingCopiesTest, KillsWhatDoesNotHeed) {
  const pid_t deaf = begin("trap '' TERM; sleep 100 & : >$1; wait; sleep 100");
  EXPECT_EQ(end_all(), (Ended{1, 0}));
  EXPECT_FALSE(group_runs(deaf));
  EXPECT_GE(took_, RealIncomingCopies::kTermMax);
  EXPECT_LT(took_, kEndMax);
}

TEST_F(IncomingCopiesTest, EndsOneThatStandsStill) {
  const pid_t stopped = begin(": >$1; exec sleep 100");
  kill(-stopped, SIGSTOP);
  EXPECT_EQ(end_all(), (Ended{1, 0}));
  EXPECT_LT(took_, RealIncomingCopies::kTermMax);
}

// Its first process is gone, but not the one that writes.
TEST_F(IncomingCopiesTest, KillsTheRestOfAGroup) {
  const pid_t first = begin("(trap '' TERM; : >$1; sleep 100) & wait");
  EXPECT_EQ(end_all(), (Ended{1, 0}));
  EXPECT_FALSE(group_runs(first));
}

TEST_F(IncomingCopiesTest, TouchesNoProcessThatGotTheNumberLater) {
  const pid_t pid = begin(": >$1; exec sleep 100");
  for (const auto& entry : std::filesystem::directory_iterator(incoming_)) {
    const std::string number = std::to_string(pid) + '\0';
    if (entry.path().filename() != "door") write_to(entry.path(), number + "1" + '\0');
  }
  EXPECT_EQ(end_all(), Ended{});
  EXPECT_TRUE(group_runs(pid));
}

TEST_F(IncomingCopiesTest, EndsOneThatLeadsNoGroupAndNobodyElseOfIt) {
  const pid_t pid = fork_bound();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  children_.push_back(pid);
  EXPECT_TRUE(JobRecords(incoming_).begun("one", {pid, {}}).ok());
  EXPECT_EQ(end_all(), (Ended{1, 0})) << "and this test still runs";
}

TEST_F(IncomingCopiesTest, LetsNoneBeginUntilTheyAreAdmitted) {
  EXPECT_EQ(refusal(), "");
  end_all();
  EXPECT_THAT(refusal(), HasSubstr("about to serve"));
  EXPECT_EQ(names(), 0U) << "what is refused leaves no record";
  end_all();
  EXPECT_THAT(refusal(), HasSubstr("about to serve"));
  copies_.admit();
  EXPECT_EQ(refusal(), "");
}

TEST_F(IncomingCopiesTest, AdmitsThemWhenTheOperatorHasEnded) {
  {
    RealIncomingCopies other(incoming_, clock_);
    EXPECT_TRUE(run(io_, other.end_all()).ok());
    EXPECT_NE(refusal(), "");
  }
  EXPECT_EQ(refusal(), "");
}

TEST_F(IncomingCopiesTest, RemovesWhatDeadOnesLeft) {
  const pid_t dead = begin(": >$1");
  waitpid(dead, nullptr, 0);
  children_.clear();
  write_to(incoming_ + "/999999999-1.new", "half");
  write_to(incoming_ + "/" + std::to_string(getpid()) + "-1.new", "half");
  EXPECT_EQ(names(), 3U);
  EXPECT_EQ(refusal(), "");
  EXPECT_EQ(names(), 1U) << "but not what a living one is writing";
}

TEST_F(IncomingCopiesTest, RefusesMoreThanItsLimit) {
  std::filesystem::create_directory(incoming_);
  JobRecords records(incoming_);
  for (std::size_t i = 0; i < IncomingCopy::kCopiesMax; ++i)
    ASSERT_TRUE(records.begun(std::to_string(i), {getpid(), {}}).ok());
  EXPECT_THAT(refusal(), HasSubstr("32 copies run"));
}

TEST_F(IncomingCopiesTest, RefusesWhereTheDiskTakesNoRecord) {
  write_to(incoming_, "a file in its place");
  EXPECT_THAT(refusal(), HasSubstr(incoming_));
  const auto ended = run(io_, copies_.end_all());
  EXPECT_FALSE(ended.ok()) << "the operator is told, and decides";
}

// The keeper of the door ends them, and so does whoever begins to serve: at the same time, while
// the look takes its time.
TEST_F(IncomingCopiesTest, EndsThemForTwoWhoAskAtATime) {
  const pid_t pid = begin(": >$1; exec sleep 100");
  auto in_its_way = std::make_unique<HeldDoor>(incoming_);
  std::vector<Result<Ended>> ended;
  for (int i = 0; i < 2; ++i) boost::asio::co_spawn(io_, keep(copies_.end_all(), ended), rethrow);
  io_.poll();  // they look now, and a look gives the door up after a while
  in_its_way.reset();
  io_.run();
  ASSERT_EQ(ended.size(), 2U);
  for (const auto& one : ended) ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_EQ(ended.front().value(), (Ended{1, 0}));
  EXPECT_FALSE(group_runs(pid));
  EXPECT_THAT(refusal(), HasSubstr("about to serve"));
}

TEST_F(IncomingCopiesTest, LeavesTheDoorOpenWhereTheyAreAdmittedDuringTheLook) {
  EXPECT_EQ(refusal(), "");  // makes the folder
  auto in_its_way = std::make_unique<HeldDoor>(incoming_);
  std::vector<Result<Ended>> ended;
  boost::asio::co_spawn(io_, keep(copies_.end_all(), ended), rethrow);
  io_.poll();  // they look now, and a look gives the door up after a while
  copies_.admit();
  in_its_way.reset();
  io_.run();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_TRUE(ended.front().ok());
  EXPECT_EQ(refusal(), "");
}

TEST_F(IncomingCopiesTest, HoldsNothingElseUp) {
  begin("trap '' TERM; : >$1; while :; do sleep 1; done");
  int turns = 0;
  const auto turn = [](RealClock& clock, int& count) -> Task<void> {
    const auto signal = clock.make_signal();
    for (;; ++count) co_await clock.wait(*signal, clock.now() + 10ms);
  };
  boost::asio::co_spawn(io_, turn(clock_, turns), [](std::exception_ptr) {});
  end_all();
  EXPECT_GE(turns, 20) << "in a second";
}

TEST(FakeIncomingCopiesTest, DoesTheSameInMemory) {
  fakes::FakeIncomingCopies copies;
  copies.running = 2;
  const auto ended = run(copies.end_all());
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended.value(), (Ended{2, 0}));
  EXPECT_TRUE(copies.shut);
  copies.admit();
  EXPECT_FALSE(copies.shut);
}

}  // namespace
}  // namespace tandem

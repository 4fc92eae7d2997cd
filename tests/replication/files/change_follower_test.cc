#include "replication/files/change_follower.h"

#include <gtest/gtest.h>

#include "ports/spawn.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_trees.h"
#include "tests/run.h"

namespace tandem::files {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Paths = std::set<std::string>;

class ChangeFollowerTest : public testing::Test {
 protected:
  ChangeFollowerTest() {
    clock_.automatic = false;
    begin();
  }
  ~ChangeFollowerTest() override {
    follower_.stop();
    settle();
  }

  void begin() {
    spawn(io_.get_executor(), follower_.follow({{"/moh", {}}, {"/agi-bin", {}}}),
          [](const std::string& why) { FAIL() << why; });
    settle();
  }
  void settle() {
    io_.restart();
    io_.poll();
  }
  Paths after(Instant::duration time) {
    clock_.advance(time);
    settle();
    return follower_.take();
  }

  boost::asio::io_context io_;
  fakes::FakeClock clock_;
  fakes::MemoryTrees trees_;
  std::unique_ptr<Signal> wake_ = clock_.make_signal();
  ChangeFollower follower_{trees_, clock_, *wake_};
};

TEST_F(ChangeFollowerTest, TellsAFolderThatHasComeToRest) {
  EXPECT_FALSE(follower_.due());
  trees_.touched("/moh");
  settle();
  EXPECT_EQ(follower_.due(), clock_.now() + Settling::kQuiet);
  EXPECT_EQ(after(seconds{4}), Paths{});
  EXPECT_EQ(after(seconds{1}), Paths{"/moh"});
  EXPECT_FALSE(follower_.due());
}

TEST_F(ChangeFollowerTest, LooksAtAllAfterAnOverflow) {
  trees_.overflow();
  settle();
  EXPECT_EQ(after(Settling::kQuiet), (Paths{"/agi-bin", "/moh"}));
}

TEST_F(ChangeFollowerTest, PollsWhatCanNotBeWatched) {
  trees_.lose("/moh", "too many inotify watches");
  settle();
  EXPECT_EQ(follower_.unwatched().at("/moh"), "too many inotify watches");
  EXPECT_EQ(after(Settling::kQuiet), Paths{"/moh"}) << "what was missed before";
  EXPECT_EQ(after(ChangeFollower::kPollEvery), Paths{"/moh"});
  EXPECT_EQ(after(ChangeFollower::kPollEvery), Paths{"/moh"});
}

TEST_F(ChangeFollowerTest, WatchesAnewFromTimeToTime) {
  trees_.lose("/moh", "too many inotify watches");
  settle();
  EXPECT_EQ(trees_.watches_opened, 1);
  after(ChangeFollower::kWatchAgain);
  settle();
  EXPECT_EQ(trees_.watches_opened, 2);
  EXPECT_TRUE(follower_.unwatched().empty());
  after(seconds{1});
  trees_.touched("/moh");
  settle();
  EXPECT_EQ(after(Settling::kQuiet), Paths{"/moh"});
  EXPECT_FALSE(follower_.due()) << "it is not polled any more";
}

TEST_F(ChangeFollowerTest, PollsAllWhereTheWatchFails) {
  trees_.watch_error = Error{Fault::unavailable, "no instance"};
  trees_.break_watch(Error{Fault::unavailable, "it has ended"});
  settle();
  EXPECT_EQ(follower_.unwatched().size(), 2U);
  EXPECT_EQ(after(ChangeFollower::kPollEvery), (Paths{"/agi-bin", "/moh"}));
  after(ChangeFollower::kWatchAgain);
  EXPECT_EQ(follower_.unwatched().at("/moh"), "no instance");
  trees_.watch_error.reset();
  after(ChangeFollower::kWatchAgain);
  EXPECT_TRUE(follower_.unwatched().empty());
}

TEST_F(ChangeFollowerTest, TakesBackWhatARunDidNotGetTo) {
  follower_.give_back({"/moh"});
  EXPECT_EQ(after(Settling::kQuiet), Paths{"/moh"});
}

}  // namespace
}  // namespace tandem::files

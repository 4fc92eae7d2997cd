// What is noticed of whole trees, as folders come and go, and of the kernel's limits.
#include "ports/inotify_tree_watch.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <set>
#include <thread>

#include "ports/tree_follower.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class InotifyTreeWatchTest : public testing::Test {
 protected:
  InotifyTreeWatchTest() { fs::create_directories(folder_ / "tree/sub/deep"); }

  void watch(std::vector<Tree> trees = {{"/tree", {}}}) {
    watch_ = std::move(InotifyTreeWatch::open(io_.get_executor(), Root(folder_.path()),
                                              std::move(trees), milliseconds{20}))
                 .value();
    noticed();  // what was there when it began counts as changed
  }
  TreeNews next() { return run(io_, watch_->next()).value(); }
  std::string noticed() { return *next().changed.begin(); }
  // That it was noticed, and nothing more comes: what comes later is of what happens later.
  void expect_noticed(const std::string& path = "/tree") { EXPECT_EQ(noticed(), path); }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  std::unique_ptr<TreeWatch> watch_;
};

TEST_F(InotifyTreeWatchTest, NoticesFilesAtAnyDepth) {
  watch();
  for (const char* file : {"a", "sub/b", "sub/deep/c"}) {
    write_to(folder_ / (std::string("tree/") + file), "x");
    expect_noticed();
  }
}

TEST_F(InotifyTreeWatchTest, FollowsFoldersThatComeAndGo) {
  watch();
  fs::create_directories(folder_ / "tree/new/one/two");
  expect_noticed();
  write_to(folder_ / "tree/new/one/two/file", "x");
  expect_noticed();
  fs::rename(folder_ / "tree/new", folder_ / "tree/sub/moved");
  expect_noticed();
  write_to(folder_ / "tree/sub/moved/one/two/file", "y");
  expect_noticed();
  fs::remove_all(folder_ / "tree/sub");
  expect_noticed();
  fs::create_directories(folder_ / "tree/sub/deep");
  write_to(folder_ / "tree/sub/deep/file", "x");
  expect_noticed();
}

TEST_F(InotifyTreeWatchTest, NoticesAFolderThatIsMovedIn) {
  fs::create_directories(folder_ / "outside/deep");
  watch();
  fs::rename(folder_ / "outside", folder_ / "tree/inside");
  expect_noticed();
  write_to(folder_ / "tree/inside/deep/file", "x");
  expect_noticed();
}

TEST_F(InotifyTreeWatchTest, NoticesATreeThatComesGoesAndIsReplaced) {
  watch({{"/tree", {}}, {"/later/tree", {}}});
  fs::create_directories(folder_ / "later/tree");
  expect_noticed("/later/tree");
  write_to(folder_ / "later/tree/file", "x");
  expect_noticed("/later/tree");
  fs::rename(folder_ / "later", folder_ / "away");
  expect_noticed("/later/tree");
  fs::create_directories(folder_ / "later/tree");
  expect_noticed("/later/tree");
  write_to(folder_ / "later/tree/file", "x");
  expect_noticed("/later/tree");
}

TEST_F(InotifyTreeWatchTest, NoticesWhatBelongsToATreeAlone) {
  watch({{"/tree", {{TreeRule::Verb::exclude, "/sub"}}}, {"/other", {}}});
  fs::create_directories(folder_ / "other");
  while (noticed() != "/other") {
  }
  write_to(folder_ / "tree/sub/deep/file", "x");
  write_to(folder_ / "other/file", "x");
  EXPECT_EQ(next().changed, std::set<std::string>{"/other"});
}

TEST_F(InotifyTreeWatchTest, FollowsALinkThatIsTurnedElsewhere) {
  fs::create_directories(folder_ / "one");
  fs::create_directories(folder_ / "two");
  fs::create_directory_symlink("/one", folder_ / "link");
  watch({{"/link", {}}});
  fs::remove(folder_ / "link");
  fs::create_directory_symlink("/two", folder_ / "link");
  expect_noticed("/link");
  write_to(folder_ / "two/file", "x");
  expect_noticed("/link");
}

// The queue overflows before the thread reads from it, so that chance has no part in it.
TEST_F(InotifyTreeWatchTest, CountsEveryTreeAsChangedAfterAnOverflow) {
  Descriptor inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ASSERT_GE(inotify_add_watch(inotify.get(), folder_.path().c_str(), IN_ATTRIB), 0);
  write_to(folder_ / "one", "");
  write_to(folder_ / "two", "");
  const auto limit = std::stoul(content_of("/proc/sys/fs/inotify/max_queued_events"));
  for (std::size_t i = 0; i <= limit; ++i)
    chmod((folder_ / (i % 2 == 0 ? "one" : "two")).c_str(), 0600);
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  Descriptor ours(ends[0]);
  TreeFollower follower(Root(folder_.path()), {{"/tree", {}}, {"/other", {}}}, std::move(inotify),
                        Descriptor(ends[1]), std::chrono::hours{1});
  std::thread thread([&follower] { follower.run(); });
  std::multiset<std::size_t> told;
  // Where something is there the beginning counts as a change; the overflow for all.
  while (told.size() < 3) {
    std::array<char, TreeFollower::kMessageMax> buffer{};
    const auto size = recv(ours.get(), buffer.data(), buffer.size(), 0);
    ASSERT_GT(size, 0);
    told.insert(TreeFollower::read({buffer.data(), static_cast<std::size_t>(size)})->tree);
  }
  ours.close();
  thread.join();
  EXPECT_EQ(told, (std::multiset<std::size_t>{0, 0, 1}));
}

TEST_F(InotifyTreeWatchTest, EndsWhenItIsStopped) {
  watch();
  watch_->stop();
  EXPECT_EQ(run(io_, watch_->next()).error().fault, Fault::cancelled);
}

// The limit is that of a user namespace of its own.
TEST_F(InotifyTreeWatchTest, TellsThatTheLimitIsReached) {
  for (int i = 0; i < 50; ++i) fs::create_directories(folder_ / ("tree/" + std::to_string(i)));
  const int result = in_child([this] {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return kNotPermitted;
    write_to("/proc/sys/user/max_inotify_watches", "20");
    if (content_of("/proc/sys/user/max_inotify_watches") != "20\n") return kNotPermitted;
    boost::asio::io_context io;
    auto opened = InotifyTreeWatch::open(io.get_executor(), Root(folder_.path()), {{"/tree", {}}});
    if (!opened.ok()) return 2;
    const auto watched = std::move(opened).value();
    for (int tries = 0; tries < 10; ++tries) {
      const auto news = run(io, watched->next());
      if (!news.ok()) return 3;
      const auto lost = news.value().unwatched.find("/tree");
      if (lost == news.value().unwatched.end()) continue;
      return lost->second.find("fs.inotify.max_user_watches") == std::string::npos ? 4 : 0;
    }
    return 5;
  });
  if (result == kNotPermitted) GTEST_SKIP() << "no limit of our own here";
  EXPECT_EQ(result, 0);
}

}  // namespace
}  // namespace tandem

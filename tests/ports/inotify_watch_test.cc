// What inotify tells of edits, renames, folders that come and go, and storms.
#include "ports/inotify_watch.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include "ports/real_filesystem.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using Paths = std::set<std::string>;

class InotifyWatchTest : public testing::Test {
 protected:
  InotifyWatchTest() {
    fs::create_directories(folder_ / "etc");
    write_to(folder_ / "etc/file", "old");
  }

  std::unique_ptr<Watch> watch(const Paths& paths) {
    return std::move(files_.watch(paths)).value();
  }
  Paths next(const std::unique_ptr<Watch>& watch) { return run(io_, watch->next()).value(); }

  // A change that was made is noticed, and it alone.
  void expect_noticed(const std::unique_ptr<Watch>& watch, const std::string& path) {
    EXPECT_EQ(next(watch), Paths{path});
  }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  RealFilesystem files_{io_.get_executor(), folder_.path()};
};

TEST_F(InotifyWatchTest, NoticesAnEditInPlace) {
  const auto watched = watch({"/etc/file"});
  write_to(folder_ / "etc/file", "new");
  expect_noticed(watched, "/etc/file");
}

TEST_F(InotifyWatchTest, NoticesAnEditorsRenames) {
  const auto watched = watch({"/etc/file"});
  for (int round = 0; round < 3; ++round) {
    fs::rename(folder_ / "etc/file", folder_ / "etc/file~");
    write_to(folder_ / "etc/.file.swp", "new");
    fs::rename(folder_ / "etc/.file.swp", folder_ / "etc/file");
    expect_noticed(watched, "/etc/file");
  }
}

TEST_F(InotifyWatchTest, NoticesARemovalAndAReturn) {
  const auto watched = watch({"/etc/file"});
  fs::remove(folder_ / "etc/file");
  expect_noticed(watched, "/etc/file");
  write_to(folder_ / "etc/file", "new");
  expect_noticed(watched, "/etc/file");
}

TEST_F(InotifyWatchTest, NoticesAChangeOfMode) {
  const auto watched = watch({"/etc/file"});
  ASSERT_EQ(chmod((folder_ / "etc/file").c_str(), 0600), 0);
  expect_noticed(watched, "/etc/file");
}

TEST_F(InotifyWatchTest, NoticesAFileInAFolderCreatedLater) {
  const auto watched = watch({"/var/lib/tandem/state"});
  fs::create_directories(folder_ / "var/lib/tandem");
  expect_noticed(watched, "/var/lib/tandem/state");
  write_to(folder_ / "var/lib/tandem/state", "new");
  expect_noticed(watched, "/var/lib/tandem/state");
}

TEST_F(InotifyWatchTest, FollowsAFolderThatIsMovedAwayAndBack) {
  const auto watched = watch({"/etc/file"});
  fs::rename(folder_ / "etc", folder_ / "away");
  expect_noticed(watched, "/etc/file");
  write_to(folder_ / "away/file", "not watched any more");
  fs::rename(folder_ / "away", folder_ / "etc");
  expect_noticed(watched, "/etc/file");
  write_to(folder_ / "etc/file", "new");
  expect_noticed(watched, "/etc/file");
}

TEST_F(InotifyWatchTest, FollowsAFolderHighAboveThatIsReplaced) {
  fs::create_directories(folder_ / "a/b/c");
  const auto watched = watch({"/a/b/c/file"});
  fs::rename(folder_ / "a", folder_ / "old");
  fs::create_directories(folder_ / "a/b/c");
  expect_noticed(watched, "/a/b/c/file");
  write_to(folder_ / "old/b/c/file", "not watched any more");
  write_to(folder_ / "a/b/c/file", "new");
  expect_noticed(watched, "/a/b/c/file");
}

TEST_F(InotifyWatchTest, FollowsAFolderThatIsDeletedAndMadeAgain) {
  const auto watched = watch({"/etc/file"});
  for (int round = 0; round < 3; ++round) {
    fs::remove_all(folder_ / "etc");
    expect_noticed(watched, "/etc/file");
    fs::create_directories(folder_ / "etc");
    expect_noticed(watched, "/etc/file");
    write_to(folder_ / "etc/file", "new");
    expect_noticed(watched, "/etc/file");
  }
}

TEST_F(InotifyWatchTest, NoticesAnEditOfALinksTarget) {
  fs::create_directories(folder_ / "real");
  write_to(folder_ / "real/target", "old");
  fs::create_symlink("/real/target", folder_ / "etc/link");
  const auto watched = watch({"/etc/link"});
  write_to(folder_ / "real/target", "new");
  expect_noticed(watched, "/etc/link");
}

TEST_F(InotifyWatchTest, NoticesALinkThatIsTurnedElsewhere) {
  fs::create_directories(folder_ / "one");
  fs::create_directories(folder_ / "two");
  fs::create_directory_symlink("one", folder_ / "current");
  const auto watched = watch({"/current/file"});
  fs::create_directory_symlink("./x/../two", folder_ / "fresh");
  fs::create_directories(folder_ / "x");
  fs::rename(folder_ / "fresh", folder_ / "current");
  expect_noticed(watched, "/current/file");
  write_to(folder_ / "one/file", "not watched any more");
  write_to(folder_ / "two/file", "new");
  expect_noticed(watched, "/current/file");
}

TEST_F(InotifyWatchTest, OutlivesALoopOfLinks) {
  fs::create_symlink("two", folder_ / "one");
  fs::create_symlink("one", folder_ / "two");
  const auto watched = watch({"/one/file"});
  fs::remove(folder_ / "one");
  fs::create_directories(folder_ / "one");
  expect_noticed(watched, "/one/file");
  write_to(folder_ / "one/file", "new");
  expect_noticed(watched, "/one/file");
}

TEST_F(InotifyWatchTest, TellsSeveralPathsAtOnce) {
  const auto watched = watch({"/etc/a", "/etc/b", "/etc/c"});
  write_to(folder_ / "etc/a", "");
  write_to(folder_ / "etc/other", "");
  write_to(folder_ / "etc/c", "");
  EXPECT_EQ(next(watched), (Paths{"/etc/a", "/etc/c"}));
}

TEST_F(InotifyWatchTest, IgnoresTemporaryFilesInAWatchedFolder) {
  const auto watched = watch({"/etc", "/mark"});
  write_to(folder_ / "etc/.file.tandem-aaaaaa", "left");
  fs::remove(folder_ / "etc/.file.tandem-aaaaaa");
  write_to(folder_ / "mark", "");
  EXPECT_EQ(next(watched), Paths{"/mark"});
  write_to(folder_ / "etc/any", "");
  EXPECT_EQ(next(watched), Paths{"/etc"});
}

TEST_F(InotifyWatchTest, TellsAllPathsAfterAStorm) {
  const auto watched = watch({"/etc/file", "/etc/other"});
  for (int i = 0; i < 20'000; ++i) write_to(folder_ / ("etc/storm" + std::to_string(i)), "");
  write_to(folder_ / "etc/file", "the event of this one is lost");
  EXPECT_EQ(next(watched), (Paths{"/etc/file", "/etc/other"}));
  write_to(folder_ / "etc/other", "new");
  expect_noticed(watched, "/etc/other");
}

TEST_F(InotifyWatchTest, KeepsNoWatchOfFoldersThatAreGone) {
  const auto watched = watch({"/etc/sub/file"});
  const auto watches = [] {
    int count = 0;
    for (const auto& entry : fs::directory_iterator("/proc/self/fdinfo"))
      for (auto text = content_of(entry.path()); text.find("inotify wd:") != std::string::npos;
           text.erase(0, text.find("inotify wd:") + 1))
        ++count;
    return count;
  };
  const int before = watches();
  for (int round = 0; round < 20; ++round) {
    fs::create_directories(folder_ / "etc/sub");
    next(watched);
    fs::rename(folder_ / "etc/sub", folder_ / ("old" + std::to_string(round)));
    next(watched);
  }
  EXPECT_EQ(watches(), before);
}

TEST_F(InotifyWatchTest, NamesTheSettingThatLimitsInstances) {
  const int code = in_child([&] {
    const rlimit limit{3, 3};
    setrlimit(RLIMIT_NOFILE, &limit);
    const auto watched = files_.watch({"/etc/file"});
    if (watched.ok() || watched.error().fault != Fault::unavailable) return 1;
    return watched.error().message.find("fs.inotify.max_user_instances") != std::string::npos ? 0
                                                                                              : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(InotifyWatchTest, NamesTheSettingThatLimitsWatches) {
  const int code = in_child([&] {
    if (unshare(CLONE_NEWUSER) != 0) return kNotPermitted;
    write_to("/proc/self/uid_map", "0 0 1");
    write_to("/proc/sys/user/max_inotify_watches", "1");
    if (content_of("/proc/sys/user/max_inotify_watches") != "1\n") return kNotPermitted;
    const auto watched = files_.watch({"/etc/file"});
    if (watched.ok() || watched.error().fault != Fault::unavailable) return 1;
    return watched.error().message.find("fs.inotify.max_user_watches") != std::string::npos ? 0 : 2;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "a user namespace is not permitted";
  EXPECT_EQ(code, 0);
}

TEST_F(InotifyWatchTest, WatchesTheHostItself) {
  RealFilesystem host(io_.get_executor(), "/");
  const auto watched = std::move(host.watch({folder_ / "etc/file"})).value();
  write_to(folder_ / "etc/file", "new");
  EXPECT_EQ(next(watched), Paths{folder_ / "etc/file"});
}

}  // namespace
}  // namespace tandem

// That replacing a file is all or nothing, whatever happens in the middle.
#include "ports/replace_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <random>
#include <thread>

#include "ports/real_filesystem.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

class ReplaceFileTest : public testing::Test {
 protected:
  std::vector<std::string> names() { return files_.list("/").value(); }
  std::string path() { return folder_ / "file"; }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  RealFilesystem files_{io_.get_executor(), folder_.path()};
};

// Runs `act` in a mount namespace of its own, with a tmpfs of that size as the folder.
int on_tmpfs(const std::string& folder, const char* options, const std::function<int()>& act) {
  return in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return kNotPermitted;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kNotPermitted;
    if (mount("tmpfs", folder.c_str(), "tmpfs", 0, options) != 0) return kNotPermitted;
    return act();
  });
}

bool set_immutable(const std::string& path, bool immutable) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  int flags = 0;
  bool done = ioctl(file, FS_IOC_GETFLAGS, &flags) == 0;
  flags = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
  done = done && ioctl(file, FS_IOC_SETFLAGS, &flags) == 0;
  close(file);
  return done;
}

TEST(TemporaryNames, AreRecognised) {
  EXPECT_TRUE(is_temporary(".file.tandem-abc123"));
  EXPECT_TRUE(is_temporary(".a.tandem-b.tandem-abc123"));
  for (const auto* name : {"", "file", ".file", ".tandem-abc123", ".file.tandem-abc12",
                           ".file.tandem-abc1234", ".file.tandem-ABC123", "file.tandem-abc123"})
    EXPECT_FALSE(is_temporary(name)) << name;
}

TEST_F(ReplaceFileTest, LeavesNothingBesideTheFile) {
  ASSERT_TRUE(files_.replace("/file", "new", 0644).ok());
  EXPECT_THAT(names(), ElementsAre("file"));
}

TEST_F(ReplaceFileTest, RemovesWhatAKilledRunLeftOfTheSameNameAlone) {
  for (const auto* name : {".file.tandem-aaaaaa", ".file.tandem-zzz999", ".file2.tandem-aaaaaa",
                           ".x.file.tandem-aaaaaa", ".file.tandem-mine", "file.tandem-aaaaaa"})
    write_to(folder_ / name, "left");
  ASSERT_TRUE(files_.replace("/file", "new", 0644).ok());
  EXPECT_THAT(names(), ElementsAre(".file.tandem-mine", ".file2.tandem-aaaaaa",
                                   ".x.file.tandem-aaaaaa", "file", "file.tandem-aaaaaa"));
  write_to(folder_ / ".file.tandem-aaaaaa", "left");
  ASSERT_TRUE(files_.remove("/file").ok());
  EXPECT_FALSE(fs::exists(folder_ / ".file.tandem-aaaaaa"));
}

TEST_F(ReplaceFileTest, DoesNotWriteThroughALinkInPlaceOfItsTemporaryFile) {
  write_to(folder_ / "victim", "kept");
  fs::create_symlink(folder_ / "victim", folder_ / ".file.tandem-aaaaaa");
  ASSERT_TRUE(files_.replace("/file", "new", 0644).ok());
  EXPECT_EQ(content_of(folder_ / "victim"), "kept");
  EXPECT_THAT(names(), ElementsAre("file", "victim"));
}

TEST_F(ReplaceFileTest, LeavesAnotherHardLinkAlone) {
  write_to(path(), "old");
  fs::create_hard_link(path(), folder_ / "other");
  ASSERT_TRUE(files_.replace("/file", "new", 0644).ok());
  EXPECT_EQ(content_of(folder_ / "other"), "old");
}

TEST_F(ReplaceFileTest, KeepsTheOldFileWhenTheDiskIsFull) {
  const int code = on_tmpfs(folder_.path(), "size=64k", [&] {
    if (!files_.replace("/file", "old", 0644).ok()) return 1;
    const auto full = files_.replace("/file", std::string(200'000, 'x'), 0644);
    if (full.ok() || full.error().fault != Fault::unavailable) return 2;
    if (full.error().message.find("No space left on device") == std::string::npos) return 3;
    if (files_.read("/file").value() != "old") return 4;
    return names() == std::vector<std::string>{"file"} ? 0 : 5;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "mount is not permitted";
  EXPECT_EQ(code, 0);
}

TEST_F(ReplaceFileTest, KeepsTheOldFileWhenAWriteIsCutShort) {
  ASSERT_TRUE(files_.replace("/file", "old", 0644).ok());
  const int code = in_child([&] {
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    const auto cut = files_.replace("/file", std::string(200'000, 'x'), 0644);
    return !cut.ok() && cut.error().fault == Fault::unavailable ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(content_of(path()), "old");
  EXPECT_THAT(names(), ElementsAre("file"));
}

TEST_F(ReplaceFileTest, FailsOnAFilesystemMountedReadOnly) {
  const int code = on_tmpfs(folder_.path(), "size=64k", [&] {
    if (!files_.replace("/file", "old", 0644).ok()) return 1;
    if (mount(nullptr, folder_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
      return kNotPermitted;
    const auto replaced = files_.replace("/file", "new", 0644);
    if (replaced.ok() || replaced.error().fault != Fault::denied) return 2;
    const auto removed = files_.remove("/file");
    if (removed.ok() || removed.error().fault != Fault::denied) return 3;
    return names() == std::vector<std::string>{"file"} ? 0 : 4;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "mount is not permitted";
  EXPECT_EQ(code, 0);
}

TEST_F(ReplaceFileTest, LeavesNothingInAnImmutableFolder) {
  write_to(path(), "old");
  if (!set_immutable(folder_.path(), true)) GTEST_SKIP() << "chattr is not permitted";
  EXPECT_EQ(files_.replace("/file", "new", 0644).error().fault, Fault::denied);
  EXPECT_EQ(files_.replace("/other", "new", 0644).error().fault, Fault::denied);
  EXPECT_EQ(files_.remove("/file").error().fault, Fault::denied);
  set_immutable(folder_.path(), false);
  EXPECT_EQ(content_of(path()), "old");
  EXPECT_THAT(names(), ElementsAre("file"));
}

TEST_F(ReplaceFileTest, LeavesNothingBesideAnImmutableFile) {
  write_to(path(), "old");
  if (!set_immutable(path(), true)) GTEST_SKIP() << "chattr is not permitted";
  const auto replaced = files_.replace("/file", "new", 0644);
  set_immutable(path(), false);
  EXPECT_EQ(replaced.error().fault, Fault::denied);
  EXPECT_EQ(content_of(path()), "old");
  EXPECT_THAT(names(), ElementsAre("file"));
}

// A child writes one content after the other for ever; the parent kills it at any moment.
class KilledWriter {
 public:
  KilledWriter(Filesystem& files, const std::string& one, const std::string& other)
      : pid_(fork_bound()) {
    if (pid_ != 0) return;
    for (bool turn = false;; turn = !turn)
      if (!files.replace("/file", turn ? one : other, 0644).ok()) _exit(1);
  }
  ~KilledWriter() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

TEST_F(ReplaceFileTest, IsOldOrNewWholeAfterAKillAtAnyMoment) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  const std::string one(300'000, 'a');
  const std::string other(500'000, 'b');
  ASSERT_TRUE(files_.replace("/file", one, 0644).ok());
  int temporaries_seen = 0;
  for (int round = 0; round < 100; ++round) {
    {
      const KilledWriter writer(files_, one, other);
      std::this_thread::sleep_for(std::chrono::microseconds{dice() % 8000});
    }
    const auto content = content_of(path());
    ASSERT_TRUE(content == one || content == other) << content.size() << " bytes";
    const auto left = names();
    ASSERT_LE(left.size(), 2U) << "more than one temporary file";
    temporaries_seen += left.size() == 2U ? 1 : 0;
    if (round % 2 == 0) continue;  // the next writer finds it
    ASSERT_TRUE(files_.replace("/file", one, 0644).ok());
    ASSERT_THAT(names(), ElementsAre("file"));
  }
  RecordProperty("temporaries_seen", temporaries_seen);
}

}  // namespace
}  // namespace tandem

#include "ports/lock_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <optional>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using testing::HasSubstr;

class LockFileTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string path_ = folder_ / "lock";
};

TEST_F(LockFileTest, IsHeldByOneAlone) {
  const auto held = LockFile::acquire(path_);
  ASSERT_TRUE(held.ok());
  const auto second = LockFile::acquire(path_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().fault, Fault::unavailable);
  EXPECT_EQ(second.error().message,
            "another tandem operator (pid " + std::to_string(getpid()) + ") holds " + path_);
}

TEST_F(LockFileTest, IsFreeOnceItIsDestroyedAndStays) {
  { const auto held = LockFile::acquire(path_); }
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_TRUE(LockFile::acquire(path_).ok());
}

TEST_F(LockFileTest, MovesWithItsHolder) {
  std::optional<LockFile> kept;
  {
    auto held = LockFile::acquire(path_);
    kept.emplace(std::move(held).value());
  }
  EXPECT_FALSE(LockFile::acquire(path_).ok());
  kept.reset();
  EXPECT_TRUE(LockFile::acquire(path_).ok());
}

TEST_F(LockFileTest, OverwritesTheNumberOfAnEarlierHolder) {
  write_to(path_, "12345678901234\nrest");
  const auto held = LockFile::acquire(path_);
  EXPECT_EQ(content_of(path_), std::to_string(getpid()) + "\n");
}

TEST_F(LockFileTest, IsFreeOnceItsHolderIsKilled) {
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const auto pid = fork_bound();
  if (pid == 0) {
    const auto held = LockFile::acquire(path_);
    const char answer = held.ok() ? 'y' : 'n';
    if (write(ready[1], &answer, 1) == 1) pause();
    _exit(0);
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_THAT(LockFile::acquire(path_).error().message,
              HasSubstr("(pid " + std::to_string(pid) + ")"));
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_TRUE(LockFile::acquire(path_).ok());
  close(ready[0]);
  close(ready[1]);
}

TEST_F(LockFileTest, TellsWhoHoldsItNow) {
  EXPECT_FALSE(LockFile::holder(path_)) << "there is no file yet";
  {
    const auto held = LockFile::acquire(path_);
    EXPECT_EQ(LockFile::holder(path_), getpid());
    EXPECT_FALSE(LockFile::acquire(path_).ok()) << "a question takes nothing away";
  }
  EXPECT_FALSE(LockFile::holder(path_)) << "the number that is left says nothing";
  const auto held = LockFile::acquire(path_);
  for (const char* const damaged : {"", "x", "0", "1", "99999999999999"}) {
    write_to(path_, damaged);
    EXPECT_FALSE(LockFile::holder(path_)) << damaged;
  }
}

TEST_F(LockFileTest, TakesNothingButARegularFile) {
  write_to(folder_ / "target", "kept");
  std::filesystem::create_symlink(folder_ / "target", folder_ / "link");
  ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(LockFile::acquire(folder_ / "link").error().fault, Fault::invalid);
  EXPECT_EQ(LockFile::acquire(folder_ / "fifo").error().fault, Fault::invalid);
  EXPECT_EQ(LockFile::acquire(folder_.path()).error().fault, Fault::invalid);
  EXPECT_EQ(LockFile::acquire(folder_ / "none/lock").error().fault, Fault::not_found);
  EXPECT_EQ(content_of(folder_ / "target"), "kept");
}

}  // namespace
}  // namespace tandem

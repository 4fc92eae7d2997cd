// What must not be destroyed on the other node, by a real rsync through the real gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include "tests/replication/files/real_pair.h"

namespace tandem::files {
namespace {

using enum FolderReport::Result;
using testing::HasSubstr;

class RealGuardsTest : public testing::Test {
 protected:
  void put(int files, const std::string& folder = kMoh) {
    std::filesystem::create_directories(pair_.here(folder));
    for (int i = 0; i < files; ++i)
      write_to(pair_.here(folder + "/" + std::to_string(i)), std::to_string(i));
  }
  std::size_t there(const std::string& folder = kMoh) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(pair_.there(folder)))
      files += entry.is_directory() ? 0 : 1;
    return files;
  }
  void empty() {
    for (const auto& entry : std::filesystem::directory_iterator(pair_.here(kMoh)))
      std::filesystem::remove_all(entry.path());
  }
  Reason refused(Order order = {}) {
    const auto report = pair_.copy_of(kMoh, std::move(order));
    EXPECT_EQ(report.result, held_back);
    return report.trouble ? report.trouble->reason : Reason::failed;
  }

  RealPair pair_;
};

TEST_F(RealGuardsTest, DeletesNothingForAMissingFolder) {
  put(3);
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  std::filesystem::remove_all(pair_.here(kMoh));
  for (int i = 0; i < 2; ++i) {
    const auto report = pair_.copy();
    EXPECT_TRUE(report.ok()) << "no error each run";
    EXPECT_EQ(there(), 3U);
  }
  EXPECT_EQ(refused(), Reason::source_missing);
}

TEST_F(RealGuardsTest, DeletesNothingForAnEmptyMountPoint) {
  put(3);
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  std::filesystem::rename(pair_.here(kMoh), pair_.here("/elsewhere"));
  std::filesystem::create_directory(pair_.here(kMoh));
  EXPECT_EQ(refused(), Reason::source_empty);
  pair_.restart();
  EXPECT_EQ(refused(), Reason::source_empty) << "it is remembered over a restart";
  EXPECT_EQ(there(), 3U);
  const auto forced = pair_.copy_of(kMoh, {.force_reason = "all music is gone"});
  EXPECT_EQ(forced.result, copied);
  EXPECT_EQ(there(), 0U);
}

TEST_F(RealGuardsTest, DeletesNothingForAnEmptyFolderOfANewPrimary) {
  write_to(pair_.there(kMoh + "/customers.wav"), "years of work");
  EXPECT_EQ(refused(), Reason::source_empty);
  EXPECT_EQ(there(), 1U);
}

TEST_F(RealGuardsTest, TakesTheLastFileOfAKnownFolderAway) {
  put(1);
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  empty();
  EXPECT_EQ(pair_.copy_of(kMoh).result, copied);
  EXPECT_EQ(there(), 0U);
}

TEST_F(RealGuardsTest, HoldsAShrunkenFolderBackUntilItIsForced) {
  put(60);
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  empty();
  put(29);
  const auto report = pair_.copy_of(kMoh);
  EXPECT_EQ(report.result, held_back);
  EXPECT_THAT(report.trouble->message, HasSubstr("31 of 60 files"));
  EXPECT_EQ(there(), 60U);
  EXPECT_EQ(pair_.copy_of(kMoh, {.force_reason = "tidied up"}).done.files_deleted, 31U);
  EXPECT_EQ(there(), 29U);
}

TEST_F(RealGuardsTest, CopiesNothingEitherWhereAGuardHolds) {
  put(60);
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  empty();
  put(2);
  write_to(pair_.here(kMoh + "/1"), "another content");
  EXPECT_EQ(refused(), Reason::shrink);
  EXPECT_EQ(content_of(pair_.there(kMoh + "/1")), "1");
}

// The mount is seen by this process alone.
TEST_F(RealGuardsTest, MissesAMountBelowTheFolder) {
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    GTEST_SKIP() << "no mounts here";
  put(30);
  const auto nas = pair_.here(kMoh + "/nas");
  std::filesystem::create_directory(nas);
  ASSERT_EQ(mount("none", nas.c_str(), "tmpfs", 0, nullptr), 0);
  put(5, kMoh + "/nas");
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  EXPECT_EQ(there(), 35U);
  ASSERT_EQ(umount(nas.c_str()), 0);
  const auto report = pair_.copy_of(kMoh);
  EXPECT_EQ(report.result, held_back) << "5 of 35 would be few enough";
  EXPECT_EQ(report.trouble->reason, Reason::not_mounted);
  EXPECT_THAT(report.trouble->message, HasSubstr(kMoh + "/nas"));
  EXPECT_EQ(there(), 35U);
}

TEST_F(RealGuardsTest, CopiesNothingOntoANodeThatServes) {
  put(3);
  pair_.serve();
  const auto report = pair_.copy();
  ASSERT_TRUE(report.trouble);
  EXPECT_EQ(report.trouble->reason, Reason::target_serves) << report.trouble->message;
  EXPECT_EQ(there(), 0U);
  pair_.stand_by();
  EXPECT_EQ(pair_.copy_of(kMoh).result, copied);
}

// Both nodes know it, so that neither begins to copy the other way round by itself.
TEST_F(RealGuardsTest, KeepsTheDirectionOnBothNodes) {
  put(1);
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  const std::string direction = "wazo: pbx-a 127.0.32.1 > pbx-b 127.0.32.2\n";
  EXPECT_EQ(content_of(pair_.here("/../state/files-direction")), direction);
  EXPECT_EQ(content_of(pair_.there("/../state/files-direction")), direction);
  pair_.goal.direction = "wazo: pbx-b 127.0.32.2 > pbx-a 127.0.32.1";
  const auto report = pair_.copy();
  EXPECT_EQ(report.trouble->reason, Reason::direction_changed);
}

TEST_F(RealGuardsTest, CopiesNothingWhereTheDeclarationsDiffer) {
  pair_.goal.sources.trees = {{"/srv/undeclared", {}}};
  std::filesystem::create_directories(pair_.here("/srv/undeclared"));
  const auto report = pair_.copy_of("/srv/undeclared");
  EXPECT_EQ(report.result, failed);
  EXPECT_EQ(report.trouble->reason, Reason::not_declared_there) << report.trouble->message;
}

}  // namespace
}  // namespace tandem::files

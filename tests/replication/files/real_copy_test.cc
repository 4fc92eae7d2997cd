// What arrives at the other node, by a real rsync through the real gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/replication/files/real_pair.h"

namespace tandem::files {
namespace {

using enum FolderReport::Result;
using testing::HasSubstr;

class RealCopyTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text = "music") {
    std::filesystem::create_directories(std::filesystem::path(pair_.here(path)).parent_path());
    write_to(pair_.here(path), text);
  }
  void expect_equal(const std::string& path) {
    const auto here = RealPair::listing(pair_.here(path));
    const auto there = RealPair::listing(pair_.there(path));
    // Of long texts EXPECT_EQ makes a difference that takes for ever.
    constexpr std::size_t kShownMax = 4000;
    EXPECT_TRUE(here == there) << here.substr(0, kShownMax) << "\n---\n"
                               << there.substr(0, kShownMax);
  }
  // Copied without a trouble.
  FolderReport copied_moh(Order order = {}) {
    auto report = pair_.copy_of(kMoh, std::move(order));
    EXPECT_EQ(report.result, copied) << (report.trouble ? report.trouble->message : "");
    return report;
  }

  RealPair pair_;
};

TEST_F(RealCopyTest, CopiesAllAtFirstAndNothingMoreTheSecondTime) {
  put(kMoh + "/a.wav");
  put(kMoh + "/class/b.wav", "more music");
  put(kOwn + "/own.txt");
  const auto first = pair_.copy();
  EXPECT_TRUE(first.ok()) << (first.trouble ? first.trouble->message : "");
  EXPECT_TRUE(first.compared_all);
  EXPECT_EQ(first.done().files_sent, 3U);
  EXPECT_EQ(first.done().bytes, 20U);
  EXPECT_GT(first.wire_bytes(), 20U);
  expect_equal(kMoh);
  expect_equal(kOwn);
  for (const auto& folder : pair_.copy({.depth = Depth::changes}).folders)
    EXPECT_TRUE(folder.result == unchanged || folder.trouble) << folder.path;
  const auto compared = pair_.copy();
  EXPECT_TRUE(compared.compared_all);
  for (const auto& folder : compared.folders)
    EXPECT_TRUE(folder.result == equal || folder.trouble) << folder.path;
}

TEST_F(RealCopyTest, CopiesOneFileThatChanged) {
  put(kMoh + "/a.wav");
  put(kMoh + "/b.wav");
  copied_moh();
  put(kMoh + "/b.wav", "other music");
  const auto report = copied_moh({.depth = Depth::changes});
  EXPECT_EQ(report.done.files_sent, 1U);
  EXPECT_EQ(report.done.files_new, 0U);
  EXPECT_EQ(content_of(pair_.there(kMoh + "/b.wav")), "other music");
}

TEST_F(RealCopyTest, MendsWhatChangedThere) {
  put(kMoh + "/a.wav");
  put(kMoh + "/b.wav");
  copied_moh();
  std::filesystem::remove(pair_.there(kMoh + "/a.wav"));
  write_to(pair_.there(kMoh + "/b.wav"), "an edit on the wrong node");
  write_to(pair_.there(kMoh + "/c.wav"), "");
  EXPECT_EQ(pair_.copy_of(kMoh, {.depth = Depth::changes}).result, unchanged)
      << "not seen from here";
  const auto report = copied_moh();
  EXPECT_EQ(report.done.files_sent, 2U);
  EXPECT_EQ(report.done.files_deleted, 1U);
  expect_equal(kMoh);
}

TEST_F(RealCopyTest, DeletesThereWhatWasDeletedHere) {
  put(kMoh + "/class/a.wav");
  put(kMoh + "/b.wav");
  copied_moh();
  std::filesystem::remove_all(pair_.here(kMoh + "/class"));
  const auto report = copied_moh({.depth = Depth::changes});
  EXPECT_EQ(report.done.files_deleted, 1U);
  EXPECT_EQ(report.done.folders_deleted, 1U);
  EXPECT_EQ(report.plan.counts, report.done) << "as planned";
  expect_equal(kMoh);
}

TEST_F(RealCopyTest, CopiesLinksAsLinks) {
  put(kMoh + "/a.wav");
  ASSERT_EQ(symlink("a.wav", pair_.here(kMoh + "/near").c_str()), 0);
  ASSERT_EQ(symlink("/etc/passwd", pair_.here(kMoh + "/far").c_str()), 0);
  ASSERT_EQ(symlink("nowhere", pair_.here(kMoh + "/broken").c_str()), 0);
  ASSERT_EQ(symlink(".", pair_.here(kMoh + "/loop").c_str()), 0);
  copied_moh();
  expect_equal(kMoh);
  EXPECT_EQ(std::filesystem::read_symlink(pair_.there(kMoh + "/far")), "/etc/passwd");
  EXPECT_EQ(pair_.copy_of(kMoh).result, equal) << "their times do not count";
  std::filesystem::remove(pair_.here(kMoh + "/near"));
  std::filesystem::create_directories(pair_.here(kMoh + "/near"));
  put(kMoh + "/near/file");
  copied_moh();
  expect_equal(kMoh);
}

TEST_F(RealCopyTest, FollowsALinkToTheFolderItself) {
  std::filesystem::remove(pair_.here(kMoh));
  put("/data/moh/a.wav");
  ASSERT_EQ(symlink("/data/moh", pair_.here(kMoh).c_str()), 0)
      << "within the root, as under chroot";
  copied_moh();
  EXPECT_EQ(content_of(pair_.there(kMoh + "/a.wav")), "music");
}

TEST_F(RealCopyTest, CopiesNamesOfAnyBytes) {
  const std::vector<std::string> names{"new\nline",   "a  blank ",       "-n",
                                       "--delete",    "\xff\xfe",        "qu'o\"te",
                                       "back\\slash", "\\#012",          "*",
                                       "$(id)",       "Zwölf",           ".hidden",
                                       ":",           "*deleting   0 x", "Number of files: 0"};
  for (const std::string& name : names) put(kMoh + "/" + name);
  put(kMoh + "/-folder\n/deep");
  const auto report = copied_moh();
  EXPECT_EQ(report.done.files_sent, 16U);
  expect_equal(kMoh);
  std::filesystem::remove(pair_.here(kMoh + "/new\nline"));
  const auto again = copied_moh();
  EXPECT_EQ(again.done.files_deleted, 1U);
  EXPECT_EQ(again.plan.deleted_names, std::vector<std::string>{"new\\#012line"});
  EXPECT_EQ(again.plan.files_there(), 16U);
  expect_equal(kMoh);
}

TEST_F(RealCopyTest, KeepsModesOwnersAndTimesAndBringsNoSetUid) {
  put(kMoh + "/a.wav");
  put(kMoh + "/class/b.wav");
  RealPair::shell("cd '" + pair_.here(kMoh) +
                  "'; chown daemon:mail a.wav; chmod 640 a.wav; touch -d 2001-02-03 a.wav; "
                  "chmod 2750 class; chown 12345:54321 class/b.wav; chmod 4755 class/b.wav; "
                  "mkfifo fifo");
  copied_moh();
  struct stat there {};
  ASSERT_EQ(stat(pair_.there(kMoh + "/a.wav").c_str(), &there), 0);
  struct stat here {};
  ASSERT_EQ(stat(pair_.here(kMoh + "/a.wav").c_str(), &here), 0);
  EXPECT_EQ(there.st_mode, here.st_mode);
  EXPECT_EQ(there.st_uid, here.st_uid);
  EXPECT_EQ(there.st_gid, here.st_gid);
  EXPECT_EQ(there.st_mtime, here.st_mtime);
  EXPECT_EQ(mode_of(pair_.there(kMoh + "/class")), 02750U);
  EXPECT_EQ(mode_of(pair_.there(kMoh + "/class/b.wav")), 0755U);
  ASSERT_EQ(stat(pair_.there(kMoh + "/class/b.wav").c_str(), &there), 0);
  EXPECT_EQ(there.st_uid, 12345U) << "a number that no name has";
  EXPECT_FALSE(std::filesystem::exists(pair_.there(kMoh + "/fifo")));
  RealPair::shell("chmod 600 '" + pair_.here(kMoh) + "/a.wav'");
  EXPECT_EQ(copied_moh({.depth = Depth::changes}).done.files_sent, 0U) << "only its mode";
  EXPECT_EQ(mode_of(pair_.there(kMoh + "/a.wav")), 0600U);
  EXPECT_EQ(pair_.copy_of(kMoh).result, equal) << "what is not copied does not count";
}

TEST_F(RealCopyTest, CopiesWhatBelongsToAFolderAndLeavesTheRestThere) {
  put(kSounds + "/uuid/playback/hello.wav");
  put(kSounds + "/uuid/monitor/secret.wav");
  put(kVoicemail + "/default/1001/unavail.wav");
  put(kVoicemail + "/default/1001/INBOX/msg0000.wav");
  for (const char* path : {"/var/lib/wazo/sounds/tenants/uuid/recording/",
                           "/var/spool/asterisk/voicemail/default/1001/INBOX/"})
    std::filesystem::create_directories(pair_.there(path));
  write_to(pair_.there(kSounds + "/uuid/recording/kept.wav"), "kept");
  write_to(pair_.there(kVoicemail + "/default/1001/INBOX/msg0007.wav"), "kept");
  const auto report = pair_.copy();
  EXPECT_TRUE(report.ok()) << (report.trouble ? report.trouble->message : "");
  EXPECT_TRUE(std::filesystem::exists(pair_.there(kSounds + "/uuid/playback/hello.wav")));
  EXPECT_FALSE(std::filesystem::exists(pair_.there(kSounds + "/uuid/monitor")));
  EXPECT_TRUE(std::filesystem::exists(pair_.there(kVoicemail + "/default/1001/unavail.wav")));
  EXPECT_FALSE(
      std::filesystem::exists(pair_.there(kVoicemail + "/default/1001/INBOX/msg0000.wav")));
  EXPECT_EQ(content_of(pair_.there(kSounds + "/uuid/recording/kept.wav")), "kept");
  EXPECT_EQ(content_of(pair_.there(kVoicemail + "/default/1001/INBOX/msg0007.wav")), "kept");
  std::filesystem::remove_all(pair_.here(kVoicemail + "/default/1001"));
  put(kVoicemail + "/default/1002/unavail.wav");
  const auto without = pair_.copy_of(kVoicemail);
  EXPECT_FALSE(without.trouble) << without.trouble->message;
  EXPECT_FALSE(std::filesystem::exists(pair_.there(kVoicemail + "/default/1001/unavail.wav")));
  EXPECT_EQ(content_of(pair_.there(kVoicemail + "/default/1001/INBOX/msg0007.wav")), "kept")
      << "a mailbox that went with messages the secondary took";
}

// With such a file on a node that begins to serve, Asterisk throws away what callers say.
TEST_F(RealCopyTest, CarriesNoLockOfAMailboxAndTakesAwayThatOfAnEarlierCopy) {
  pair_.pair.replication.voicemail = Replication::Voicemail::all;
  pair_.goal = files_goal(pair_.pair);
  const std::string inbox = kVoicemail + "/default/1001/INBOX",
                    old = kVoicemail + "/default/1001/Old";
  for (const std::string& folder : {inbox, old}) {
    put(folder + "/msg0000.wav");
    put(folder + "/msg0000.txt");
  }
  put(inbox + "/.lock", "");
  put(inbox + "/.tandem-harvest-0011", "half of a message");
  std::filesystem::create_directories(pair_.there(old));
  write_to(pair_.there(old + "/.lock"), "");
  const auto report = pair_.copy_of(kVoicemail);
  EXPECT_EQ(report.result, copied) << (report.trouble ? report.trouble->message : "");
  EXPECT_TRUE(std::filesystem::exists(pair_.there(inbox + "/msg0000.wav")));
  EXPECT_FALSE(std::filesystem::exists(pair_.there(inbox + "/.lock")));
  EXPECT_FALSE(std::filesystem::exists(pair_.there(inbox + "/.tandem-harvest-0011")));
  EXPECT_FALSE(std::filesystem::exists(pair_.there(old + "/.lock")));
  EXPECT_EQ(pair_.copy_of(kVoicemail).result, equal);
}

TEST_F(RealCopyTest, PlansWhatItWouldDo) {
  put(kMoh + "/a.wav");
  write_to(pair_.there(kMoh + "/old.wav"), "");
  const auto before = RealPair::listing(pair_.there("/"));
  for (const auto& folder : pair_.plan().folders)
    if (folder.path == kMoh) {
      EXPECT_EQ(folder.result, planned);
      EXPECT_EQ(folder.plan.counts.files_sent, 1U);
      EXPECT_EQ(folder.plan.deleted_names, std::vector<std::string>{"old.wav"});
    }
  EXPECT_EQ(RealPair::listing(pair_.there("/")), before);
}

// More than rsync lists ahead of its work (1,000 names), and more lines than a pipe holds (64 KiB).
TEST_F(RealCopyTest, CopiesMoreFilesThanAnyBufferHolds) {
  constexpr std::uint64_t kFiles = 4'000;
  RealPair::shell("cd '" + pair_.here(kMoh) +
                  "'; for d in $(seq 5); do mkdir $d; for f in $(seq 800); do "
                  "echo $d.$f >$d/a-name-of-some-length-$f; done; done");
  std::uint64_t told = 0;
  Order order;
  order.progress = [&](const Progress& progress) { told = std::max(told, progress.items); };
  const auto report = copied_moh(std::move(order));
  EXPECT_EQ(report.done.files_sent, kFiles);
  EXPECT_GE(told, kFiles);
  expect_equal(kMoh);
  EXPECT_EQ(pair_.copy_of(kMoh, {.depth = Depth::changes}).result, unchanged);
  EXPECT_EQ(pair_.copy_of(kMoh).result, equal);
}

}  // namespace
}  // namespace tandem::files

// Real folders: no way leads out of them, files get owner and mode of where they lie, the lock is
// the one that other programs take, and a kill at each system call of a merge loses nothing.
#include "ports/real_spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "replication/harvest/merge.h"
#include "tests/ports/syscall_stepper.h"
#include "tests/ports/temporary_folder.h"

namespace tandem::harvest {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Side = Spool::Side;

const std::string kTop = "/var/spool/voicemail";
const std::string kInbox = "default/1001/INBOX";
constexpr uid_t kUser = 1234;
constexpr gid_t kGroup = 2345;

const std::function<bool()> kNeverEnough = [] { return false; };

// A node: its root, and what was brought to it.
struct Node {
  Node() {
    fs::create_directories(here(kInbox));
    fs::create_directories(brought(kInbox));
  }

  std::string here(const std::string& path) const { return folder / ("root" + kTop + "/" + path); }
  std::string brought(const std::string& path) const { return folder / ("brought/" + path); }
  RealSpool spool(std::chrono::milliseconds wait = std::chrono::milliseconds{50}) const {
    RealSpool::Places places{folder / "root", kTop, folder / "brought", ".lock"};
    places.lock_wait = wait;
    return {places, kNeverEnough};
  }

  TemporaryFolder folder{base_in_memory()};
};

void own(const std::string& path, mode_t mode) {
  ASSERT_EQ(chown(path.c_str(), kUser, kGroup), 0);
  ASSERT_EQ(chmod(path.c_str(), mode), 0);
}

struct stat status_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
  return found;
}

TEST(RealSpool, GivesAFileOwnerAndModeOfItsFolderAndTheTimeOfTheOriginal) {
  Node node;
  own(node.here(kInbox), 02770);
  write_to(node.brought(kInbox + "/a.wav"), "sound");
  fs::last_write_time(node.brought(kInbox + "/a.wav"), fs::file_time_type{std::chrono::hours{24}});
  RealSpool spool = node.spool();
  const auto copy = spool.copy_in(kInbox + "/a.wav", kInbox);
  ASSERT_TRUE(copy.ok()) << copy.error().message;
  EXPECT_TRUE(copy.value().starts_with(Spool::kHidden));
  ASSERT_TRUE(spool.give_name(kInbox, copy.value(), "b.wav").ok());
  const auto found = status_of(node.here(kInbox + "/b.wav"));
  EXPECT_EQ(found.st_uid, kUser);
  EXPECT_EQ(found.st_gid, kGroup);
  EXPECT_EQ(found.st_mode & 07777U, 0660U);
  EXPECT_EQ(found.st_mtim.tv_sec, status_of(node.brought(kInbox + "/a.wav")).st_mtim.tv_sec);
  EXPECT_EQ(content_of(node.here(kInbox + "/b.wav")), "sound");
}

TEST(RealSpool, MakesAFolderAsTheOneAboveWhateverTheUmask) {
  Node node;
  own(node.here("default/1001"), 02775);
  const mode_t before = umask(0077);
  const auto made = node.spool().make_folder("default/1001/Work");
  umask(before);
  ASSERT_TRUE(made.ok()) << made.error().message;
  const auto found = status_of(node.here("default/1001/Work"));
  EXPECT_EQ(found.st_uid, kUser);
  EXPECT_EQ(found.st_mode & 07777U, 02775U);
  EXPECT_TRUE(node.spool().make_folder("default/1001/Work").ok());
}

TEST(RealSpool, NeverTakesANameThatIsTaken) {
  Node node;
  write_to(node.here(kInbox + "/b.wav"), "first");
  write_to(node.brought(kInbox + "/a.wav"), "second");
  RealSpool spool = node.spool();
  const auto copy = spool.copy_in(kInbox + "/a.wav", kInbox);
  EXPECT_EQ(spool.give_name(kInbox, copy.value(), "b.wav").error().fault, Fault::denied);
  EXPECT_EQ(content_of(node.here(kInbox + "/b.wav")), "first");
  EXPECT_TRUE(spool.keep_as(kInbox, "b.wav", ".b.wav.kept").ok());
  EXPECT_TRUE(spool.put_over(kInbox, copy.value(), "b.wav").ok());
  EXPECT_EQ(content_of(node.here(kInbox + "/b.wav")), "second");
  EXPECT_EQ(content_of(node.here(kInbox + "/.b.wav.kept")), "first");
}

TEST(RealSpool, FollowsNoLinkAndOpensNoDevice) {
  Node node;
  const std::string outside = node.folder / "outside";
  fs::create_directories(outside);
  write_to(outside + "/secret", "secret");
  fs::create_directory_symlink(outside, node.here("default/1002"));
  fs::create_directory_symlink(outside, node.brought("default/1002"));
  fs::create_symlink(outside + "/secret", node.brought(kInbox + "/link.wav"));
  ASSERT_EQ(mkfifo(node.brought(kInbox + "/fifo.wav").c_str(), 0600), 0);
  write_to(node.brought(kInbox + "/a.wav"), "sound");
  RealSpool spool = node.spool();
  EXPECT_FALSE(spool.list(Side::here, "default/1002").ok());
  EXPECT_FALSE(spool.list(Side::brought, "default/1002").ok());
  EXPECT_FALSE(spool.read(Side::brought, "default/1002/secret").ok());
  EXPECT_FALSE(spool.read(Side::brought, kInbox + "/link.wav").ok());
  EXPECT_FALSE(spool.copy_in(kInbox + "/fifo.wav", kInbox).ok());
  EXPECT_FALSE(spool.copy_in(kInbox + "/a.wav", "default/1002").ok());
  EXPECT_FALSE(spool.copy_in(kInbox + "/a.wav", "../..").ok());
  EXPECT_FALSE(spool.make_folder("default/1002/INBOX").ok());
  EXPECT_EQ(fs::directory_iterator(outside)->path().filename(), "secret");
  const auto entries = spool.list(Side::brought, kInbox);
  for (const auto& entry : entries.value())
    EXPECT_EQ(entry.kind == SpoolEntry::Kind::file, entry.name == "a.wav") << entry.name;
}

TEST(RealSpool, TakesTheLockThatOthersSeeAndWaitsForTheirsForATime) {
  Node node;
  RealSpool spool = node.spool();
  ASSERT_TRUE(spool.lock(kInbox).ok());
  // Asterisk's own way to it: a file of its own, linked to the lock's name.
  write_to(node.here(kInbox + "/.lock-0badcafe"), "");
  const auto link = [&] {
    return ::link(node.here(kInbox + "/.lock-0badcafe").c_str(),
                  node.here(kInbox + "/.lock").c_str());
  };
  EXPECT_NE(link(), 0);
  ASSERT_TRUE(spool.unlock(kInbox).ok());
  ASSERT_EQ(link(), 0);
  const auto busy = spool.lock(kInbox);
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().fault, Fault::timed_out);
  EXPECT_THAT(busy.error().message, HasSubstr("somebody else holds its lock .lock, for"));
  ASSERT_TRUE(spool.clear_lock(kInbox).ok());
  EXPECT_TRUE(fs::exists(node.here(kInbox + "/.lock"))) << "it is not ours";
  EXPECT_EQ(std::distance(fs::directory_iterator(node.here(kInbox)), {}), 2);
}

TEST(RealSpool, ClearsALockOfItsOwnThatAKilledRunLeft) {
  Node node;
  ASSERT_TRUE(node.spool().lock(kInbox).ok());
  RealSpool next = node.spool();
  ASSERT_TRUE(next.clear_lock(kInbox).ok());
  EXPECT_TRUE(next.lock(kInbox).ok());
}

TEST(RealSpool, ClearsLocksOfItsOwnInAllMailboxesAndNobodyElses) {
  Node node;
  const std::string work = "sales/2002/Work", other = "default/1002/INBOX";
  for (const std::string& folder : {work, other}) fs::create_directories(node.here(folder));
  fs::create_directory_symlink("/etc", node.here("default/linked"));
  RealSpool spool = node.spool();
  ASSERT_TRUE(spool.lock(kInbox).ok());
  ASSERT_TRUE(spool.lock(work).ok());
  std::ofstream(node.here(other + "/.lock")) << "";
  clear_locks(spool);
  EXPECT_FALSE(fs::exists(node.here(kInbox + "/.lock")));
  EXPECT_FALSE(fs::exists(node.here(work + "/.lock")));
  EXPECT_TRUE(fs::exists(node.here(other + "/.lock"))) << "a caller's message is being written";
}

// Two messages and a greeting, killed before and after every system call that changes a file.
TEST(RealSpoolCrash, LosesAndDoublesNothing) {
  const auto act = [](Node& node) {
    RealSpool spool = node.spool();
    return merge(Kind::voicemail, spool, MergeOrder{}).ok();
  };
  int kills = 0;
  for (int stop = 0;; ++stop) {
    Node node;
    write_to(node.here("default/1001/unavail.wav"), "old");
    fs::last_write_time(node.here("default/1001/unavail.wav"),
                        fs::file_time_type::clock::now() - std::chrono::hours{1});
    write_to(node.brought("default/1001/unavail.wav"), "new");
    for (const char* number : {"0", "1"}) {
      const std::string base = node.brought(kInbox + "/msg000" + number);
      write_to(base + ".txt", std::string("origtime=170000000") + number + "\nmsg_id=" + number);
      write_to(base + ".wav", std::string("sound ") + number);
    }
    const auto stepped = step_through([&] { return act(node) ? 0 : 1; }, stop, Stops::changing);
    if (!stepped.permitted) GTEST_SKIP() << "tracing is not permitted";
    SCOPED_TRACE("killed at stop " + std::to_string(stop));
    ASSERT_TRUE(act(node));
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(node.here(kInbox)))
      names.insert(entry.path().filename());
    ASSERT_EQ(names,
              (std::set<std::string>{"msg0000.txt", "msg0000.wav", "msg0001.txt", "msg0001.wav"}));
    EXPECT_EQ(content_of(node.here(kInbox + "/msg0000.wav")), "sound 0");
    EXPECT_EQ(content_of(node.here(kInbox + "/msg0001.wav")), "sound 1");
    EXPECT_EQ(content_of(node.here("default/1001/unavail.wav")), "new");
    EXPECT_EQ(std::distance(fs::directory_iterator(node.here("default/1001")), {}), 3);
    if (HasFailure() || !stepped.killed) break;
    ++kills;
  }
  std::cout << "crash of a merge: " << kills << " kills at system calls examined\n";
  EXPECT_GT(kills, 40) << "the steps of the merge were not seen";
}

}  // namespace
}  // namespace tandem::harvest

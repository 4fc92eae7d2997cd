#include "app/release_keys.h"

#include <gtest/gtest.h>

#include "pbx/authorized_keys.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

const std::string kOurs =
    "restrict,from=\"192.0.2.10\",command=\"/usr/bin/tandem sync-gate\" ssh-ed25519 AAAAC3 "
    "tandem\n";
const std::string kTheirs = "# by hand\r\nssh-rsa AAAAB3 admin@example.org";  // no end of line
constexpr const char* kFolder = "/etc/tandem/ssh";
constexpr const char* kPassword = "/etc/tandem/pgpass";
// The administrator's: `Port 2222` for the next adoption, and a key of his own.
constexpr const char* kKept[] = {"/etc/tandem/pair.yaml", "/etc/tandem/ssh/config",
                                 "/etc/tandem/ssh/id_backup"};

class ReleaseKeysTest : public testing::Test {
 protected:
  void lay_out() {
    files_ = fakes::MemoryFilesystem();
    disk_ = fakes::MemoryFilesystem();
    files_.files[kAuthorizedKeys] = fakes::File(kOurs + kTheirs, 0600);
    disk_.files["/etc/tandem/ssh/id_ed25519"] = fakes::File("secret", 0600);
    disk_.files["/etc/tandem/ssh/known_hosts"] = "192.0.2.11 ssh-ed25519 AAAA\n";
    disk_.files["/etc/tandem/ssh/id_ed25519.pub"] = "ssh-ed25519 AAAA tandem of montreal\n";
    disk_.files["/etc/tandem/ssh/new_key"] = fakes::File("half made", 0600);
    disk_.files["/etc/tandem/ssh/new_key.pub"] = "ssh-ed25519 AAAA tandem of montreal\n";
    disk_.files[kPassword] = fakes::File("*:*:*:tandem:0123456789abcdef\n", 0600);
    for (const char* const path : kKept) disk_.files[path] = "kept";
  }
  Result<std::vector<std::string>> let_go() {
    return release_keys(files_, disk_, {kFolder, kPassword, "192.0.2.11"});
  }
  void expect_ours_gone() {
    EXPECT_EQ(files_.files[kAuthorizedKeys].content, kTheirs);
    EXPECT_EQ(disk_.files.size(), std::size(kKept));
    for (const char* const path : kKept) EXPECT_EQ(disk_.files[path].content, "kept") << path;
  }

  fakes::MemoryFilesystem files_, disk_;
};

TEST_F(ReleaseKeysTest, TakesBackWhatInitMadeAndNothingElse) {
  lay_out();
  const auto told = let_go();
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told.value().size(), 5U) << "each is said";
  expect_ours_gone();
  EXPECT_EQ(files_.files[kAuthorizedKeys].mode, 0600U);
}

// spec.sshDir: /root/.ssh, or a folder that was somebody's before.
TEST_F(ReleaseKeysTest, LocksNobodyOutOfAFolderThatIsNotItsOwn) {
  disk_.files["/etc/tandem/ssh/id_ed25519"] = fakes::File("root's own", 0600);
  disk_.files["/etc/tandem/ssh/id_ed25519.pub"] = "ssh-ed25519 AAAA root@pbx-a\n";
  disk_.files["/etc/tandem/ssh/new_key"] = fakes::File("of whom?", 0600);
  disk_.files["/etc/tandem/ssh/authorized_keys"] = kTheirs;
  disk_.files["/etc/tandem/ssh/known_hosts"] =
      "192.0.2.99 ssh-ed25519 BBBB\n192.0.2.11 ssh-ed25519 AAAA\n";
  const auto before = disk_.files;
  const auto told = let_go();
  ASSERT_TRUE(told.ok());
  EXPECT_NE(told.value()[0].find("it stays"), std::string::npos);
  EXPECT_EQ(disk_.files.size(), before.size());
  EXPECT_EQ(disk_.files["/etc/tandem/ssh/id_ed25519"].content, "root's own");
  EXPECT_EQ(disk_.files["/etc/tandem/ssh/known_hosts"].content, "192.0.2.99 ssh-ed25519 BBBB\n");
}

TEST_F(ReleaseKeysTest, LeavesAKeyLineOfAnAdministratorWhateverItsCommand) {
  const std::string theirs =
      "command=\"/usr/bin/systemctl restart sync-gateway\",no-pty ssh-ed25519 AAAAC3 admin\n"
      "restrict,command=\"/opt/x sync-gate\" ssh-ed25519 AAAAC3 admin\n";
  files_.files[kAuthorizedKeys] = fakes::File(theirs + kOurs, 0600);
  ASSERT_TRUE(let_go().ok());
  EXPECT_EQ(files_.files[kAuthorizedKeys].content, theirs);
}

TEST_F(ReleaseKeysTest, HasNothingToDoTheSecondTime) {
  lay_out();
  ASSERT_TRUE(let_go().ok());
  files_.journal.clear();
  disk_.journal.clear();
  EXPECT_TRUE(let_go().value().empty());
  EXPECT_TRUE(files_.journal.empty() && disk_.journal.empty());
}

TEST_F(ReleaseKeysTest, RemovesAFileThatWasMadeForOurLine) {
  files_.files[kAuthorizedKeys] = fakes::File(kOurs, 0600);
  ASSERT_TRUE(let_go().ok());
  EXPECT_FALSE(files_.files.contains(kAuthorizedKeys));
}

TEST_F(ReleaseKeysTest, IsContentWhereTandemInitNeverRan) { EXPECT_TRUE(let_go().value().empty()); }

TEST_F(ReleaseKeysTest, StoppedAfterAnyStepIsFinishedByTheNextCall) {
  for (int changes = 0; changes < 8; ++changes) {
    lay_out();
    disk_.changes_left = changes;
    static_cast<void>(let_go().ok());
    disk_.changes_left = 1'000'000;
    ASSERT_TRUE(let_go().ok());
    expect_ours_gone();
  }
}

TEST_F(ReleaseKeysTest, SaysWhatItCouldNotWrite) {
  lay_out();
  files_.change_errors[kAuthorizedKeys] = Error{Fault::denied, "read-only file system"};
  EXPECT_EQ(let_go().error().message, "read-only file system");
}

}  // namespace
}  // namespace tandem

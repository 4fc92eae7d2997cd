#include "ports/accounts.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

class AccountsTest : public testing::Test {
 protected:
  AccountsTest() {
    disk_.files["/etc/passwd"] = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:2:daemon:/:/bin/no\n";
    disk_.files["/etc/group"] = "root:x:0:\ndaemon:x:7:someone\n";
  }

  fakes::MemoryFilesystem disk_;
};

TEST_F(AccountsTest, AreReadByNameBelowTheRoot) {
  EXPECT_EQ(find_ownership(disk_, "daemon:daemon").value(), (Ownership{1, 7}));
  EXPECT_EQ(find_ownership(disk_, "root:daemon").value(), (Ownership{0, 7}));
}

TEST_F(AccountsTest, SayWhichNameIsMissingAndWhere) {
  const auto found = find_ownership(disk_, "daemon:nobody");
  EXPECT_EQ(found.error().fault, Fault::not_found);
  EXPECT_EQ(found.error().message, "/etc/group has no nobody");
  EXPECT_EQ(find_ownership(disk_, "dae:daemon").error().message, "/etc/passwd has no dae");
  disk_.files.erase("/etc/passwd");
  EXPECT_EQ(find_ownership(disk_, "daemon:daemon").error().fault, Fault::not_found);
}

// -1 means "leave it" to chown: it must never be taken from a file.
TEST_F(AccountsTest, RefuseWhatIsNoNumber) {
  for (const char* number : {"", "x", "1x", "-1", "4294967295", "4294967296"}) {
    disk_.files["/etc/passwd"] = std::string("daemon:x:") + number + ":2:::\n";
    EXPECT_EQ(find_ownership(disk_, "daemon:daemon").error().fault, Fault::invalid) << number;
  }
  EXPECT_EQ(find_ownership(disk_, "daemon").error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem

#include "app/secrets.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

constexpr const char* kPath = "/etc/tandem/token";

TEST(Token, IsMadeOnceForTheOwnerAlone) {
  fakes::MemoryFilesystem disk;
  const auto made = read_or_make_token(disk, kPath);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.value().size(), 64U);
  EXPECT_EQ(disk.files[kPath].mode, 0600U);
  EXPECT_EQ(read_or_make_token(disk, kPath).value(), made.value());
  fakes::MemoryFilesystem other;
  EXPECT_NE(read_or_make_token(other, kPath).value(), made.value());
}

TEST(Token, IsRefusedWhereOthersMayReadIt) {
  fakes::MemoryFilesystem disk;
  disk.files[kPath] = fakes::File(std::string(64, 'a') + "\n", 0640);
  const auto token = read_or_make_token(disk, kPath);
  ASSERT_FALSE(token.ok());
  EXPECT_NE(token.error().message.find("chmod 600"), std::string::npos);
  EXPECT_EQ(token.error().message.find("aaaa"), std::string::npos);
}

TEST(Token, IsRefusedWhereItIsTooShortToBeSafe) {
  fakes::MemoryFilesystem disk;
  disk.files[kPath] = fakes::File("\n", 0600);
  EXPECT_FALSE(read_token(disk, kPath).ok()) << "an empty token would let everybody in";
}

TEST(Token, IsComparedWhole) {
  EXPECT_TRUE(carries_token("Bearer secret-secret", "secret-secret"));
  EXPECT_FALSE(carries_token("Bearer secret-secre", "secret-secret"));
  EXPECT_FALSE(carries_token("Bearer secret-secret1", "secret-secret"));
  EXPECT_FALSE(carries_token("bearer secret-secret", "secret-secret"));
  EXPECT_FALSE(carries_token("", "secret-secret"));
}

TEST(CredentialsFile, IsRefusedWhereOthersMayReadIt) {
  fakes::MemoryFilesystem disk;
  disk.files["/c.yaml"] = fakes::File("username: tandem\npassword: hidden-word\n", 0644);
  const auto read = read_credentials(disk, "/c.yaml");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().fault, Fault::denied);
  EXPECT_EQ(read.error().message.find("hidden-word"), std::string::npos);
  disk.files["/c.yaml"].mode = 0600;
  ASSERT_TRUE(read_credentials(disk, "/c.yaml").ok());
  EXPECT_EQ(read_credentials(disk, "/c.yaml").value().username, "tandem");
}

TEST(CredentialsFile, SaysWhatToWriteWhereItIsMissing) {
  fakes::MemoryFilesystem disk;
  const auto read = read_credentials(disk, "/c.yaml");
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("username and password"), std::string::npos);
}

}  // namespace
}  // namespace tandem

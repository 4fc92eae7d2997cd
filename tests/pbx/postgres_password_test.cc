#include "pbx/postgres_password.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

const std::string kPath = "/etc/tandem/pgpass";
const std::string kPassword = "0123456789abcdef0123456789abcdef";

TEST(PostgresPassword, IsMadeOfChance) {
  const auto one = new_postgres_password(), other = new_postgres_password();
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_TRUE(is_postgres_password(one.value()));
  EXPECT_EQ(one.value().size(), 64U);
  EXPECT_NE(one.value(), other.value());
}

TEST(PostgresPassword, TakesLettersAndDigitsAlone) {
  EXPECT_TRUE(is_postgres_password(kPassword));
  for (const std::string bad : {"", "short", "0123456789abcde'", "0123456789abcde\n",
                                "0123456789abcde\\", "0123456789 abcdef"})
    EXPECT_FALSE(is_postgres_password(bad)) << bad;
  EXPECT_FALSE(is_postgres_password(std::string(129, 'a')));
}

TEST(PostgresPassword, IsReadAsItWasWritten) {
  fakes::MemoryFilesystem disk;
  disk.files[kPath] = fakes::File("", 0644);  // whatever mode it had
  ASSERT_TRUE(write_postgres_password(disk, kPath, kPassword).ok());
  EXPECT_EQ(disk.files[kPath].content, "*:*:*:tandem:" + kPassword + "\n");
  EXPECT_EQ(disk.files[kPath].mode, 0600U);
  EXPECT_EQ(read_postgres_password(disk, kPath).value(), kPassword);
}

TEST(PostgresPassword, IsFoundBesideOtherLines) {
  fakes::MemoryFilesystem disk;
  disk.files[kPath] = fakes::File(
      "# ours\n*:*:*:asterisk:proformatique0000\n\n"
      "10.0.0.2:5432:asterisk:tandem:" +
          kPassword + "\r\n",
      0600);
  EXPECT_EQ(read_postgres_password(disk, kPath).value(), kPassword);
}

TEST(PostgresPassword, IsRefusedWhereOthersMayReadItOrItIsNone) {
  fakes::MemoryFilesystem disk;
  EXPECT_EQ(read_postgres_password(disk, kPath).error().fault, Fault::not_found);
  disk.files[kPath] = fakes::File("*:*:*:tandem:" + kPassword, 0640);
  EXPECT_EQ(read_postgres_password(disk, kPath).error().fault, Fault::denied);
  for (const std::string content :
       {"", "garbage", "*:*:*:tandem:x'; drop role tandem", "a:b:c:d"}) {
    disk.files[kPath] = fakes::File(content, 0600);
    const auto read = read_postgres_password(disk, kPath);
    ASSERT_EQ(read.error().fault, Fault::invalid) << content;
    EXPECT_EQ(read.error().message.find("drop"), std::string::npos) << "a secret may be there";
  }
  EXPECT_FALSE(write_postgres_password(disk, kPath, "x").ok());
}

// From RFC 7677's example: user "user", password "pencil", this salt, 4096 rounds.
TEST(PostgresPassword, VerifiesAsTheStandardSays) {
  const std::string verifier =
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
      "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  EXPECT_TRUE(verifies(verifier, "pencil"));
  EXPECT_FALSE(verifies(verifier, "pencils"));
}

TEST(PostgresPassword, MakesAVerifierThatIsNeverTheSame) {
  const auto one = new_scram_verifier(kPassword), other = new_scram_verifier(kPassword);
  EXPECT_TRUE(verifies(one.value(), kPassword));
  EXPECT_FALSE(verifies(one.value(), kPassword + "x"));
  EXPECT_NE(one.value(), other.value());
  EXPECT_EQ(one.value().find(kPassword), std::string::npos);
}

TEST(PostgresPassword, IsNotVerifiedByGarbage) {
  for (const std::string bad :
       {"", "md5abc", "SCRAM-SHA-256$", "SCRAM-SHA-256$4096:x", "SCRAM-SHA-256$x:AAAA$AAAA:AAAA",
        "SCRAM-SHA-256$0:AAAA$A:A", "SCRAM-SHA-256$99999999999:AAAA$A:A",
        "SCRAM-SHA-256$4096:$:", "SCRAM-SHA-256$4096$:A"})
    EXPECT_FALSE(verifies(bad, kPassword)) << bad;
}

}  // namespace
}  // namespace tandem

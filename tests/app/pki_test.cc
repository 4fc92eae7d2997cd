#include "app/pki.h"

#include <gtest/gtest.h>

#include "core/spec.h"
#include "ports/certificates.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using std::chrono::days;

class PkiTest : public testing::Test {
 protected:
  PkiTest() { disk.directories.insert("/pki"); }

  Result<nlohmann::ordered_json> init() { return pki_init(disk, pair, order); }
  Result<nlohmann::ordered_json> renew() { return pki_renew(disk, pair, order); }
  const std::string& text(const std::string& name) { return disk.files["/pki/" + name].content; }
  std::map<std::string, std::string> texts() const {
    std::map<std::string, std::string> all;
    for (const auto& [path, file] : disk.files) all[path] = file.content;
    return all;
  }

  HAPair pair = *parse_pair(pair_yaml(), "pair.yaml");
  fakes::MemoryFilesystem disk;
  PkiOrder order{"/pki", "pbx-a", 730, WallTime{std::chrono::seconds{1'800'000'000}}};
};

TEST_F(PkiTest, MakesWhatTheTwoNodesNeed) {
  const auto told = init();
  ASSERT_TRUE(told.ok()) << told.error().message;
  for (const std::string node : {"pbx-a", "pbx-b"}) {
    const auto facts = read_certificate(text(node + ".pem")).value();
    EXPECT_EQ(facts.dns_names, std::vector<std::string>{node});
    EXPECT_EQ(facts.not_after, order.now + days{730});
    EXPECT_TRUE(belong_together(text(node + ".pem"), text(node + ".key")).value());
    EXPECT_TRUE(is_signed_by(text(node + ".pem"), text("ca.pem")).value());
    EXPECT_EQ(disk.files["/pki/" + node + ".key"].mode, 0600U);
  }
  EXPECT_EQ(disk.files["/pki/ca.key"].mode, 0600U);
  const auto copy = told.value()["copy"].get<std::string>();
  EXPECT_NE(copy.find("ca.pem pbx-b.pem pbx-b.key | ssh root@192.0.2.11"), std::string::npos);
  EXPECT_EQ(copy.find("ca.key"), std::string::npos);
}

TEST_F(PkiTest, MakesNothingASecondTime) {
  ASSERT_TRUE(init().ok());
  const auto before = texts();
  const auto told = init();
  EXPECT_EQ(texts(), before);
  for (const auto& file : told.value()["files"]) EXPECT_EQ(file["state"], "was there");
}

// A key that was removed, or a certificate: one without the other is of no use.
TEST_F(PkiTest, MakesAPairOfFilesAnewWhereEitherIsMissing) {
  for (const std::string lost : {"pbx-b.key", "pbx-b.pem", "pbx-a.key"}) {
    ASSERT_TRUE(init().ok());
    const auto kept = text("ca.pem");
    disk.files.erase("/pki/" + lost);
    const auto told = init();
    ASSERT_TRUE(told.ok()) << told.error().message;
    const auto name = lost.substr(0, 5);
    for (const auto& file : told.value()["files"])
      EXPECT_EQ(file["state"], file["what"] == name ? "made" : "was there") << lost;
    EXPECT_TRUE(belong_together(text(name + ".pem"), text(name + ".key")).value()) << lost;
    EXPECT_EQ(text("ca.pem"), kept);
  }
}

// A run that is stopped between any two writes is finished by the next one.
TEST_F(PkiTest, FinishesWhatAStoppedRunLeft) {
  ASSERT_TRUE(init().ok());
  const auto whole = texts();
  const std::string order_of_writes[] = {"ca.key",    "ca.pem",    "pbx-a.key",
                                         "pbx-a.pem", "pbx-b.key", "pbx-b.pem"};
  for (std::size_t done = 0; done < std::size(order_of_writes); ++done) {
    disk.files.clear();
    for (std::size_t i = 0; i < done; ++i) {
      const auto path = "/pki/" + order_of_writes[i];
      disk.files[path] = whole.at(path).c_str();
    }
    const auto told = init();
    ASSERT_TRUE(told.ok()) << done << told.error().message;
    for (const std::string node : {"pbx-a", "pbx-b"}) {
      EXPECT_TRUE(belong_together(text(node + ".pem"), text(node + ".key")).value()) << done;
      EXPECT_TRUE(is_signed_by(text(node + ".pem"), text("ca.pem")).value()) << done;
    }
  }
}

TEST_F(PkiTest, RenewsBothNodesWithNewKeysAndNotTheAuthority) {
  ASSERT_TRUE(init().ok());
  const auto before = texts();
  disk.files["/pki/pbx-a.key"].mode = 0644;
  order.now += days{700};
  ASSERT_TRUE(renew().ok());
  EXPECT_EQ(text("ca.pem"), before.at("/pki/ca.pem"));
  EXPECT_EQ(text("ca.key"), before.at("/pki/ca.key"));
  for (const std::string node : {"pbx-a", "pbx-b"}) {
    EXPECT_NE(text(node + ".key"), before.at("/pki/" + node + ".key"));
    EXPECT_TRUE(belong_together(text(node + ".pem"), text(node + ".key")).value());
    EXPECT_EQ(read_certificate(text(node + ".pem")).value().not_after, order.now + days{730});
  }
  EXPECT_EQ(disk.files["/pki/pbx-a.key"].mode, 0600U) << "a careless mode is not kept";
}

TEST_F(PkiTest, OnTheOtherNodeItTellsWhereTheAuthorityIs) {
  ASSERT_TRUE(init().ok());
  disk.files.erase("/pki/ca.key");
  order.node = "pbx-b";
  const auto before = texts();
  EXPECT_EQ(init().value()["files"][0]["state"], "was there");
  const auto refused = renew();
  EXPECT_EQ(refused.error().fault, Fault::not_found);
  EXPECT_NE(refused.error().message.find("where `tandem pki init` was run"), std::string::npos);
  EXPECT_NE(refused.error().message.find("bring /pki/ca.key back"), std::string::npos);
  const auto own_key = disk.files["/pki/pbx-b.key"];
  disk.files.erase("/pki/pbx-b.key");
  EXPECT_NE(init().error().message.find("/pki/pbx-b.key is"), std::string::npos);
  disk.files["/pki/pbx-b.key"] = own_key;
  disk.files.erase("/pki/pbx-b.pem");
  EXPECT_EQ(init().error().fault, Fault::invalid) << "no second authority is made";
  EXPECT_TRUE(disk.files.contains("/pki/ca.pem"));
  EXPECT_EQ(text("ca.pem"), before.at("/pki/ca.pem"));
}

TEST_F(PkiTest, AnExpiredAuthorityRenewsNothing) {
  ASSERT_TRUE(init().ok());
  const auto before = texts();
  order.now += days{kAuthorityDays + 1};
  EXPECT_NE(renew().error().message.find("has expired"), std::string::npos);
  EXPECT_EQ(texts(), before);
}

TEST_F(PkiTest, OnlyAPathThatTwoShellsLeaveAloneIsPrinted) {
  EXPECT_TRUE(is_plain_path("/etc/tandem/pki"));
  for (const std::string path : {"pki", "/a b", "/a;reboot", "/a'b", "/$HOME", "/a\nb", ""})
    EXPECT_FALSE(is_plain_path(path)) << path;
}

}  // namespace
}  // namespace tandem

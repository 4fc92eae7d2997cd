#include "core/adoption.h"

#include <gtest/gtest.h>

#include "core/spec.h"

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Found primary() {
  Found found;
  found.product = Product::wazo;
  found.product_from = "/usr/bin/wazo-service";
  found.role = Role::primary;
  found.role_from = "/etc/xivo/ha.conf";
  found.own_name = {"pbx-a", "the host name"};
  found.own_address = {"192.0.2.10", "the registrar default"};
  found.peer_name = {"pbx-b", "/etc/hosts"};
  found.peer_address = {"192.0.2.11", "/etc/xivo/ha.conf"};
  found.expiry = SipExpiry{minutes{1}, minutes{60}, minutes{2}};
  found.expiry_from = "the SIP template global";
  found.vendor_mails = true;
  return found;
}

HAPair declared(const Found& found) {
  const auto pair = declaration_of(found, "ha-pair");
  EXPECT_TRUE(pair.ok()) << (pair.ok() ? "" : pair.error().message);
  return pair.ok() ? pair.value() : HAPair{};
}

// The text is what a person gets: our own reader takes it, and means the same.
void expect_reads_back(const Found& found) {
  const HAPair pair = declared(found);
  const std::string text = pair_text(pair, found);
  const auto read = parse_pair(text, "pair.yaml");
  ASSERT_TRUE(read) << to_string(read.error().front()) << "\n" << text;
  EXPECT_EQ(*read, pair) << text;
}

TEST(Adoption, DeclaresWhatWasFoundAndLetsNothingChange) {
  const HAPair pair = declared(primary());
  EXPECT_EQ(pair.changes_allow, Reach::none);
  EXPECT_EQ(pair.failover.owner, Owner::vendor);
  EXPECT_EQ(pair.failover.mode, Failover::Mode::advise);
  EXPECT_EQ(pair.replication.owner, Owner::vendor);
  EXPECT_EQ(pair.primary, (NodeSpec{"pbx-a", "192.0.2.10", {}}));
  EXPECT_EQ(pair.secondary, (NodeSpec{"pbx-b", "192.0.2.11", {}}));
  EXPECT_EQ(pair.sip.expiry, primary().expiry);
  EXPECT_EQ(pair.notify.size(), 1U);
  expect_reads_back(primary());
}

TEST(Adoption, MeansTheSameFromTheOtherNode) {
  Found other = primary();
  other.role = Role::secondary;
  std::swap(other.own_name, other.peer_name);
  std::swap(other.own_address, other.peer_address);
  EXPECT_EQ(declared(other), declared(primary()));
  expect_reads_back(other);
}

TEST(Adoption, NamesAPresetWhereOneIsFound) {
  Found found = primary();
  found.expiry = SipExpiry{minutes{3}, minutes{5}, minutes{4}};
  EXPECT_EQ(declared(found).sip.expiry, std::nullopt);
  EXPECT_EQ(declared(found).sip.preset, SipPolicy::Preset::documented);
  found.expiry = SipExpiry{minutes{1}, minutes{4}, minutes{2}};
  EXPECT_EQ(declared(found).sip.preset, SipPolicy::Preset::fast);
  expect_reads_back(found);
  found.product = Product::xivo;  // its documented one is another
  found.expiry = SipExpiry{minutes{1}, minutes{60}, minutes{2}};
  EXPECT_EQ(declared(found).sip, SipPolicy{});
}

TEST(Adoption, LeavesAloneWhatItCouldNotRead) {
  Found found = primary();
  found.expiry.reset();
  found.unread = {"the SIP expiry: /etc/tandem/credentials.yaml is missing"};
  EXPECT_FALSE(declared(found).sip.managed);
  EXPECT_NE(pair_text(declared(found), found).find("# NOT READ: the SIP expiry"),
            std::string::npos);
  expect_reads_back(found);
}

TEST(Adoption, LeavesAloneAnExpiryThatCanNotBeDeclared) {
  Found found = primary();
  found.expiry = SipExpiry{minutes{9}, minutes{5}, seconds{1}};
  EXPECT_FALSE(declared(found).sip.managed);
  EXPECT_NE(pair_text(declared(found), found).find("9m/5m/1s"), std::string::npos);
  expect_reads_back(found);
}

TEST(Adoption, KeepsRegistrarsWithAnotherBackup) {
  Found found = primary();
  found.registrars["default"] = {"198.51.100.7", "sbc.example.org"};
  found.registrars["010"] = {"198.51.100.7", ""};  // no form of its own in the declaration
  const HAPair pair = declared(found);
  EXPECT_EQ(pair.provisioning.registrars.at("default"), found.registrars["default"]);
  EXPECT_EQ(pair.provisioning.registrars.at("010"), std::nullopt);
  expect_reads_back(found);
}

TEST(Adoption, MakesUpANameThatIsValidAndSaysSo) {
  Found found = primary();
  found.own_name.value = std::string(63, 'a');
  found.peer_name = {};
  EXPECT_EQ(declared(found).secondary.name, std::string(58, 'a') + "-peer");
  EXPECT_NE(pair_text(declared(found), found).find("made up"), std::string::npos);
  expect_reads_back(found);
}

TEST(Adoption, AsksForAllThatNothingTells) {
  const auto pair = declaration_of(Found{}, "ha-pair");
  ASSERT_FALSE(pair.ok());
  for (const char* option : {"--product", "--role", "--node", "--address", "--peer-address"})
    EXPECT_NE(pair.error().message.find(option), std::string::npos) << option;
}

TEST(Adoption, KeepsFindingsInsideTheirComments) {
  Found found = primary();
  found.findings = {
      {"HaConfForeign", "ha.conf has another key: \\n" + std::string(300, 'x') + " y"}};
  found.findings.push_back({"Long", "word " + std::string(500, 'z')});
  expect_reads_back(found);
}

TEST(Adoption, RefusesAPairNameThatIsNone) {
  EXPECT_FALSE(declaration_of(primary(), "Not A Name").ok());
}

TEST(Adoption, FindsContradictionsButNotOtherNames) {
  const HAPair found = declared(primary());
  HAPair copied = found;
  copied.name = "montreal";
  copied.secondary.name = "pbx-b-peer";
  copied.changes_allow = Reach::reload;
  EXPECT_TRUE(contradictions(copied, found).empty());
  copied.secondary.address = "192.0.2.12";
  EXPECT_EQ(contradictions(copied, found).size(), 1U);
}

TEST(Adoption, MakesLabelsOfHostNames) {
  EXPECT_EQ(label_of("PBX_A.example.org"), "pbx-a");
  EXPECT_EQ(label_of("pbx-a"), "pbx-a");
  EXPECT_EQ(label_of("-"), "");
  EXPECT_EQ(label_of(""), "");
}

TEST(Adoption, TellsTheOperatorOnlyWhatDiffersFromItsDefaults) {
  OperatorConfig config;
  config.node = "pbx-a";
  EXPECT_EQ(operator_text(config).find("listen"), std::string::npos);
  config.listen = "127.0.0.1:1234";
  config.confd = "https://127.0.0.1/api/confd/1.1";
  const auto read = parse_operator(operator_text(config), "operator.yaml");
  ASSERT_TRUE(read) << to_string(read.error().front());
  EXPECT_EQ(*read, config);
}

}  // namespace
}  // namespace tandem

#include "ports/certificates.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::system_clock;

const auto kNow = std::chrono::floor<std::chrono::seconds>(system_clock::now());

Validity year() { return {kNow - 1h, kNow + days{365}}; }

Credential authority() { return make_authority("montreal", year()).value(); }

TEST(Certificates, ANodesCertificateNamesTheNodeAndItsAddress) {
  const auto node = issue_certificate(authority(), "pbx-a", "192.0.2.10", year());
  ASSERT_TRUE(node.ok()) << node.error().message;
  const auto facts = read_certificate(node.value().certificate).value();
  EXPECT_EQ(facts.dns_names, std::vector<std::string>{"pbx-a"});
  EXPECT_EQ(facts.addresses, std::vector<std::string>{"192.0.2.10"});
  EXPECT_EQ(facts.not_before, kNow - 1h);
  EXPECT_EQ(facts.not_after, kNow + days{365});
  EXPECT_FALSE(facts.is_authority);
  EXPECT_TRUE(read_certificate(authority().certificate).value().is_authority);
}

TEST(Certificates, EndsNoLaterThanItsAuthority) {
  const auto node =
      issue_certificate(authority(), "pbx-a", "192.0.2.10", {kNow, kNow + days{10'000}}).value();
  EXPECT_EQ(read_certificate(node.certificate).value().not_after, kNow + days{365});
}

TEST(Certificates, TellsWhoseKeyAndWhoseSignatureItIs) {
  const auto own = authority(), other = authority();
  const auto one = issue_certificate(own, "pbx-a", "192.0.2.10", year()).value();
  const auto two = issue_certificate(own, "pbx-a", "192.0.2.10", year()).value();
  EXPECT_TRUE(belong_together(one.certificate, one.key).value());
  EXPECT_FALSE(belong_together(one.certificate, two.key).value());
  EXPECT_TRUE(is_signed_by(one.certificate, own.certificate).value());
  EXPECT_FALSE(is_signed_by(one.certificate, other.certificate).value());
  EXPECT_TRUE(is_signed_by(one.certificate, other.certificate + own.certificate).value())
      << "the authority's own renewal: both are in the file for a while";
}

TEST(Certificates, NoAuthorityIsMadeFromANodesCertificate) {
  const auto own = authority(), other = authority();
  EXPECT_EQ(
      issue_certificate({own.certificate, other.key}, "pbx-a", "192.0.2.10", year()).error().fault,
      Fault::invalid);
  EXPECT_FALSE(issue_certificate({"", ""}, "pbx-a", "192.0.2.10", year()).ok());
}

TEST(Certificates, SaysWhichTextIsUnusable) {
  const auto own = authority();
  EXPECT_EQ(read_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n").error().fault, Fault::invalid);
  EXPECT_NE(belong_together("x", own.key).error().message.find("certificate"), std::string::npos);
  EXPECT_NE(belong_together(own.certificate, "x").error().message.find("key"), std::string::npos);
  EXPECT_NE(is_signed_by(own.certificate, "").error().message.find("authority"), std::string::npos);
}

}  // namespace
}  // namespace tandem

#include "probes/certificate_probe.h"

#include <gtest/gtest.h>

#include "ports/certificates.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const WallTime kNow{std::chrono::seconds{1'800'000'000}};

class CertificateProbeTest : public testing::Test {
 protected:
  CertificateProbeTest() {
    own = issue("pbx-a", kNow - 24h, kNow + days{365});
    write();
  }
  Credential issue(const std::string& name, WallTime from, WallTime until) {
    return issue_certificate(authority, name, "192.0.2.10", {from, until}).value();
  }
  void write() {
    disk.files["/pki/ca"] = authority.certificate.c_str();
    disk.files["/pki/pem"] = own.certificate.c_str();
    disk.files["/pki/key"] = own.key.c_str();
    disk.files["/pki/key"].mode = 0600;
  }
  CertificatesReading read(WallTime now = kNow) {
    return probe_certificates(disk, {"0.0.0.0:9878", "/pki/pem", "/pki/key", "/pki/ca"}, "pbx-a",
                              now);
  }
  void expect_bad(const std::string& reason, const std::string& message, WallTime now = kNow) {
    const auto condition = read(now).condition;
    EXPECT_EQ(condition.status, Truth::no);
    EXPECT_EQ(condition.reason, reason) << condition.message;
    EXPECT_NE(condition.message.find(message), std::string::npos) << condition.message;
  }

  Credential authority = make_authority("pair", {kNow - 48h, kNow + days{3650}}).value();
  Credential own;
  fakes::MemoryFilesystem disk;
};

TEST_F(CertificateProbeTest, TellsUntilWhenTheyCount) {
  const auto reading = read();
  EXPECT_EQ(reading.condition.status, Truth::yes);
  EXPECT_EQ(reading.condition.reason, "Valid");
  ASSERT_EQ(reading.expiry.size(), 2U);
  EXPECT_EQ(reading.expiry[0].certificate, "node");
  EXPECT_EQ(reading.expiry[0].at, kNow + days{365});
  EXPECT_EQ(reading.expiry[1].certificate, "ca");
  EXPECT_EQ(reading.expiry[1].at, kNow + days{3650});
}

TEST_F(CertificateProbeTest, WarnsThirtyDaysBeforeAndEndsWithTheDay) {
  EXPECT_EQ(read(kNow + days{335}).condition.reason, "Valid");
  const auto soon = read(kNow + days{335} + 1s).condition;
  EXPECT_EQ(soon.status, Truth::yes) << "it still counts";
  EXPECT_EQ(soon.reason, "ExpiresSoon");
  EXPECT_NE(soon.message.find("tandem pki renew"), std::string::npos);
  expect_bad("Expired", "tandem pki renew", kNow + days{365});
}

TEST_F(CertificateProbeTest, AnEndingAuthorityIsNotMendedByARenewal) {
  own = issue("pbx-a", kNow - 24h, kNow + days{9999});
  write();
  const auto soon = read(kNow + days{3640}).condition;
  EXPECT_EQ(soon.reason, "ExpiresSoon");
  EXPECT_EQ(soon.message.find("pki renew"), std::string::npos) << soon.message;
  EXPECT_NE(soon.message.find("pki init"), std::string::npos);
}

TEST_F(CertificateProbeTest, AClockThatIsBehindIsTold) {
  expect_bad("NotYetValid", "timedatectl", kNow - 25h);
}

TEST_F(CertificateProbeTest, AKeyOfOthersIsTold) {
  disk.files["/pki/key"].mode = 0640;
  expect_bad("KeyNotPrivate", "chmod 600 /pki/key");
}

TEST_F(CertificateProbeTest, WhatDoesNotBelongTogetherIsTold) {
  disk.files["/pki/key"] = issue("pbx-a", kNow - 24h, kNow + 24h).key.c_str();
  disk.files["/pki/key"].mode = 0600;
  expect_bad("KeyDoesNotMatch", "/pki/key is not the key of /pki/pem");
  write();
  const auto other = make_authority("other", {kNow - 48h, kNow + days{3650}}).value();
  disk.files["/pki/ca"] = other.certificate.c_str();
  expect_bad("OtherAuthority", "/pki/ca");
  own = issue("pbx-b", kNow - 24h, kNow + days{365});
  write();
  expect_bad("WrongName", "pbx-a");
}

TEST_F(CertificateProbeTest, WhatCanNotBeReadIsTold) {
  disk.files["/pki/pem"] = "no certificate";
  expect_bad("Unreadable", "/pki/pem");
  EXPECT_EQ(read().expiry.size(), 1U) << "the authority's is still told";
  write();
  disk.files["/pki/key"] = "no key";
  disk.files["/pki/key"].mode = 0600;
  expect_bad("Unreadable", "/pki/key");
  disk.files.erase("/pki/ca");
  expect_bad("Unreadable", "/pki/ca");
}

}  // namespace
}  // namespace tandem

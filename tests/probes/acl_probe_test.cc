#include "probes/acl_probe.h"

#include <gtest/gtest.h>

#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;

class AclProbeTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  AclProbeTest() {
    // As the contract lists them (section 6).
    vendor.acl = {"confd.registrars.read",
                  "confd.registrars.*.read",
                  "confd.registrars.*.update",
                  "confd.endpoints.sip.templates.read",
                  "confd.endpoints.sip.templates.*.read",
                  "confd.endpoints.sip.templates.*.update",
                  "confd.endpoints.sip.*.read",
                  "confd.trunks.read",
                  "confd.users.*.forwards.read",
                  "confd.users.*.forwards.update",
                  "confd.users.*.services.dnd.read",
                  "confd.users.*.services.dnd.update",
                  "provd.pg_mgr.install.installed.read",
                  "confd.infos.read",
                  "confd.configuration.live_reload.read",
                  "auth.tenants.read",
                  "provd.cfg_mgr.configs.read",
                  "provd.cfg_mgr.configs.*.read",
                  "provd.cfg_mgr.configs.*.update",
                  "provd.dev_mgr.devices.read",
                  "provd.dev_mgr.synchronize.create",
                  "provd.operation.read",
                  "provd.operation.delete"};
  }
  Reading read() { return run(probe_acl(auth)); }
};

TEST_F(AclProbeTest, IsGoodWithTheContractsRights) {
  EXPECT_EQ(read().verdict, Verdict::good) << read().message;
  vendor.acl = {"#"};
  EXPECT_EQ(read().verdict, Verdict::good);
}

TEST_F(AclProbeTest, NamesEachMissingRight) {
  vendor.acl.erase("confd.registrars.*.update");
  vendor.acl.erase("provd.cfg_mgr.configs.read");
  const Reading reading = read();
  EXPECT_EQ(reading.verdict, Verdict::bad);
  EXPECT_EQ(
      reading.message,
      "our user lacks: confd.registrars.*.update, provd.cfg_mgr.configs.read; add them to its "
      "policy in wazo-auth");
}

TEST_F(AclProbeTest, WarnsOfTheSilentlyShortList) {
  vendor.acl.erase("auth.tenants.read");
  const Reading reading = read();
  EXPECT_EQ(reading.verdict, Verdict::bad);
  EXPECT_NE(reading.message.find("silently shortened"), std::string::npos);
}

TEST_F(AclProbeTest, AsksOnce) {
  (void)read();
  EXPECT_EQ(http.sent.size(), 2u);  // the token, the question
}

TEST_F(AclProbeTest, IsUnknownWithoutAnAnswer) {
  credentials.password = "wrong";
  const Reading reading = read();
  EXPECT_EQ(reading.verdict, Verdict::unknown);
  EXPECT_FALSE(shows_a_secret(reading.message)) << reading.message;
  vendor.stop(FakeVendor::kAuth);
  EXPECT_EQ(read().verdict, Verdict::unknown);
}

}  // namespace
}  // namespace tandem

// The expiry in the general SIP options: Wazo before 20.13, and XiVO.
#include <gtest/gtest.h>

#include "reconciler/reconcile.h"
#include "resources/sip_expiry.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;
using fakes::Json;
using std::chrono::seconds;

class SipGeneralTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  SipGeneralTest() {
    vendor.has_templates = false;
    vendor.has_live_reload = false;
    vendor.sip_general = Json::parse(kBefore);
    goal_.product = Product::xivo;
    goal_.role = Role::primary;
    goal_.sip_expiry = SipExpiry{seconds{60}, seconds{3600}, seconds{120}};
  }

  Report pass() { return run(reconcile(expiry_, goal_, Permission::up_to(Reach::reload))); }

  // One line of the ordered ones is there twice, and one value is none.
  static constexpr const char* kBefore =
      R"({"options": {"minexpiry": "180", "maxexpiry": "300", "defaultexpiry": "240",
          "context": null, "bindport": "5060"},
          "ordered_options": [["register", "b"], ["allow", "ulaw"], ["register", "b"]]})";
  static constexpr const char* kAfter =
      R"({"options": {"minexpiry": "60", "maxexpiry": "3600", "defaultexpiry": "120",
          "context": null, "bindport": "5060"},
          "ordered_options": [["register", "b"], ["allow", "ulaw"], ["register", "b"]]})";

  fakes::MemoryFilesystem disk_;
  Unconfirmed unconfirmed_{disk_, "/var/lib/tandem/unconfirmed"};
  RegistrationExpiry expiry_{confd, unconfirmed_};
  Goal goal_;
};

TEST_F(SipGeneralTest, ChangesThreeKeysAndSendsAllElseBackAsItCame) {
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(*vendor.sip_general, Json::parse(kAfter));
  EXPECT_EQ(vendor.writes().size(), 1U);
  EXPECT_TRUE(report.conditions.empty()) << "this confd has no such switch";
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(vendor.writes().size(), 1U);
}

// A PUT replaces everything: what is sent must be what is there now.
TEST_F(SipGeneralTest, KeepsWhatSomebodyChangedSinceTheLook) {
  const auto seen = run(expiry_.observe(goal_));
  const auto steps = RegistrationExpiry::diff(RegistrationExpiry::desired(goal_), seen.value());
  (*vendor.sip_general)["options"]["bindport"] = "5070";
  (*vendor.sip_general)["ordered_options"].push_back({"localnet", "10.0.0.0/8"});
  ASSERT_TRUE(run(expiry_.apply(steps.at(0))).ok());
  EXPECT_EQ((*vendor.sip_general)["options"]["bindport"], "5070");
  EXPECT_EQ((*vendor.sip_general)["ordered_options"].size(), 4U);
  EXPECT_EQ((*vendor.sip_general)["options"]["maxexpiry"], "3600");
}

TEST_F(SipGeneralTest, SendsAgainWhatWasCommittedWithoutAReload) {
  vendor.sysconfd_up = false;
  EXPECT_EQ(pass().outcome, Outcome::failed);
  EXPECT_EQ(*vendor.sip_general, Json::parse(kAfter)) << "committed all the same";
  EXPECT_EQ(vendor.reloads, 0);
  vendor.sysconfd_up = true;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(vendor.reloads, 1);
  EXPECT_EQ(vendor.loaded_general, vendor.sip_general);
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
}

TEST_F(SipGeneralTest, NamesTheRightsThatAreMissingThere) {
  vendor.acl = {"auth.tenants.read", "confd.endpoints.#"};
  http.on("GET", std::string(FakeVendor::kConfd) + "/asterisk/sip/general",
          [](const HttpRequest&) -> Result<HttpResponse> {
            return fakes::answer(401, Json::array({"Unauthorized"}));
          });
  const Report report = pass();
  EXPECT_EQ(report.error->fault, Fault::denied);
  EXPECT_NE(report.error->message.find("confd.asterisk.sip.general.get"), std::string::npos);
  EXPECT_NE(report.error->message.find("confd.asterisk.sip.general.update"), std::string::npos);
}

}  // namespace
}  // namespace tandem

#include "probes/wizard_probe.h"

#include <gtest/gtest.h>

#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;

class WizardProbeTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  Reading read() { return run(probe_wizard(confd)); }
};

TEST_F(WizardProbeTest, IsGoodOnceTheWizardPassed) { EXPECT_EQ(read().verdict, Verdict::good); }

TEST_F(WizardProbeTest, IsBadBefore) {
  vendor.configured = false;
  EXPECT_EQ(read().verdict, Verdict::bad);
  EXPECT_NE(read().message.find("HA must not be set up before the wizard passed"),
            std::string::npos);
}

TEST_F(WizardProbeTest, IsUnknownWithoutAnAnswer) {
  vendor.busy = 1;
  EXPECT_EQ(read().verdict, Verdict::unknown);
  vendor.stop(FakeVendor::kConfd);
  EXPECT_EQ(read().verdict, Verdict::unknown);
}

TEST_F(WizardProbeTest, NeedsNoAuth) {
  vendor.stop(FakeVendor::kAuth);
  EXPECT_EQ(read().verdict, Verdict::good);
}

}  // namespace
}  // namespace tandem

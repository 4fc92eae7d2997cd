#include "reconciler/upgrade_watch.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::seconds;

constexpr bool stands = true, serves = false;

class UpgradeWatchTest : public testing::Test {
 protected:
  Reading at(seconds when, Role role = Role::secondary, bool standing = stands) {
    return watch_.look(signs_, role, standing, Instant{std::chrono::hours{1}} + when);
  }

  UpgradeSigns signs_;
  UpgradeWatch watch_;
};

TEST_F(UpgradeWatchTest, SeesNothingWhereNothingIsAmiss) {
  EXPECT_EQ(at(seconds{0}).verdict, Verdict::good);
  EXPECT_EQ(at(seconds{0}).reason, "NoUpgrade");
}

TEST_F(UpgradeWatchTest, HoldsForTwoMinutesAfterTheLockIsGone) {
  signs_.packages_locked = true;
  EXPECT_EQ(at(seconds{0}).reason, "PackagesLocked");
  EXPECT_EQ(at(seconds{300}).reason, "PackagesLocked");
  signs_.packages_locked = false;
  EXPECT_EQ(at(seconds{301}).reason, "JustEnded");
  EXPECT_EQ(at(seconds{419}).verdict, Verdict::bad);
  EXPECT_NE(at(seconds{419}).message.find("another 1 s"), std::string::npos);
  EXPECT_EQ(at(seconds{420}).verdict, Verdict::good);
}

TEST_F(UpgradeWatchTest, SeesTheVendorsProgramWithoutALock) {
  signs_.program = "/usr/bin/wazo-upgrade";
  EXPECT_EQ(at(seconds{0}).reason, "UpgradeRuns");
  EXPECT_NE(at(seconds{0}).message.find("wazo-upgrade"), std::string::npos);
}

// The first steps of an upgrade take no lock, and its program can not be seen from a container.
TEST_F(UpgradeWatchTest, TakesADisabledPrimaryForTheBeginningOfOne) {
  EXPECT_EQ(at(seconds{0}, Role::primary, serves).verdict, Verdict::good);
  EXPECT_EQ(at(seconds{1}, Role::primary, stands).reason, "ServicesDisabled");
  EXPECT_EQ(at(seconds{60}, Role::primary, stands).reason, "JustEnded");
  EXPECT_EQ(at(seconds{121}, Role::primary, stands).verdict, Verdict::good)
      << "somebody who leaves it disabled does not upgrade for ever";
}

TEST_F(UpgradeWatchTest, TakesNoSwitchoverOfAPrimaryForOne) {
  const Instant begin{std::chrono::hours{1}};
  EXPECT_EQ(watch_.look(signs_, Role::primary, serves, begin).verdict, Verdict::good);
  EXPECT_EQ(watch_.look(signs_, Role::primary, stands, begin + seconds{1}, true).verdict,
            Verdict::good);
  EXPECT_EQ(watch_.look(signs_, Role::primary, stands, begin + seconds{60}, false).verdict,
            Verdict::good)
      << "its end starts the services at once";
}

TEST_F(UpgradeWatchTest, TakesNoFailbackOfASecondaryForOne) {
  EXPECT_EQ(at(seconds{0}, Role::secondary, serves).verdict, Verdict::good);
  EXPECT_EQ(at(seconds{1}, Role::secondary, stands).verdict, Verdict::good);
}

TEST_F(UpgradeWatchTest, TakesNoStartOfTheOperatorForOne) {
  EXPECT_EQ(at(seconds{0}, Role::primary, stands).verdict, Verdict::good);
}

TEST_F(UpgradeWatchTest, DoesNotKnowWhereTheLockCanNotBeRead) {
  signs_.packages_locked = Error{Fault::denied, "/var/lib/dpkg/lock-frontend: cannot look"};
  EXPECT_EQ(at(seconds{0}).verdict, Verdict::unknown);
  signs_.packages_locked = Error{Fault::not_found, "no such file"};
  EXPECT_EQ(at(seconds{0}).reason, "NoPackageManager");
  EXPECT_EQ(at(seconds{0}).verdict, Verdict::good);
}

}  // namespace
}  // namespace tandem

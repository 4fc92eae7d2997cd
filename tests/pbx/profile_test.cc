#include "pbx/profile.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Profile, HasTheVendorsPathsOfWazo) {
  const Profile& wazo = profile_of(Product::wazo);
  EXPECT_EQ(wazo.ha_conf, "/etc/xivo/ha.conf");
  EXPECT_EQ(wazo.is_primary, "/var/lib/wazo/is-primary");
  EXPECT_EQ(wazo.is_secondary, "/var/lib/wazo/is-secondary");
  EXPECT_EQ(wazo.standby_marker, "/var/lib/wazo/disabled");
  EXPECT_EQ(wazo.provd_configs, "/var/lib/wazo-provd/jsondb/configs");
}

TEST(Profile, KnowsNoSentinelsOfXivo) {
  const Profile& xivo = profile_of(Product::xivo);
  EXPECT_FALSE(xivo.is_primary);
  EXPECT_FALSE(xivo.is_secondary);
}

}  // namespace
}  // namespace tandem

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
  EXPECT_EQ(wazo.sync_command, "/usr/bin/wazo-sync");
  EXPECT_EQ(wazo.postgres_config, "/etc/postgresql/15/main");
  EXPECT_FALSE(wazo.copies_dhcp);
  EXPECT_FALSE(wazo.contact_centre);
}

// A row that is missing from the table would leave its path empty.
TEST(Profile, HasEveryPathAndCommandOfEachProduct) {
  for (const Product product : {Product::wazo, Product::xivo}) {
    const Profile& profile = profile_of(product);
    for (const std::string& text :
         {profile.ha_conf, profile.cron_master, profile.cron_slave, profile.standby_marker,
          profile.provd_configs, profile.provd_plugins, profile.serve_command,
          profile.stand_by_command, profile.services_program, profile.upgrade_program,
          profile.check_command, profile.replication_command, profile.sync_command,
          profile.sync_setup_command, profile.sync_key, profile.voicemail, profile.bnfos_program,
          profile.bnfos_conf})
      EXPECT_TRUE(text.starts_with('/')) << "'" << text << "'";
    EXPECT_FALSE(profile.directories.empty());
    EXPECT_FALSE(profile.recordings.empty());
    EXPECT_FALSE(profile.postgres_unit.empty());
    EXPECT_FALSE(profile.dhcp_table.empty());
  }
}

TEST(Profile, HasTheSevenDirectoriesOfXivoAndItsContactCentre) {
  const Profile& xivo = profile_of(Product::xivo);
  EXPECT_EQ(xivo.directories.size(), 7U);
  EXPECT_EQ(xivo.sync_command, "/usr/bin/xivo-sync");
  EXPECT_FALSE(xivo.postgres_config) << "found by asking";
  EXPECT_TRUE(xivo.copies_dhcp);
  ASSERT_TRUE(xivo.contact_centre);
  EXPECT_EQ(xivo.contact_centre->env_file, "/etc/docker/xivo/custom.env");
  EXPECT_EQ(xivo.contact_centre->log_owner, "daemon:daemon");
  EXPECT_EQ(xivo.contact_centre->commands.size(), 3U);
}

TEST(Profile, KnowsNoSentinelsOfXivo) {
  const Profile& xivo = profile_of(Product::xivo);
  EXPECT_FALSE(xivo.is_primary);
  EXPECT_FALSE(xivo.is_secondary);
}

}  // namespace
}  // namespace tandem

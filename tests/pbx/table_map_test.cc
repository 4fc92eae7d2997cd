#include "pbx/table_map.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

bool is_copied(Product product, std::string_view table) {
  return !left_out_because(product, table, {});
}

TEST(TableMap, LeavesOutWhatTheVendorLeavesOut) {
  for (const auto* table : {"call_log", "call_log_participant", "cel", "queue_log", "session",
                            "stat_agent", "stat_agent_periodic", "stat_call_on_queue", "stat_queue",
                            "stat_queue_periodic", "mail", "monitoring", "netiface", "resolvconf"})
    for (const auto product : {Product::wazo, Product::xivo})
      EXPECT_FALSE(is_copied(product, table)) << table;
}

TEST(TableMap, CopiesTheDhcpTableOfXivoAlone) {
  EXPECT_FALSE(is_copied(Product::wazo, "dhcp"));
  EXPECT_TRUE(is_copied(Product::xivo, "dhcp"));
}

TEST(TableMap, LeavesOutWhatTheVendorMeansButMisses) {
  for (const auto* table : {"call_logd_call_log", "call_logd_participant", "call_logd_tenant",
                            "stat_switchboard_queue", "chatd_session", "chatd_line", "auth_token",
                            "auth_session", "alembic_version", "alembic_version_auth"})
    EXPECT_FALSE(is_copied(Product::wazo, table)) << table;
  for (const auto* table : {"call_logd_retention", "call_logd_config", "stats_conf", "chatd_user",
                            "auth_refresh_token", "auth_user", "infos", "sessions", "dhcp_option"})
    EXPECT_TRUE(is_copied(Product::wazo, table)) << table;
}

TEST(TableMap, FollowsTheDeclaration) {
  EXPECT_TRUE(left_out_because(Product::wazo, "moh", {"moh"}));
  EXPECT_TRUE(left_out_because(Product::wazo, "moh", {"public.moh"}));
  EXPECT_FALSE(left_out_because(Product::wazo, "moh", {"other.moh", "mo"}));
}

TEST(TableMap, KnowsStrangersAndIdentity) {
  EXPECT_TRUE(is_known_table(Product::wazo, "userfeatures"));
  EXPECT_TRUE(is_known_table(Product::wazo, "dird_contact"));
  EXPECT_FALSE(is_known_table(Product::wazo, "userfeatures_new"));
  EXPECT_TRUE(is_identity_table(Product::wazo, "endpoint_sip"));
  EXPECT_FALSE(is_identity_table(Product::xivo, "endpoint_sip"));
  for (const auto product : {Product::wazo, Product::xivo})
    for (const auto table : identity_tables(product)) EXPECT_TRUE(is_copied(product, table));
}

// A rule that names nothing that is known would be a typing error.
TEST(TableMap, EveryRuleIsForSomeProductAndKnown) {
  for (const auto& rule : left_out_rules()) {
    EXPECT_TRUE(rule.in_wazo || rule.in_xivo) << rule.pattern;
    std::string name(rule.pattern);
    if (name.ends_with('*')) name.back() = 'x';
    if (name != "stat_x") {
      EXPECT_TRUE(is_known_table(Product::wazo, name)) << name;
    }
  }
}

}  // namespace
}  // namespace tandem

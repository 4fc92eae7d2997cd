#include "metrics/metrics.h"

#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsTest : public World {
 protected:
  std::string text() { return metrics.text(*loop, "pbx-a", clock.wall()); }

  Metrics metrics{{"ha-conf", "sentinels", "cron-files"}, "1.2.3", "abcdef"};
};

TEST_F(MetricsTest, KnowsEverySeriesFromTheStart) {
  start();
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("tandem_build_info{revision=\"abcdef\",version=\"1.2.3\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_reconcile_total{resource=\"ha-conf\",result=\"Failed\"} 0"));
  EXPECT_THAT(now, HasSubstr("tandem_resource_repairs_total{resource=\"sentinels\"} 0"));
  EXPECT_THAT(now, HasSubstr("tandem_spec_rejections_total 0"));
  EXPECT_THAT(now, HasSubstr("process_resident_memory_bytes"));
}

TEST_F(MetricsTest, TellsTheNodeAndItsConditions) {
  start_in_force();
  const std::string now = text();
  EXPECT_THAT(now,
              HasSubstr("tandem_node_info{node=\"pbx-a\",product=\"wazo\",role=\"primary\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_condition{status=\"True\",type=\"Converged\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_condition{status=\"False\",type=\"Converged\"} 0"));
  EXPECT_THAT(now, HasSubstr("tandem_resource_in_sync{resource=\"ha-conf\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_spec_accepted 1"));
  EXPECT_THAT(now, HasSubstr("tandem_spec_generation 1"));
  EXPECT_THAT(now, HasSubstr("tandem_downtime_objective_seconds 300"));
  EXPECT_THAT(now,
              HasSubstr("tandem_sip_expiry_seconds{kind=\"maximum\",source=\"declared\"} 300"));
}

// A change of role must not leave the old role's series behind as a second 1.
TEST_F(MetricsTest, HasOneRoleAtATime) {
  start_in_force();
  text();
  edit_pair(pair_yaml("  enabled: false\n"));
  ASSERT_TRUE(order_structural().ok());
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("role=\"off\"} 1"));
  EXPECT_THAT(now, Not(HasSubstr("role=\"primary\"")));
}

TEST_F(MetricsTest, CountsLooksRepairsAndRefusals) {
  Report report;
  report.resource = "ha-conf";
  report.outcome = Outcome::repaired;
  report.done.push_back({"node_type", "slave", "master", "nothing", "", Reach::file});
  report.took = std::chrono::milliseconds{3};
  metrics.reported(report);
  metrics.spec_rejected("bad");
  start();
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("tandem_reconcile_total{resource=\"ha-conf\",result=\"Repaired\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_resource_repairs_total{resource=\"ha-conf\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_reconcile_duration_seconds_count{resource=\"ha-conf\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_spec_rejections_total 1"));
}

TEST_F(MetricsTest, SaysWhenTheDeclarationIsRefusedOrThePairSuspended) {
  start_in_force();
  edit_pair("bad");
  pass(std::chrono::seconds{1});
  EXPECT_THAT(text(), HasSubstr("tandem_spec_accepted 0"));
  edit_pair(pair_yaml("  suspend: { reason: upgrade, until: 2033-01-01T00:00:00Z }\n"));
  pass(std::chrono::seconds{1});
  EXPECT_THAT(text(), HasSubstr("tandem_suspended 1"));
}

}  // namespace
}  // namespace tandem

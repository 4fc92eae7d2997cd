#include "reconciler/plan.h"

#include "tests/reconciler/world.h"

namespace tandem {
namespace {

class PlanTest : public World {
 protected:
  Plan make(Role role) {
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<ManagedAs<Sentinels>>(node));
    resources.push_back(std::make_unique<ManagedAs<CronFiles>>(node));
    resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    Goal goal = goal_for(parse_pair(pair_yaml(), "pair.yaml").value(), "pbx-a", false).value();
    goal.role = role;
    return run(make_plan(resources, "pbx-a", goal));
  }
};

TEST_F(PlanTest, ShowsEveryChangeAndTouchesNothing) {
  const Plan plan = make(Role::primary);
  EXPECT_GE(plan.changes(), 3U);
  EXPECT_EQ(plan.failures(), 0U);
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  for (const Report& report : plan.reports)
    for (const Change& change : report.left) {
      EXPECT_FALSE(change.field.empty());
      EXPECT_FALSE(change.from.empty());
      EXPECT_FALSE(change.to.empty());
      EXPECT_FALSE(change.disturbs.empty());
      EXPECT_FALSE(change.why.empty());
    }
}

TEST_F(PlanTest, ListsTheResourcesInTheOrderInWhichTheyAreChanged) {
  const Plan plan = make(Role::primary);
  ASSERT_EQ(plan.reports.size(), 3U);
  EXPECT_EQ(plan.reports[0].resource, "sentinels");
  EXPECT_EQ(plan.reports[1].resource, "ha-conf");
  EXPECT_EQ(plan.reports[2].resource, "cron-files");
}

TEST_F(PlanTest, CountsWhatCouldNotBeLookedAt) {
  node.errors[kHaConf] = Error{Fault::denied, "not for us"};
  EXPECT_EQ(make(Role::primary).failures(), 1U);
}

}  // namespace
}  // namespace tandem

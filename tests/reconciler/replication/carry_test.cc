// Whether a change that a user made on the secondary may be carried back.
#include "reconciler/replication/carry.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using What = CarryStep::What;

FeatureChange forward(std::optional<bool> moved = false) {
  FeatureChange change;
  change.served = 1;
  change.user_uuid = "u7";
  change.feature = UserFeature::forward_busy;
  change.primary = {false, ""};
  change.secondary = {true, "5551234"};
  change.primary_moved = moved;
  return change;
}

TEST(CarryStep, WritesWhereThePrimaryIsAsBeforeTheTakeover) {
  EXPECT_EQ(carry_step(forward(), {false, ""}, false).what, What::write);
}

TEST(CarryStep, HasNothingToDoTheSecondTime) {
  EXPECT_EQ(carry_step(forward(), {true, "5551234"}, false).what, What::nothing);
  EXPECT_EQ(carry_step(forward(true), {true, "5551234"}, true).what, What::nothing);
}

TEST(CarryStep, NeverOverwritesWhatThePrimaryGotMeanwhile) {
  const CarryStep later = carry_step(forward(), {true, "5550000"}, false);
  EXPECT_EQ(later.what, What::conflict);
  EXPECT_EQ(later.message, "on the primary it is to 5550000 now, and was off when it was kept");
  EXPECT_EQ(carry_step(forward(true), {false, ""}, false).what, What::conflict);
  EXPECT_EQ(carry_step(forward(std::nullopt), {false, ""}, false).what, What::conflict);
}

TEST(CarryStep, YieldsToAPerson) {
  EXPECT_EQ(carry_step(forward(true), {true, "5550000"}, true).what, What::write);
}

Divergence of(std::vector<FeatureChange> changes) {
  Divergence divergence;
  ServedTime time;
  time.id = 1;
  time.journalled_at = "2026-11-26T10:00:00Z";
  divergence.times.push_back(time);
  divergence.changes = std::move(changes);
  return divergence;
}

TEST(ChangesFor, TakesWhatWaitsOfTheGroupsAndTheUser) {
  FeatureChange dnd = forward();
  dnd.feature = UserFeature::dnd;
  FeatureChange other = forward();
  other.user_uuid = "u8";
  FeatureChange done = forward();
  done.user_uuid = "u9";
  done.state = "applied";
  FeatureChange conflict = forward();
  conflict.user_uuid = "u10";
  conflict.state = "conflict";
  const Divergence divergence = of({forward(), dnd, other, done, conflict});
  CarryOrder order;
  order.groups = {"forwards"};
  EXPECT_EQ(changes_for(divergence, order).size(), 3U);
  order.anew = false;
  EXPECT_EQ(changes_for(divergence, order).size(), 2U) << "a conflict waits for a person";
  order.user = "u8";
  EXPECT_EQ(changes_for(divergence, order).size(), 1U);
  order.user.reset();
  order.groups = {"dnd", "forwards"};
  EXPECT_EQ(changes_for(divergence, order).size(), 3U);
}

TEST(ChangesFor, TakesNothingOfATimeThatEnded) {
  Divergence divergence = of({forward()});
  divergence.times[0].ended_at = "2026-11-26T11:00:00Z";
  CarryOrder order;
  order.groups = {"forwards"};
  EXPECT_TRUE(changes_for(divergence, order).empty());
  EXPECT_FALSE(divergence.waits());
}

TEST(Divergence, RowsThatServicesWriteByThemselvesWaitForNobody) {
  Divergence divergence = of({});
  divergence.others = {{1, "auth_refresh_token", "added", 3}};
  EXPECT_FALSE(divergence.waits());
  divergence.others.push_back({1, "func_key_mapping", "changed", 2});
  EXPECT_TRUE(divergence.waits());
  EXPECT_EQ(divergence.waiting().at("other"), 2U);
}

}  // namespace
}  // namespace tandem

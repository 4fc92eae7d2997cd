// How far an accepted order is.
#include <gtest/gtest.h>

#include "tests/reconciler/order_samples.h"

namespace tandem {
namespace {

using Kind = Order::Kind;
using enum NodeState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(OrderProgressTest, IsSeenFromEitherNode) {
  using Progress = OrderProgress::Kind;
  const Order takeover = order(Kind::takeover), failback = order(Kind::failback);
  for (const auto& [state, wanted] :
       {std::pair{standby, Progress::under_way}, std::pair{activating, Progress::under_way},
        std::pair{active, Progress::done}, std::pair{faulted, Progress::failed}}) {
    EXPECT_EQ(progress_of(takeover, secondary(state)).kind, wanted);
    OrderFacts facts = primary();
    facts.peer_state = state;
    EXPECT_EQ(progress_of(takeover, facts).kind, wanted);
  }
  EXPECT_EQ(progress_of(failback, secondary(failback_hold)).kind, Progress::under_way);
  EXPECT_EQ(progress_of(failback, secondary(standby)).kind, Progress::done);
  OrderFacts facts = primary();
  facts.peer_state = active;
  const Order switchover = order(Kind::switchover);
  EXPECT_EQ(progress_of(switchover, facts).kind, Progress::under_way) << "both serve";
  facts.state = maintenance;
  facts.maintenance = Maintenance{"x", kNow + hours{1}, true, true};
  facts.stopped = true;
  EXPECT_EQ(progress_of(switchover, facts).kind, Progress::done);
  facts.peer_state = off;
  EXPECT_EQ(progress_of(switchover, facts).kind, Progress::under_way);
}

TEST(OrderProgressTest, ASwitchoverIsDoneOnlyWhereThePrimaryIsSeenToBeStopped) {
  using Progress = OrderProgress::Kind;
  const Order switchover = order(Kind::switchover);
  OrderFacts here = primary();
  here.peer_state = active;
  here.state = maintenance;
  here.maintenance = Maintenance{"x", kNow + hours{1}, true, true};
  OrderFacts there = secondary(active);
  there.peer_state = maintenance;
  there.peer_maintenance = here.maintenance;
  for (const OrderFacts& facts : {here, there}) {
    const auto told = progress_of(switchover, facts);
    EXPECT_EQ(told.kind, Progress::under_way);
    EXPECT_NE(told.sentence.find("pbx-a was told to stop, and is still seen to serve"),
              std::string::npos)
        << told.sentence;
  }
  here.stopped = there.peer_stopped = true;
  EXPECT_EQ(progress_of(switchover, here).kind, Progress::done);
  EXPECT_EQ(progress_of(switchover, there).kind, Progress::done);
}

TEST(OrderProgressTest, AMaintenanceOfAnotherOrderStopsNothing) {
  OrderFacts facts = primary();
  facts.peer_state = active;
  facts.state = maintenance;
  facts.maintenance = Maintenance{"x", kNow + hours{1}, false, false};
  facts.stopped = true;
  const auto told = progress_of(order(Kind::switchover), facts);
  EXPECT_EQ(told.kind, OrderProgress::Kind::failed);
  EXPECT_NE(told.sentence.find("does not stop it"), std::string::npos) << told.sentence;
}

TEST(OrderProgressTest, WhatCameToNothingHasFailedOnBothNodes) {
  const Order one = order(Kind::takeover);
  const auto here = progress_of(one, secondary(), not_carried_out("suspended"));
  EXPECT_EQ(here.kind, OrderProgress::Kind::failed);
  EXPECT_EQ(here.sentence, "not carried out: suspended");
  OrderFacts facts = primary();
  facts.peer_order = one.id;
  facts.peer_result = not_carried_out("suspended");
  const auto there = progress_of(one, facts);
  EXPECT_EQ(there.kind, OrderProgress::Kind::failed);
  EXPECT_EQ(there.sentence, "pbx-b: not carried out: suspended");
  facts.peer_order = "another-order";
  EXPECT_EQ(progress_of(one, facts).kind, OrderProgress::Kind::under_way);
}

TEST(OrderProgressTest, AMaintenanceThatWaitsIsNotSoYet) {
  OrderFacts facts = secondary();
  const Order one = order(Kind::maintenance);
  facts.waiting = {one.kind, one.id};
  EXPECT_EQ(progress_of(one, facts).kind, OrderProgress::Kind::under_way);
  facts.waiting.reset();
  EXPECT_EQ(progress_of(one, facts).kind, OrderProgress::Kind::done);
}

}  // namespace
}  // namespace tandem

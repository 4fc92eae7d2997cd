// Orders that wait: one at a time, and none is forgotten in silence.
#include <gmock/gmock.h>

#include "reconciler/failover/conditions.h"
#include "reconciler/failover/order_words.h"
#include "tests/reconciler/failover/failover_world.h"

namespace tandem {
namespace {

using enum NodeState;
using Kind = Order::Kind;
using testing::HasSubstr;
using testing::StartsWith;

class OrdersLost : public FailoverTest {
 protected:
  void switch_over() {
    ASSERT_TRUE(order(Kind::switchover, "switchover-1").ok());
    engine->order_for_peer();
    word->state = activating;
    pass(5);
  }
  void secondary_serves() {
    word->state = active;
    word->sip = OwnSip::answers;
  }
  // What became of the order, and how often it was told as lost.
  std::string result(const char* id) const {
    const std::string* known = engine->memory().result_of(id);
    return known != nullptr ? *known : "";
  }
};

TEST_F(OrdersLost, ASwitchoverOutlivesASuspensionThatComesAndGoes) {
  be_primary(standby);
  switch_over();
  ASSERT_TRUE(order(Kind::suspend, "suspend-01").ok());
  secondary_serves();
  EXPECT_EQ(pass(5), serving) << "nothing is changed meanwhile";
  ASSERT_TRUE(order(Kind::resume, "resume-001").ok());
  EXPECT_EQ(pass(2), maintenance);
  EXPECT_FALSE(running);
}

TEST_F(OrdersLost, ASecondOrderThatWouldWaitIsRefusedAndNamesTheFirst) {
  be_primary(standby);
  switch_over();
  for (const Kind kind : {Kind::switchover, Kind::maintenance}) {
    const auto refused = order(kind, "another-01");
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message, HasSubstr("a switchover is under way here since 20"));
    EXPECT_THAT(refused.error().message, HasSubstr("tandem get events order/switchover"));
    EXPECT_TRUE(worth_retrying(refused.error()));
  }
  engine->drop_order("another-01");  // it could not be passed on
  secondary_serves();
  EXPECT_EQ(pass(2), maintenance) << "the first goes on";
}

TEST_F(OrdersLost, AnOrderThatCouldNotBePassedOnIsDroppedAndMayComeAgain) {
  be_primary(standby);
  ASSERT_TRUE(order(Kind::switchover, "switchover-1").ok());
  engine->drop_order("switchover-1");
  EXPECT_FALSE(engine->waiting());
  EXPECT_TRUE(order(Kind::switchover, "switchover-1").ok());
}

TEST_F(OrdersLost, TheEndOfAMaintenanceWithdrawsASwitchoverThatWaits) {
  be_primary(standby);
  switch_over();
  ASSERT_TRUE(order(Kind::end_maintenance, "withdraw-1").ok());
  secondary_serves();
  EXPECT_EQ(pass(30), serving);
  EXPECT_EQ(result("switchover-1"), "not carried out: it was withdrawn");
  EXPECT_EQ(engine->lost_orders().size(), 1U);
}

TEST_F(OrdersLost, ASwitchoverWhoseOtherNodeDoesNotServeIsTold) {
  be_primary(standby);
  switch_over();
  EXPECT_EQ(pass(310), serving);
  EXPECT_THAT(result("switchover-1"),
              StartsWith("not carried out: pbx-b did not serve in time: it is Activating"));
  EXPECT_EQ(engine->lost_orders().size(), 1U);
  EXPECT_TRUE(engine->lost_orders().empty()) << "told once";
  secondary_serves();
  EXPECT_EQ(pass(30), serving) << "hours later it must not stop by itself";
}

TEST_F(OrdersLost, ASwitchoverEndsWhereTheOtherNodeCouldNotCarryOutItsPart) {
  be_primary(standby);
  switch_over();
  word->last_order = takeover_within(engine->waiting()->order).id;
  word->last_order_result = not_carried_out("suspended there");
  pass(2);
  EXPECT_FALSE(engine->waiting());
  EXPECT_THAT(result("switchover-1"), HasSubstr("pbx-b: not carried out: suspended there"));
}

TEST_F(OrdersLost, ANodeThatDoesNotStopMakesTheSwitchoverFail) {
  be_primary(standby);
  can_stop = false;
  switch_over();
  secondary_serves();
  EXPECT_EQ(pass(60), maintenance);
  EXPECT_FALSE(was_not_carried_out(result("switchover-1"))) << "it has some time to stop";
  pass(180);
  EXPECT_THAT(result("switchover-1"), HasSubstr("did not stop within 3m; both nodes serve"));
  EXPECT_EQ(engine->word(now, wall).last_order_result, result("switchover-1"));
  EXPECT_EQ(engine->lost_orders().size(), 1U);
}

TEST_F(OrdersLost, ATakeoverThatMayNotBeginIsTold) {
  pass(10);
  closed = "an upgrade runs";
  pass(2);
  ASSERT_TRUE(order(Kind::takeover, "takeover-1").ok());
  EXPECT_EQ(pass(10), standby);
  EXPECT_THAT(result("takeover-1"), HasSubstr("this node may not be changed"));
  EXPECT_EQ(engine->lost_orders().size(), 1U);
  EXPECT_FALSE(order(Kind::takeover, "takeover-1").ok()) << "the same one comes to the same";
  closed.clear();
  EXPECT_EQ(pass(60), standby) << "it is not carried out behind anybody's back";
  ASSERT_TRUE(order(Kind::takeover, "takeover-2").ok());
  EXPECT_EQ(pass(2), active);
}

TEST_F(OrdersLost, AnOrderIsAdvisedOnlyWhereItWouldBeTaken) {
  const auto blocked = [&] {
    for (const Condition& one : failover_conditions(*engine))
      if (one.type == "TakeoverBlocked") return one.message;
    return std::string();
  };
  pair.failover.mode = Failover::Mode::manual;
  pass(10);
  primary_host = false;
  pass(30);
  EXPECT_THAT(blocked(), HasSubstr("`tandem takeover --reason ...` orders it"));
  ASSERT_TRUE(order(Kind::suspend, "suspend-01").ok());
  pass(2);
  EXPECT_THAT(blocked(), HasSubstr("not suspended"));
  EXPECT_THAT(blocked(), testing::Not(HasSubstr("tandem takeover")));
}

TEST_F(OrdersLost, AFailbackThatWasOrderedLongAgoDoesNotPassByTheWindow) {
  take_over();
  primary_host = true;
  pass(20);
  ASSERT_TRUE(order(Kind::failback, "failback-1").ok());
  primary_host = false;
  pass(static_cast<int>(seconds{minutes{5 + 30} + FailoverEngine::kFailbackMargin}.count()) + 1);
  EXPECT_FALSE(engine->memory().failback_ordered);
  EXPECT_THAT(result("failback-1"), HasSubstr("not carried out: not within 50m"));
  EXPECT_EQ(engine->lost_orders().size(), 1U);
}

TEST_F(OrdersLost, AFailbackThatWasKeptOverARestartEndsAsWell) {
  take_over();
  primary_host = true;
  pass(20);
  ASSERT_TRUE(order(Kind::failback, "failback-1").ok());
  primary_host = false;
  pass(60);
  start();
  pass(60);
  EXPECT_TRUE(engine->memory().failback_ordered);
  pass(3'600);
  EXPECT_FALSE(engine->memory().failback_ordered);
  const auto lost = engine->lost_orders();
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].order.kind, Kind::failback);
}

TEST_F(OrdersLost, AMaintenanceMayBeGivenAnotherEnd) {
  pass(10);
  ASSERT_TRUE(order(Kind::maintenance, "maintain-1").ok());
  ASSERT_EQ(pass(1'200), maintenance);
  ASSERT_TRUE(order(Kind::maintenance, "maintain-2").ok());
  EXPECT_EQ(pass(1'200), maintenance) << "the first would be over";
  EXPECT_EQ(pass(700), standby);
}

TEST_F(OrdersLost, ASwitchoverThatIsGivenAnotherEndStaysOne) {
  be_primary(standby);
  switch_over();
  secondary_serves();
  ASSERT_EQ(pass(2), maintenance);
  ASSERT_TRUE(order(Kind::maintenance, "maintain-1").ok());
  EXPECT_EQ(pass(10), maintenance);
  EXPECT_TRUE(engine->memory().maintenance->stopped);
  EXPECT_TRUE(engine->word(now, wall).maintenance->take_over) << "the other node serves on";
}

TEST_F(OrdersLost, WhatStillAnswersIsNotStopped) {
  be_primary(standby);
  Situation seen = engine->situation();
  seen.own.known = seen.own.all_down = true;
  EXPECT_FALSE(seen_stopped(seen)) << "its SIP answers, whatever systemd says";
  running = false;
  pass(3);
  EXPECT_TRUE(seen_stopped(engine->situation()));
}

}  // namespace
}  // namespace tandem

// Failback: when the secondary leaves, and when it stays; what a person orders; the primary.
#include <future>

#include "ports/timed_slot_file.h"
#include "reconciler/failover/conditions.h"
#include "reconciler/failover/explanations.h"
#include "reconciler/failover/orders.h"
#include "tests/reconciler/failover/failover_world.h"

namespace tandem {
namespace {

using enum NodeState;

// A disk that from some moment on neither takes a write nor refuses it, until it is thawed.
class FreezingSlots : public SlotFile {
 public:
  explicit FreezingSlots(SlotDevice& device) : slots_(device) {}
  Result<std::optional<std::string>> read() override { return slots_.read(); }
  Status write(const std::string& content) override {
    if (thawed_.valid()) thawed_.wait();
    return slots_.write(content);
  }
  void freeze() { thawed_ = thaw_.get_future().share(); }
  void thaw() { thaw_.set_value(); }

 private:
  TwoSlots slots_;
  std::promise<void> thaw_;
  std::shared_future<void> thawed_;
};

TEST_F(FailoverTest, StartsTheHoldAgainAtAnyMiss) {
  take_over();
  primary_host = true;
  pass(250);
  primary_sip = false;
  pass(2);
  primary_sip = true;
  EXPECT_EQ(pass(295), failback_hold);
  EXPECT_EQ(pass(15), standby);
}

TEST_F(FailoverTest, WaitsForCallsButNotForEver) {
  take_over();
  primary_host = true;
  calls = 2;
  EXPECT_EQ(pass(1'500), failback_hold);
  EXPECT_EQ(pass(700), standby);
}

TEST_F(FailoverTest, DoesNotWaitForCallsThatEnd) {
  take_over();
  primary_host = true;
  calls = 2;
  pass(400);
  calls = 0;
  EXPECT_EQ(pass(5), standby);
}

// A call may have begun since: only a count of this moment lets the node leave.
TEST_F(FailoverTest, LeavesOnlyWhereTheCallsWereCountedJustNow) {
  take_over();
  primary_host = true;
  counted = now;
  EXPECT_EQ(pass(320), failback_hold);
  EXPECT_TRUE(waits_for_calls(engine->situation()));
  const auto guards = why(*engine).guards;
  const auto calls_guard = std::find_if(guards.begin(), guards.end(), [](const Why::Guard& guard) {
    return guard.name == guard_name(Guard::calls);
  });
  ASSERT_NE(calls_guard, guards.end());
  EXPECT_FALSE(calls_guard->holds);
  EXPECT_EQ(calls_guard->value, "not counted yet");
  counted.reset();
  EXPECT_EQ(pass(2), standby);
}

TEST_F(FailoverTest, DoesNotWaitForEverWhereTheCallsCanNotBeCounted) {
  take_over();
  primary_host = true;
  calls.reset();
  EXPECT_EQ(pass(1'500), failback_hold);
  EXPECT_EQ(pass(700), standby);
}

TEST_F(FailoverTest, StaysWhereFailbackIsManualUntilItIsOrdered) {
  pair.failover.failback.mode = Failover::Failback::Mode::manual;
  take_over();
  primary_host = true;
  EXPECT_EQ(pass(1'000), failback_hold);
  ASSERT_TRUE(order(Order::Kind::failback).ok());
  EXPECT_EQ(pass(5), standby) << "the hold was over long ago";
}

TEST_F(FailoverTest, StartsTheHoldWhenAnUpgradeEnds) {
  take_over();
  primary_host = true;
  upgrading = true;
  EXPECT_EQ(pass(600), failback_hold);
  upgrading = false;
  EXPECT_EQ(pass(290), failback_hold);
  EXPECT_EQ(pass(20), standby);
}

TEST_F(FailoverTest, LatchesWhereItWouldFlap) {
  for (int round = 0; round < 2; ++round) {
    pass(10);
    primary_host = false;
    pass(60);
    primary_host = true;
    EXPECT_EQ(pass(320), standby) << round;
    start();  // it is remembered on the disk
  }
  primary_host = false;
  pass(60);
  primary_host = true;
  EXPECT_EQ(pass(400), latched);
  primary_host = false;
  EXPECT_EQ(pass(600), latched) << "it serves on, whatever becomes of the primary";
  EXPECT_TRUE(running);
  primary_host = true;
  ASSERT_TRUE(order(Order::Kind::ack).ok());
  EXPECT_EQ(pass(310), standby) << "a person let it go on";
}

TEST_F(FailoverTest, LeavesServicesAloneThatAnotherHandStarted) {
  pass(10);
  running = true;
  EXPECT_EQ(pass(1'000), active);
  EXPECT_EQ(engine->memory().cause, TakeoverCause::by_hand);
  EXPECT_TRUE(running) << "by hand, until a person says otherwise";
  ASSERT_TRUE(order(Order::Kind::ack).ok());
  EXPECT_EQ(pass(320), standby);
}

TEST_F(FailoverTest, TakesOverByOrderAlsoFromIsolatedAndStaysUntilOrdered) {
  pass(10);
  primary_host = network = false;
  pass(30);
  ASSERT_TRUE(order(Order::Kind::takeover).ok());
  EXPECT_EQ(pass(3), active);
  primary_host = network = true;
  EXPECT_EQ(pass(1'000), active) << "ordered: it does not leave by itself";
  ASSERT_TRUE(order(Order::Kind::failback, "order-0002").ok());
  EXPECT_EQ(pass(320), standby);
}

TEST_F(FailoverTest, CarriesTheSameOrderOutOnce) {
  pass(10);
  const auto first = order(Order::Kind::takeover);
  pass(3);
  ASSERT_TRUE(order(Order::Kind::failback, "order-0002").ok());
  pass(320);
  ASSERT_EQ(engine->state(), standby);
  const auto again = order(Order::Kind::takeover);
  EXPECT_EQ(again.value(), first.value());
  EXPECT_EQ(pass(10), standby);
  EXPECT_EQ(engine->memory().epoch, 1U);
}

TEST_F(FailoverTest, WritesTheDecisionDownBeforeItActs) {
  pass(10);
  device.refusal = Error{Fault::unavailable, "disk full"};
  primary_sip = false;
  EXPECT_EQ(pass(200), suspect) << "a takeover that would be forgotten waits";
  device.refusal.reset();
  EXPECT_EQ(pass(5), active);
}

TEST_F(FailoverTest, ActsOnADeadHostAlsoWhereTheDiskRefuses) {
  pass(10);
  device.refusal = Error{Fault::unavailable, "disk full"};
  primary_host = false;
  EXPECT_EQ(pass(30), active);
  EXPECT_FALSE(engine->durable());
  primary_host = true;
  EXPECT_EQ(pass(600), failback_hold) << "a failback that could not be counted waits";
  const Why shown = why(*engine);
  EXPECT_EQ(shown.sentence,
            "will not fail back, for want of: the decision can be written down, or the primary's "
            "host is dead");
  device.refusal.reset();
  EXPECT_EQ(pass(5), standby);
}

TEST_F(FailoverTest, ActsOnADeadHostAlsoWhereTheDiskHangs) {
  const auto disk = std::make_shared<FreezingSlots>(device);
  TimedSlotFile file(disk);
  engine.reset();
  keeper = std::make_unique<MemoryKeeper>(file);
  engine = std::make_unique<FailoverEngine>(*keeper, "boot-1");
  pass(10);
  disk->freeze();
  primary_host = false;
  EXPECT_EQ(pass(30), active);
  EXPECT_EQ(keeper->condition().status, Truth::no);
  EXPECT_EQ(keeper->condition().reason, "DiskHangs");
  disk->thaw();
  while (!engine->durable()) pass(1);
  EXPECT_EQ(keeper->condition().status, Truth::yes);
  start();
  EXPECT_EQ(engine->memory().state, active) << "not what it hung in";
}

TEST_F(FailoverTest, AJumpOfTheClockChangesNothing) {
  pass(10);
  primary_host = false;
  pass(10);
  wall += std::chrono::hours{24};
  EXPECT_EQ(pass(10), suspect);
  EXPECT_EQ(pass(5), active);
}

TEST_F(FailoverTest, TakesNoOrderBeforeADeclarationIsInForce) {
  EXPECT_EQ(order(Order::Kind::takeover).error().fault, Fault::unavailable);
}

TEST_F(FailoverTest, AJumpOfTheClockShortensNoSuspension) {
  pass(5);
  ASSERT_TRUE(order(Order::Kind::suspend).ok());
  pass(10);
  wall += std::chrono::hours{24};
  primary_host = false;
  EXPECT_EQ(pass(600), suspect);
  EXPECT_EQ(pass(1'300), active) << "its 30 minutes have passed";
}

TEST_F(FailoverTest, AStallVoidsTheEvidenceAroundIt) {
  pass(10);
  primary_host = false;
  pass(18);
  now += seconds{10};
  wall += seconds{10};
  EXPECT_EQ(pass(15), suspect);
  EXPECT_TRUE(pass(8) == activating || engine->state() == active);
}

TEST_F(FailoverTest, TakesOverAtOnceWhereThePrimaryAnnouncedIt) {
  word = PeerWord{};
  word->role = Role::primary;
  pass(10);
  word->maintenance = Maintenance{"new disk", wall + minutes{10}, true, false};
  EXPECT_EQ(pass(4), active);
  EXPECT_EQ(engine->memory().cause, TakeoverCause::announced);
  word->maintenance.reset();
  EXPECT_EQ(pass(320), standby) << "it gives back at the end of the maintenance";
}

TEST_F(FailoverTest, WaitsWhereThePrimaryAnnouncedOnlyAPause) {
  word = PeerWord{};
  word->role = Role::primary;
  pass(10);
  word->maintenance = Maintenance{"reboot", wall + minutes{10}, false, false};
  pass(2);
  primary_host = false;
  EXPECT_EQ(pass(500), suspect);
  EXPECT_EQ(pass(200), active) << "its time is over";
}

TEST_F(FailoverTest, DoesNothingWhereBothAreDeclaredPrimary) {
  word = PeerWord{};
  word->role = Role::secondary;  // as we are
  pass(10);
  word->sip = OwnSip::silent;
  word->trouble = ServiceTrouble::failed;
  primary_sip = false;
  EXPECT_EQ(pass(600), suspect);
}

// ---- the primary

TEST_F(FailoverTest, ThePrimaryNeverStopsForLackOfTheOtherNode) {
  role = Role::primary;
  running = true;
  EXPECT_EQ(pass(20), serving);
  primary_host = network = false;  // here: the other node
  EXPECT_EQ(pass(600), serving);
  answers = false;
  EXPECT_EQ(pass(20), degraded);
  EXPECT_EQ(engine->stance(), Stance::as_is) << "what was stopped or failed there is not started";
}

TEST_F(FailoverTest, ThePrimaryStopsInASwitchoverOnlyOnceTheOtherServes) {
  be_primary(standby);
  ASSERT_TRUE(order(Order::Kind::switchover).ok());
  EXPECT_EQ(engine->order_for_peer()->kind, Order::Kind::takeover);
  EXPECT_EQ(pass(5), serving);
  word->state = activating;
  EXPECT_EQ(pass(60), serving);
  word->state = active;
  word->sip = OwnSip::answers;
  EXPECT_EQ(pass(2), maintenance);
  EXPECT_FALSE(running);
  device.crash();
  start("boot-2");
  EXPECT_EQ(pass(60), maintenance) << "a reboot keeps it down";
  EXPECT_FALSE(running);
  EXPECT_EQ(pass(1'800), serving) << "its end starts the services again";
  EXPECT_TRUE(running);
}

TEST_F(FailoverTest, APrimaryThatDoesNotAnswerIsNotWell) {
  role = Role::primary;
  running = true;
  ASSERT_EQ(pass(10), serving);
  const auto own_sip = [&] {
    for (const Condition& one : failover_conditions(*engine))
      if (one.type == "OwnSipAnswers") return one;
    return Condition{};
  };
  EXPECT_TRUE(is_well(own_sip())) << own_sip().message;
  answers = false;
  ASSERT_EQ(pass(20), degraded);
  EXPECT_FALSE(is_well(own_sip()));
  EXPECT_FALSE(own_sip().advisory) << "Ready goes by it";
  answers = true;
  ASSERT_EQ(pass(2), serving);
  EXPECT_TRUE(is_well(own_sip()));
}

TEST_F(FailoverTest, ASwitchoverHasAnOrderOfItsOwnForTheOtherNode) {
  be_primary(standby);
  ASSERT_TRUE(order(Order::Kind::switchover).ok());
  const auto inner = engine->order_for_peer();
  ASSERT_TRUE(inner);
  EXPECT_NE(inner->id, "order-0001") << "the other node may have forwarded the switchover itself";
  EXPECT_TRUE(well_formed(*inner, wall).ok());
  engine->drop_order("order-0001");
  const std::string longest(64, 'x');
  ASSERT_TRUE(order(Order::Kind::switchover, longest.c_str()).ok());
  EXPECT_TRUE(well_formed(*engine->order_for_peer(), wall).ok());
}

TEST_F(FailoverTest, ASwitchoverThatTheOtherNodeDoesNotBeginStopsNothingLater) {
  be_primary(standby);
  ASSERT_TRUE(order(Order::Kind::switchover).ok());
  engine->order_for_peer();
  pass(20);
  word->state = active;
  word->sip = OwnSip::answers;
  EXPECT_EQ(pass(60), serving) << "the other node serves for another reason";
  EXPECT_TRUE(running);
}

}  // namespace
}  // namespace tandem

// Takeover and failback as a whole: what is heard second after second, and what comes of it.
#include "reconciler/failover/failover.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/fakes/memory_slot_device.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using enum NodeState;

class FailoverTest : public testing::Test {
 protected:
  FailoverTest() {
    pair.name = "lab";
    pair.primary = {"pbx-a", "192.0.2.10", {}};
    pair.secondary = {"pbx-b", "192.0.2.11", {}};
    pair.failover.owner = Owner::tandem;
    start();
  }

  // Another operator on the same disk; `boot` where the host was started anew.
  void start(std::string boot = "boot-1") {
    engine.reset();
    keeper.reset();
    slots = std::make_unique<TwoSlots>(device);
    keeper = std::make_unique<MemoryKeeper>(*slots);
    engine = std::make_unique<FailoverEngine>(*keeper, std::move(boot));
  }

  // So many seconds pass, with everything heard as it is set.
  NodeState pass(int for_seconds) {
    for (int second = 0; second < for_seconds; ++second) {
      now += seconds{1};
      wall += seconds{1};
      hear();
      for (const Transition& transition : turn()) told.push_back(transition);
      obey();
    }
    return engine->state();
  }
  std::vector<Transition> turn() {
    FailoverEngine::Inputs in;
    in.pair = &pair;
    in.node = role == Role::primary ? "pbx-a" : "pbx-b";
    in.role = role;
    in.own.known = true;
    in.own.sip_unit_up = running;
    in.own.all_down = !running;
    in.own.calls = calls;
    in.fit.wizard_passed = wizard;
    in.closed = closed;
    in.upgrading = upgrading;
    return engine->turn(in, now, wall);
  }
  void hear() {
    Hearing& hearing = engine->hearing();
    const auto sample = [&](bool good) {
      return Sample{good ? Heard::answers : Heard::silent, false, now, milliseconds{5}, ""};
    };
    hearing.link(OwnLink::good);
    hearing.icmp("main", sample(primary_host));
    hearing.sip(sample(primary_host && primary_sip));
    if (word) hearing.peer(sample(primary_host), primary_host ? word : std::nullopt);
    hearing.witness("192.0.2.1", sample(network));
    hearing.own_sip(sample(running && answers));
  }
  // The services follow the stance, where they can.
  void obey() {
    if (engine->stance() == Stance::serving && can_start) running = true;
    if (engine->stance() == Stance::standing_by && can_stop) running = false;
  }
  Result<std::string> order(Order::Kind kind, const char* id = "order-0001") {
    Order typed;
    typed.kind = kind;
    typed.id = id;
    typed.reason = "a test";
    typed.until = wall + minutes{30};
    return engine->accept(typed, now, wall);
  }
  void take_over() {
    pass(10);
    primary_host = false;
    pass(30);
    ASSERT_EQ(engine->state(), active);
  }
  int count(NodeState state) const {
    return static_cast<int>(std::count_if(told.begin(), told.end(),
                                          [&](const Transition& one) { return one.to == state; }));
  }

  HAPair pair;
  Role role = Role::secondary;
  bool primary_host = true, primary_sip = true, network = true;
  bool running = false, answers = true, can_start = true, can_stop = true;
  bool wizard = true, upgrading = false;
  std::string closed;
  std::optional<int> calls = 0;
  std::optional<PeerWord> word;
  Instant now{std::chrono::hours{1000}};
  WallTime wall{seconds{1'700'000'000}};
  std::vector<Transition> told;

  fakes::MemorySlotDevice device;
  std::unique_ptr<TwoSlots> slots;
  std::unique_ptr<MemoryKeeper> keeper;
  std::unique_ptr<FailoverEngine> engine;
};

TEST_F(FailoverTest, TakesOverWhenTheHostIsDownAndGivesBackAfterTheHold) {
  EXPECT_EQ(pass(60), standby);
  EXPECT_EQ(engine->stance(), Stance::as_is) << "nothing of a node that stands by is touched";
  primary_host = false;
  EXPECT_EQ(pass(20), suspect);
  EXPECT_EQ(pass(4), active);
  EXPECT_EQ(engine->memory().epoch, 1U);
  EXPECT_EQ(engine->memory().cause, TakeoverCause::host_down);
  primary_host = true;
  EXPECT_EQ(pass(290), failback_hold);
  EXPECT_EQ(engine->stance(), Stance::serving);
  EXPECT_EQ(pass(20), standby);
  EXPECT_FALSE(running);
}

TEST_F(FailoverTest, WaitsForAServiceByWhatThePrimarySays) {
  struct Case {
    std::optional<ServiceTrouble> trouble;
    int confirm;
  };
  for (const Case& one : {Case{ServiceTrouble::failed, 30}, Case{ServiceTrouble::restarting, 240},
                          Case{std::nullopt, 90}}) {
    device = {};
    start();
    running = false;
    primary_sip = true;
    word = one.trouble ? std::optional(PeerWord{}) : std::nullopt;
    if (word) word->role = Role::primary;
    if (word) word->sip = OwnSip::silent;
    if (word) word->trouble = *one.trouble;
    EXPECT_EQ(pass(20), standby);
    primary_sip = false;
    EXPECT_EQ(pass(one.confirm - 1), suspect);
    EXPECT_EQ(pass(5), active) << one.confirm;
    EXPECT_EQ(engine->memory().cause, TakeoverCause::service_down);
  }
}

// A wrong port, or a firewall from the first day: nobody has ever been served from there.
TEST_F(FailoverTest, NeedsToHaveHeardSipOnceBeforeItsSilenceCounts) {
  primary_sip = false;
  EXPECT_EQ(pass(600), suspect);
  primary_sip = true;
  pass(10);
  primary_sip = false;
  EXPECT_EQ(pass(100), active);
}

TEST_F(FailoverTest, DoesNothingWhereTheCutIsItsOwn) {
  pass(60);
  primary_host = network = false;
  EXPECT_EQ(pass(600), isolated);
  EXPECT_FALSE(running);
  network = true;
  EXPECT_EQ(pass(10), suspect) << "the evidence starts from nothing";
  EXPECT_EQ(pass(20), active);
}

TEST_F(FailoverTest, ActsOnlyWhereItMay) {
  const auto refuses = [&](const char* what) {
    pass(10);
    primary_host = false;
    EXPECT_EQ(pass(120), suspect) << what;
    primary_host = true;
    pass(10);
  };
  pair.failover.mode = Failover::Mode::advise;
  refuses("advise");
  pair.failover.mode = Failover::Mode::manual;
  refuses("manual");
  pair.failover.mode = Failover::Mode::automatic;
  pair.failover.owner = Owner::vendor;
  refuses("the vendor's");
  pair.failover.owner = Owner::tandem;
  pair.suspend = Suspension{"upgrade", wall + minutes{30}};
  refuses("suspended by the declaration");
  pair.suspend.reset();
  ASSERT_TRUE(order(Order::Kind::suspend).ok());
  refuses("suspended by order");
  ASSERT_TRUE(order(Order::Kind::resume, "order-0002").ok());
  closed = "an upgrade runs";
  refuses("the node may not be changed");
  closed.clear();
  wizard = false;
  refuses("no wizard");
  wizard = true;
  primary_host = false;
  EXPECT_EQ(pass(30), active) << "nothing is left that keeps it";
}

TEST_F(FailoverTest, WaitsForTheGraceAfterABootAndNotAfterARestart) {
  pass(10);
  start("boot-2");
  primary_host = false;
  EXPECT_EQ(pass(290), suspect) << "both nodes come up after a power cut";
  EXPECT_EQ(pass(20), active);

  device = {};
  start();
  running = false;
  primary_host = true;
  pass(10);
  start();
  primary_host = false;
  EXPECT_EQ(pass(30), active) << "only the operator was restarted";
}

TEST_F(FailoverTest, EndsTheGraceAtTheFirstSightOfThePrimary) {
  pass(10);
  start("boot-2");
  pass(10);
  primary_host = false;
  EXPECT_EQ(pass(30), active);
}

TEST_F(FailoverTest, FinishesATakeoverAfterACrashAndDoesNotCountItTwice) {
  pass(10);
  primary_host = false;
  can_start = false;
  EXPECT_EQ(pass(25), activating);
  device.crash();
  start();
  EXPECT_EQ(pass(1), activating);
  EXPECT_EQ(engine->stance(), Stance::serving);
  can_start = true;
  EXPECT_EQ(pass(3), active);
  EXPECT_EQ(engine->memory().epoch, 1U);
}

TEST_F(FailoverTest, TriesAgainForEverAndByPartsFromTheSecondTime) {
  can_start = false;
  pass(10);
  primary_host = false;
  pass(25);
  EXPECT_FALSE(engine->starts_by_parts());
  EXPECT_EQ(pass(240), faulted);
  EXPECT_EQ(pass(31), activating);
  EXPECT_TRUE(engine->starts_by_parts());
  pass(3600);
  EXPECT_GE(count(activating), 8);
  EXPECT_EQ(engine->memory().epoch, 1U) << "it is one takeover";
  can_start = true;
  EXPECT_EQ(pass(300), active);
}

TEST_F(FailoverTest, AFaultedNodeWhoseServicesComeUpAfterAllServes) {
  can_start = false;
  pass(10);
  primary_host = false;
  pass(270);
  ASSERT_EQ(engine->state(), faulted);
  running = true;
  EXPECT_EQ(pass(2), active);
}

TEST_F(FailoverTest, StartsItsOwnServicesAgainWhileItServes) {
  take_over();
  answers = false;
  EXPECT_EQ(pass(14), active);
  EXPECT_EQ(pass(4), activating);
  EXPECT_EQ(engine->memory().epoch, 1U);
  answers = true;
  EXPECT_EQ(pass(2), active);
}

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
  device.refusal.reset();
  EXPECT_EQ(pass(5), standby);
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
  role = Role::primary;
  running = true;
  word = PeerWord{};
  word->role = Role::secondary;
  word->state = standby;
  pass(20);
  ASSERT_TRUE(order(Order::Kind::switchover).ok());
  EXPECT_EQ(engine->order_for_peer()->kind, Order::Kind::takeover);
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

}  // namespace
}  // namespace tandem

// Mistakes that the simulator found, each by itself and without its story.
#include <gtest/gtest.h>

#include <algorithm>

#include "ports/slot_file.h"
#include "reconciler/failover/failover.h"
#include "tests/fakes/memory_slot_device.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using enum NodeState;

// A secondary whose world is heard second by second.
class FoundBySimulation : public testing::Test {
 protected:
  FoundBySimulation() {
    pair.name = "pair";
    pair.primary = {"a", "192.0.2.10", {}};
    pair.secondary = {"b", "192.0.2.11", {}};
    pair.failover.owner = Owner::tandem;
    inputs.pair = &pair;
    inputs.node = "b";
    inputs.role = Role::secondary;
    inputs.spec_sha256 = "same";
    stop_services();
    start();
  }

  void start(const std::string& boot_id = "boot-1") {
    keeper.emplace(file);
    engine.emplace(*keeper, boot_id);
  }
  void stop_services() {
    inputs.own = OwnServices{};
    inputs.own.known = inputs.own.all_down = true;
    own = Heard::silent;
  }
  void run_services() {
    inputs.own = OwnServices{};
    inputs.own.known = inputs.own.sip_unit_up = true;
    inputs.own.calls = 0;
    own = Heard::answers;
  }
  void all_of_primary(Heard heard) { icmp = sip = peer = heard; }
  Sample sample(Heard heard, bool is_poor = false) const { return {heard, is_poor, now, {}, ""}; }

  void listen() {
    Hearing& hearing = engine->hearing();
    hearing.icmp("main", sample(icmp));
    hearing.sip(sample(sip, poor));
    if (has_link)
      hearing.peer(sample(peer), peer == Heard::answers ? std::optional(word) : std::nullopt);
    hearing.witness("192.0.2.1", sample(witness));
    hearing.own_sip(sample(own));
    inputs.own.calls_at = now;
  }
  void pass(seconds time) {
    for (const Instant end = now + time; now < end;) {
      now += seconds{1};
      wall += seconds{1};
      listen();
      turn();
    }
  }
  void turn() {
    for (const Transition& transition : engine->turn(inputs, now, wall)) told.push_back(transition);
  }
  bool went_to(NodeState state) const {
    return std::any_of(told.begin(), told.end(),
                       [&](const Transition& transition) { return transition.to == state; });
  }

  HAPair pair;
  FailoverEngine::Inputs inputs;
  fakes::MemorySlotDevice device;
  TwoSlots file{device};
  std::optional<MemoryKeeper> keeper;
  std::optional<FailoverEngine> engine;
  Instant now{hours{100}};
  WallTime wall{seconds{1'790'000'000}};
  Heard icmp = Heard::answers, sip = Heard::answers, peer = Heard::answers;
  Heard witness = Heard::answers, own = Heard::silent;
  bool poor = false, has_link = true;
  PeerWord word = [] {
    PeerWord said;
    said.role = Role::primary;
    said.sip = OwnSip::answers;
    return said;
  }();
  std::vector<Transition> told;
};

TEST_F(FoundBySimulation, ABrokenWayIsNoSilenceOfThePrimary) {
  pass(seconds{30});
  sip = Heard::silent;  // a ban, for an hour
  pass(hours{1});
  peer = Heard::silent;  // and its operator is started anew
  pass(seconds{10});
  EXPECT_FALSE(went_to(activating)) << "ten seconds without a sign of it are no confirm time";
}

TEST_F(FoundBySimulation, ALostWordDoesNotShortenTheTimeOfARestart) {
  pass(seconds{30});
  sip = Heard::silent;
  word.sip = OwnSip::silent;
  word.trouble = ServiceTrouble::restarting;
  pass(seconds{110});
  peer = Heard::silent;
  pass(seconds{2});
  EXPECT_FALSE(went_to(activating));
  peer = Heard::answers;
  word.trouble = ServiceTrouble::failed;  // between its stop and its start
  pass(seconds{2});
  EXPECT_FALSE(went_to(activating));
  pass(seconds{30});
  EXPECT_TRUE(went_to(activating)) << "but where it stays so, that is its time";
}

TEST_F(FoundBySimulation, TroublesThatTakeTurnsDoNotPutOffATakeover) {
  pass(seconds{30});
  sip = Heard::silent;
  word.sip = OwnSip::silent;
  for (int round = 0; round < 7; ++round) {
    word.trouble = ServiceTrouble::restarting;
    pass(seconds{20});
    word.trouble = ServiceTrouble::failed;
    pass(seconds{20});
  }
  EXPECT_TRUE(went_to(activating)) << "a crash loop is down after the longest of the times";
}

TEST_F(FoundBySimulation, WhatAnsweredDuringAMaintenanceWasNotSilent) {
  pass(seconds{30});
  sip = Heard::silent;
  word.sip = OwnSip::silent;
  pass(seconds{40});
  word.maintenance = Maintenance{"disks", wall + minutes{5}, false, false};
  pass(seconds{30});
  sip = Heard::answers;
  word.sip = OwnSip::answers;
  pass(minutes{3});
  word.maintenance.reset();
  sip = Heard::silent;
  word.sip = OwnSip::silent;
  pass(seconds{20});
  EXPECT_FALSE(went_to(activating));
}

TEST_F(FoundBySimulation, AClockThatIsSetForwardEndsNoMaintenanceOfThePrimary) {
  pass(seconds{30});
  word.maintenance = Maintenance{"disks", wall + minutes{10}, false, false};
  pass(seconds{5});
  all_of_primary(Heard::silent);
  wall += hours{9};
  pass(minutes{2});
  EXPECT_FALSE(went_to(activating)) << "it said that it would be back";
  pass(minutes{9});
  EXPECT_TRUE(went_to(activating)) << "and it was not";
}

TEST_F(FoundBySimulation, AMissCountsWhereTheNextAnswerComesBeforeTheTurn) {
  pass(seconds{30});
  const auto since = engine->hearing().weighed().answering_since;
  now += seconds{1};
  engine->hearing().sip(sample(Heard::silent));
  pass(seconds{1});
  const auto again = engine->hearing().weighed().answering_since;
  ASSERT_TRUE(since && again);
  EXPECT_GT(*again, *since) << "the hold begins anew";
}

TEST_F(FoundBySimulation, WhoAnswers503DoesNotVouchForItself) {
  pass(seconds{30});
  engine->hearing().own_sip(sample(Heard::answers, true));
  turn();
  EXPECT_EQ(engine->word(now, wall).sip, OwnSip::unknown);
  poor = true;
  word.sip = OwnSip::unknown;
  pass(seconds{95});
  EXPECT_TRUE(went_to(activating)) << "503 for the whole confirm time is silence";
}

TEST_F(FoundBySimulation, AFailbackThatWasCutShortIsNoneOfAnotherHand) {
  pass(seconds{30});
  all_of_primary(Heard::silent);
  pass(seconds{30});
  ASSERT_EQ(engine->state(), activating);
  run_services();
  pass(seconds{5});
  all_of_primary(Heard::answers);
  pass(minutes{5} + seconds{10});
  ASSERT_EQ(engine->state(), deactivating);
  start();  // the operator is killed before the services are stopped
  pass(seconds{5});
  EXPECT_EQ(engine->memory().cause, TakeoverCause::host_down);
  EXPECT_FALSE(engine->memory().held) << "nobody has to come to give it back";
  pass(minutes{5} + seconds{10});
  EXPECT_EQ(engine->state(), deactivating);
}

TEST_F(FoundBySimulation, AStallInACutOffNodeMakesTheWitnessNoStranger) {
  pass(seconds{90});
  all_of_primary(Heard::silent);
  witness = Heard::silent;
  pass(minutes{2});
  ASSERT_EQ(engine->state(), isolated);
  now += seconds{70};
  pass(minutes{3});
  EXPECT_EQ(engine->state(), isolated);
}

TEST_F(FoundBySimulation, AnOperatorThatStartsInACutOffNodeDoesNotTakeOver) {
  pass(seconds{90});
  all_of_primary(Heard::silent);
  witness = Heard::silent;
  pass(minutes{2});
  ASSERT_EQ(engine->state(), isolated);
  start();
  pass(minutes{5});
  EXPECT_EQ(engine->state(), isolated);
  witness = Heard::answers;
  pass(minutes{1});
  EXPECT_TRUE(went_to(activating)) << "the cut is over, and the primary is dead";
}

TEST_F(FoundBySimulation, WhatAPersonStartedAndStoppedStaysStopped) {
  pass(seconds{30});
  run_services();
  pass(seconds{30});
  ASSERT_EQ(engine->state(), active);
  stop_services();
  pass(seconds{30});
  EXPECT_EQ(engine->state(), standby);
  EXPECT_FALSE(went_to(activating));
}

TEST_F(FoundBySimulation, AdviseStartsNothingThatAPersonStarted) {
  pair.failover.mode = Failover::Mode::advise;
  pass(seconds{30});
  run_services();
  pass(seconds{30});
  inputs.own.sip_unit_up = false;  // Asterisk crashes, the other units run
  own = Heard::silent;
  pass(seconds{40});
  EXPECT_EQ(engine->stance(), Stance::as_is);
}

TEST_F(FoundBySimulation, AnUpgradeOfTheOtherNodeExplainsNoStartHere) {
  pass(seconds{30});
  word.upgrading = true;
  pass(seconds{30});
  run_services();
  pass(seconds{10});
  EXPECT_TRUE(engine->memory().held) << "a person started them, and a person lets them go";
}

TEST_F(FoundBySimulation, ACrashIsNoStopWhereTheUnitsCanNotBeRead) {
  pass(seconds{30});
  all_of_primary(Heard::silent);
  pass(seconds{30});
  run_services();
  pass(seconds{5});
  all_of_primary(Heard::answers);
  pass(minutes{4} + seconds{58});
  ASSERT_EQ(engine->state(), failback_hold);
  inputs.own.known = false;
  inputs.own.calls = 0;
  own = Heard::silent;
  pass(seconds{10});
  EXPECT_EQ(engine->stance(), Stance::standing_by) << "it is still to be stopped";
  pass(seconds{20});
  EXPECT_EQ(engine->state(), standby);
}

// The primary of a switchover: it stops because the other one serves, and only while it does.
TEST_F(FoundBySimulation, APrimaryStopsNoMoreOfItselfWhenTheSecondaryIsGone) {
  inputs.node = "a";
  inputs.role = Role::primary;
  run_services();
  word.role = Role::secondary;
  word.state = active;
  pass(seconds{10});
  Order order;
  order.kind = Order::Kind::switchover;
  order.id = "order-one";
  order.reason = "disks";
  order.until = wall + hours{1};
  ASSERT_TRUE(engine->accept(order, now, wall).ok());
  pass(seconds{5});
  ASSERT_EQ(engine->state(), maintenance);
  EXPECT_EQ(engine->stance(), Stance::standing_by);
  word.sip = OwnSip::silent;
  pass(seconds{5});
  EXPECT_EQ(engine->stance(), Stance::as_is);
}

TEST_F(FoundBySimulation, AWriteThatFailedIsNotActedOnAfterARestart) {
  inputs.node = "a";
  inputs.role = Role::primary;
  run_services();
  word.role = Role::secondary;
  word.state = active;
  pass(seconds{10});
  device.sync_error = Error{Fault::unavailable, "input/output error"};
  Order order;
  order.kind = Order::Kind::switchover;
  order.id = "order-one";
  order.reason = "disks";
  order.until = wall + hours{1};
  ASSERT_TRUE(engine->accept(order, now, wall).ok());
  pass(seconds{5});
  ASSERT_EQ(engine->state(), serving);
  start();  // it reads what never came to the disk
  pass(seconds{5});
  EXPECT_NE(engine->stance(), Stance::standing_by);
}

}  // namespace
}  // namespace tandem

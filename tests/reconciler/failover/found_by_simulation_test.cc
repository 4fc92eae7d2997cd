// Mistakes that the simulator found, each by itself and without its story.
#include <gtest/gtest.h>

#include "tests/reconciler/failover/engine_story.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using enum NodeState;

class FoundBySimulation : public EngineStory {};

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

TEST_F(FoundBySimulation, AMaintenanceLeavesATakeoverWhatItWas) {
  pass(seconds{30});
  all_of_primary(Heard::silent);
  pass(seconds{30});
  run_services();
  pass(seconds{30});
  ASSERT_EQ(engine->state(), active);
  told.clear();
  Order order;
  order.kind = Order::Kind::maintenance;
  order.id = "order-0001";
  order.reason = "a new disk";
  order.until = wall + minutes{10};
  ASSERT_TRUE(engine->accept(order, now, wall).ok());
  pass(minutes{5});
  ASSERT_EQ(engine->state(), maintenance);
  inputs.own.sip_unit_up = false;  // Asterisk crashes, the others run
  own = Heard::silent;
  pass(minutes{6});
  EXPECT_FALSE(went_to(standby)) << "what runs here is ours";
  run_services();
  pass(seconds{10});
  EXPECT_EQ(engine->state(), active);
  EXPECT_EQ(engine->memory().cause, TakeoverCause::host_down);
  EXPECT_FALSE(engine->memory().maintenance);
}

TEST_F(FoundBySimulation, AHungAsteriskThatNobodySeesStaysTheTakeoversOwn) {
  pass(seconds{30});
  all_of_primary(Heard::silent);
  inputs.own = OwnServices{};  // systemd can not be asked
  for (int second = 0; second < 600 && engine->state() != faulted; ++second) pass(seconds{1});
  ASSERT_EQ(engine->state(), faulted);
  all_of_primary(Heard::answers);
  pass(minutes{1});
  EXPECT_EQ(engine->state(), faulted) << "silence does not tell that it is stopped";
  own = Heard::answers;
  pass(seconds{5});
  EXPECT_EQ(engine->memory().cause, TakeoverCause::host_down) << "and it leaves by itself";
  EXPECT_FALSE(engine->memory().held);
}

TEST_F(FoundBySimulation, AGraverTroubleBetweenTwoLighterOnesShortensNothingAndPutsNothingOff) {
  pass(seconds{30});
  sip = Heard::silent;
  word.sip = OwnSip::silent;
  pass(seconds{75});
  word.trouble = ServiceTrouble::failed;
  pass(seconds{10});
  EXPECT_FALSE(went_to(activating)) << "it is told since 10 s, and has 30";
  word.trouble = ServiceTrouble::unknown;
  pass(seconds{8});
  EXPECT_TRUE(went_to(activating)) << "nobody has said anything better for 90 s";
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

TEST_F(FoundBySimulation, ACutOfThisNodeUnderAMaintenanceIsNoSilenceOfThePrimary) {
  pass(seconds{90});
  word.maintenance = Maintenance{"disks", wall + minutes{7}, false, false};
  pass(seconds{5});
  all_of_primary(Heard::silent);
  witness = Heard::silent;  // the switch of this node dies, and its carrier stays
  pass(minutes{5});
  icmp = peer = witness = Heard::answers;
  word.sip = OwnSip::silent;
  word.trouble = ServiceTrouble::restarting;  // a wazo-service restart, two minutes before the end
  pass(minutes{2} + seconds{20});
  ASSERT_FALSE(engine->hearing().announced());
  EXPECT_FALSE(went_to(activating)) << "it was this node that heard nothing before";
  pass(minutes{2});
  EXPECT_TRUE(went_to(activating)) << "and from there the silence counts";
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

// It has decided to leave, and is killed before the services are stopped; Asterisk is down by then.
class FoundInAFailbackCutShort : public FoundBySimulation {
 protected:
  FoundInAFailbackCutShort() {
    pass(seconds{30});
    all_of_primary(Heard::silent);
    pass(seconds{30});
    run_services();
    pass(seconds{5});
    all_of_primary(Heard::answers);
    pass(minutes{5} + seconds{10});
    EXPECT_EQ(engine->state(), deactivating);
    inputs.own.sip_unit_up = false;  // the other units run
    own = Heard::silent;
    start();
    pass(seconds{30});
    told.clear();
  }
};

TEST_F(FoundInAFailbackCutShort, ItIsFinishedWhereTheStopGoesOn) {
  stop_services();
  pass(seconds{2});
  EXPECT_EQ(engine->state(), standby);
  EXPECT_EQ(engine->memory().cause, TakeoverCause::none);
}

TEST_F(FoundInAFailbackCutShort, WhatComesUpAgainIsNoneOfAnotherHand) {
  run_services();  // monit comes by
  pass(seconds{2});
  EXPECT_EQ(engine->memory().cause, TakeoverCause::host_down);
  EXPECT_FALSE(engine->memory().held) << "nobody has to come to give it back";
  pass(minutes{5} + seconds{10});
  EXPECT_EQ(engine->state(), deactivating);
}

TEST_F(FoundInAFailbackCutShort, ItIsUndoneWhereNothingStopsTheRest) {
  pass(minutes{1});
  EXPECT_TRUE(told.empty()) << "a stop may be under way";
  pass(minutes{2});
  EXPECT_EQ(engine->stance(), Stance::serving) << "and what is half stopped does not stay so";
  EXPECT_EQ(engine->memory().cause, TakeoverCause::host_down);
}

TEST_F(FoundInAFailbackCutShort, ItIsUndoneAtOnceWhereThePrimaryIsGone) {
  all_of_primary(Heard::silent);
  pass(seconds{8});
  EXPECT_EQ(engine->stance(), Stance::serving) << "this node has not left yet";
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

TEST_F(FoundBySimulation, ATakeoverThatTheDiskNeverTookIsAnotherHandsAfterABoot) {
  pass(seconds{30});
  device.sync_error = Error{Fault::unavailable, "input/output error"};
  all_of_primary(Heard::silent);
  pass(seconds{30});
  ASSERT_EQ(engine->state(), activating) << "a dead host does not wait for the disk";
  device.crash();
  device.sync_error.reset();
  run_services();  // the start command had removed the marker
  start("boot-2");
  all_of_primary(Heard::answers);
  pass(minutes{30});
  EXPECT_EQ(engine->state(), active);
  EXPECT_EQ(engine->memory().cause, TakeoverCause::by_hand);
  EXPECT_TRUE(engine->memory().held) << "nothing tells it from services that a person started";
}

}  // namespace
}  // namespace tandem

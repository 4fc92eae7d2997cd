// Mistakes that an opponent found, each by itself and without its story.
#include <gtest/gtest.h>

#include "tests/reconciler/failover/engine_story.h"

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum NodeState;

class FoundByAttack : public EngineStory {
 protected:
  void take_over() {
    pass(seconds{30});
    all_of_primary(Heard::silent);
    pass(seconds{30});
    run_services();
    pass(seconds{30});
    ASSERT_EQ(engine->state(), active);
  }
  void fail_to_leave() {
    take_over();
    all_of_primary(Heard::answers);
    pass(minutes{6});
    ASSERT_EQ(engine->state(), deactivating);
    pass(minutes{4});
    ASSERT_EQ(engine->state(), faulted);
  }
};

TEST_F(FoundByAttack, ACarrierThatIsBackBeforeTheNetworkIsNoSignOfAWitness) {
  pass(seconds{30});
  engine->hearing().link(OwnLink::no_carrier);
  all_of_primary(Heard::unknown);
  witness = Heard::unknown;
  pass(seconds{90});
  ASSERT_EQ(engine->state(), isolated);
  engine->hearing().link(OwnLink::good);  // but the port does not forward yet
  all_of_primary(Heard::silent);
  witness = Heard::silent;
  pass(minutes{5});
  EXPECT_FALSE(went_to(activating)) << "no witness answers: it is this node";
}

TEST_F(FoundByAttack, TheSilenceOfAnotherAddressConfirmsNothing) {
  pair.failover.mode = Failover::Mode::advise;
  pair.primary.address = "192.0.2.99";  // mistyped
  has_link = false;
  all_of_primary(Heard::silent);
  pass(minutes{10});
  pair.primary.address = "192.0.2.10";
  pair.failover.mode = Failover::Mode::automatic;
  turn();
  EXPECT_FALSE(went_to(activating));
  pass(seconds{10});
  EXPECT_FALSE(went_to(activating)) << "it has its own confirm time";
}

TEST_F(FoundByAttack, ABootOfANodeThatIsCutOffLeavesItCutOff) {
  pass(seconds{30});
  all_of_primary(Heard::silent);
  witness = Heard::silent;
  pass(minutes{30});
  ASSERT_EQ(engine->state(), isolated);
  start("boot-2");
  pass(minutes{10});
  EXPECT_FALSE(went_to(activating));
}

TEST_F(FoundByAttack, AnotherWitnessDeclaredDoesNotEndACut) {
  pass(seconds{30});
  all_of_primary(Heard::silent);
  witness = Heard::silent;
  pass(minutes{5});
  ASSERT_EQ(engine->state(), isolated);
  witness_address = "192.0.2.77";
  engine->hearing().keep_only({"main"}, {witness_address});
  pass(minutes{2});
  EXPECT_FALSE(went_to(activating));
}

TEST_F(FoundByAttack, TheLongestDeclaredTimeIsTheLimitOfThoseThatTakeTurns) {
  has_link = false;
  pair.failover.confirm_service_failed = seconds{30};
  pair.failover.confirm_service_restarting = minutes{1};
  pair.failover.confirm_service_unknown = minutes{10};
  pass(seconds{30});
  sip = Heard::silent;
  pass(minutes{6});
  EXPECT_FALSE(went_to(activating)) << "unknown is declared as ten minutes";
  pass(minutes{5});
  EXPECT_TRUE(went_to(activating));
}

TEST_F(FoundByAttack, OneLostAnswerAfterAStopThatFailedIsNoTakeover) {
  has_link = false;
  fail_to_leave();
  inputs.own.sip_unit_up = false;  // Asterisk is down; another unit hangs
  own = Heard::silent;
  pass(minutes{10});
  ASSERT_EQ(engine->state(), faulted);
  told.clear();
  sip = Heard::silent;
  pass(seconds{1});
  sip = Heard::answers;
  pass(seconds{3});
  EXPECT_FALSE(went_to(activating));
  all_of_primary(Heard::silent);
  pass(minutes{1});
  EXPECT_TRUE(went_to(activating)) << "but a confirmed one is";
}

TEST_F(FoundByAttack, AStopThatFailedDoesNotSkipTheGraceAfterABoot) {
  fail_to_leave();
  stop_services();
  all_of_primary(Heard::silent);
  start("boot-2");
  told.clear();
  pass(minutes{2});
  EXPECT_FALSE(went_to(activating));
}

TEST_F(FoundByAttack, ALatchedNodeWhoseAsteriskHangsStartsItAgainAndStaysLatched) {
  pair.failover.max_takeovers = 1;
  take_over();
  all_of_primary(Heard::answers);
  pass(minutes{6});
  ASSERT_EQ(engine->state(), latched);
  const auto epoch = engine->memory().epoch;
  own = Heard::silent;
  all_of_primary(Heard::silent);
  pass(minutes{1});
  EXPECT_EQ(engine->state(), activating);
  own = Heard::answers;
  all_of_primary(Heard::answers);
  pass(minutes{10});
  EXPECT_EQ(engine->state(), latched) << "only a person lets it leave";
  EXPECT_EQ(engine->memory().epoch, epoch) << "it is the same takeover";
}

TEST_F(FoundByAttack, AnAsteriskThatIsStartingAfterABootIsNotStopped) {
  take_over();
  all_of_primary(Heard::answers);
  while (engine->state() != deactivating) pass(seconds{1});
  start("boot-2");  // power was cut before the services were down
  told.clear();
  inputs.own = OwnServices{};
  inputs.own.known = inputs.own.sip_unit_starting = true;
  own = Heard::silent;
  pass(seconds{10});
  run_services();
  pass(minutes{30});
  EXPECT_TRUE(went_to(deactivating)) << "it serves by a takeover of ours, and leaves by itself";
}

// What was read at the start may have come from a cache that a cut of the power would empty.
TEST_F(FoundByAttack, TheFirstTurnWritesWhatWasRead) {
  pass(seconds{30});
  const int writes = device.writes;
  start();
  turn();
  EXPECT_GT(device.writes, writes);
}

}  // namespace
}  // namespace tandem

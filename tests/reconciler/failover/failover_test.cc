// Takeover: when it happens and when not, and what becomes of it.
#include "reconciler/failover/orders.h"
#include "tests/reconciler/failover/failover_world.h"

namespace tandem {
namespace {

using enum NodeState;

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

// What a node is suspended for is often just this.
TEST_F(FailoverTest, AnotherAddressEndsNoSuspension) {
  pass(10);
  ASSERT_TRUE(order(Order::Kind::suspend).ok());
  pair.primary.address = "192.0.2.99";
  pass(10);
  ASSERT_TRUE(engine->memory().suspension.has_value());
  pair.secondary.name = "pbx-c";
  pass(10);
  EXPECT_TRUE(engine->memory().suspension.has_value());
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

// The vendor's command would find every unit running, and leave an Asterisk that hangs alone.
TEST_F(FailoverTest, StartsByPartsAtOnceWhereTheNodeServedAlready) {
  take_over();
  answers = false;
  EXPECT_EQ(pass(20), activating);
  EXPECT_TRUE(engine->starts_by_parts());
  answers = true;
  EXPECT_EQ(pass(3), active);
  EXPECT_FALSE(engine->starts_by_parts());
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

TEST_F(FailoverTest, MarksWhatARestartOnlyAdopts) {
  take_over();
  EXPECT_TRUE(std::none_of(told.begin(), told.end(), [](const auto& one) { return one.adopted; }));
  told.clear();
  start();
  pass(5);
  EXPECT_EQ(engine->state(), active);
  EXPECT_EQ(told.size(), 2U);
  EXPECT_TRUE(std::all_of(told.begin(), told.end(), [](const auto& one) { return one.adopted; }));
  told.clear();
  primary_host = true;
  pass(5);
  EXPECT_EQ(count(failback_hold), 1);
  EXPECT_FALSE(told.front().adopted);
}

TEST_F(FailoverTest, KeepsWhatPhonesHoldOverARestart) {
  pass(10);
  const KeptExpiry kept{minutes{5}, {{std::chrono::hours{1}, std::chrono::hours{9}}}};
  engine->keep_expiry(kept);
  pass(1);
  start();
  EXPECT_EQ(engine->memory().expiry, kept);
  EXPECT_TRUE(engine->kept_in_this_boot());
  start("boot-2");
  EXPECT_EQ(engine->memory().expiry, kept);
  EXPECT_FALSE(engine->kept_in_this_boot());
}

TEST_F(FailoverTest, AdoptsNothingAfterABoot) {
  take_over();
  told.clear();
  running = false;
  start("boot-2");
  ASSERT_EQ(pass(5), active);
  EXPECT_TRUE(std::none_of(told.begin(), told.end(), [](const auto& one) { return one.adopted; }));
}

TEST_F(FailoverTest, FinishesATakeoverThatARestartCutAsOneOfItsOwn) {
  can_start = false;
  pass(10);
  primary_host = false;
  ASSERT_EQ(pass(30), activating);
  told.clear();
  start();
  can_start = true;
  ASSERT_EQ(pass(10), active);
  EXPECT_TRUE(std::none_of(told.begin(), told.end(), [](const auto& one) { return one.adopted; }));
}

// It may have been suspended: it must not act as if nobody had asked it to hold still.
TEST_F(FailoverTest, AMemoryThatCanNotBeReadSuspendsUntilSomebodyHasLooked) {
  pass(10);
  device.cache->assign(device.cache->size(), 'x');
  start();
  pass(10);
  primary_host = false;
  pass(600);
  EXPECT_EQ(engine->state(), NodeState::suspect);
  EXPECT_TRUE(engine->suspended(now, wall));
  ASSERT_TRUE(engine->memory().suspension.has_value());
  EXPECT_NE(engine->memory().suspension->reason.find("can not be read"), std::string::npos);
  EXPECT_EQ(keeper->condition().reason, "StateNotDurable");
  start();
  pass(10);
  EXPECT_TRUE(engine->suspended(now, wall)) << "a restart does not make it known";
  EXPECT_EQ(keeper->condition().reason, "StateNotDurable") << "nor forgotten";
  now += kOrderLastsMax;
  wall += kOrderLastsMax;
  pass(10);
  EXPECT_TRUE(engine->suspended(now, wall)) << "it ends by nothing but a person";
  ASSERT_TRUE(order(Order::Kind::resume, "order-0002").ok());
  pass(60);
  EXPECT_EQ(engine->state(), NodeState::active);
  EXPECT_EQ(keeper->condition().status, Truth::yes);
}

// The disk is going: whoever has looked must be able to let the node serve.
TEST_F(FailoverTest, IsResumedWhereWhatIsKeptCanBeNeitherReadNorWritten) {
  pass(10);
  device.read_error = device.refusal = Error{Fault::unavailable, "failover: input/output error"};
  start();
  pass(10);
  primary_host = false;
  pass(60);
  EXPECT_TRUE(engine->suspended(now, wall));
  EXPECT_EQ(keeper->condition().message.find("takeover still happens"), std::string::npos);
  const auto answer = order(Order::Kind::resume, "order-0002");
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_NE(answer.value().find("a restart of the operator forgets it"), std::string::npos);
  pass(60);
  EXPECT_EQ(engine->state(), NodeState::active);
  EXPECT_EQ(keeper->condition().status, Truth::no);
  EXPECT_FALSE(order(Order::Kind::suspend, "order-0003").ok()) << "any other is not taken";
}

TEST_F(FailoverTest, IsResumedWhereTheClockHasPassedTheEndOfTheSuspension) {
  pass(10);
  ASSERT_TRUE(order(Order::Kind::suspend).ok());
  wall += std::chrono::hours{24 * 365};
  pass(10);
  ASSERT_TRUE(engine->suspended(now, wall)) << "its time has not passed";
  ASSERT_TRUE(order(Order::Kind::resume, "order-0002").ok());
  EXPECT_FALSE(engine->suspended(now, wall));
}

// Takeover would come back by the clock, and nobody would have looked.
TEST_F(FailoverTest, NoOrderToSuspendHidesALossFromTheNextStart) {
  pass(5);
  device.cache->assign(device.cache->size(), 'x');
  start();
  pass(5);
  ASSERT_TRUE(engine->memory_lost());
  static_cast<void>(order(Order::Kind::suspend));
  pass(5);
  start();
  pass(60 * 60);
  EXPECT_TRUE(engine->memory_lost());
  EXPECT_TRUE(engine->suspended(now, wall));
  ASSERT_TRUE(order(Order::Kind::resume, "order-0002").ok());
  pass(5);
  start();
  pass(5);
  EXPECT_FALSE(engine->memory_lost());
  EXPECT_FALSE(engine->suspended(now, wall));
}

}  // namespace
}  // namespace tandem

// Takeover and failback beside the loop: what is decided reaches the resources, and people.
#include "reconciler/failover/keeper.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_slot_device.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using enum NodeState;
using Lines = std::vector<std::string>;

// What the loop asks of the node, written down.
class Followed : public Managed {
 public:
  explicit Followed(std::vector<Goal>& goals) : goals_(goals) {}
  std::string_view name() const override { return "services"; }
  std::set<std::string> watched(const Goal&) const override { return {}; }
  std::set<std::string> watched_units(const Goal&) const override { return {}; }
  bool follows_stance() const override { return true; }
  bool looks_afar() const override { return false; }
  Task<Report> reconcile(const Goal& goal, Permission permission, Turn) override {
    if (permission.act) goals_.push_back(goal);
    Report report;
    report.resource = "services";
    report.outcome = Outcome::in_sync;
    co_return report;
  }

 private:
  std::vector<Goal>& goals_;
};

class Told : public ObserverJournal {
 public:
  std::vector<Transition> states;
  std::vector<TakeoverRecord> records;
  Lines hooks, lost;
  void order_lost(const Order& order, std::string_view why) override {
    lost.push_back(order.id + ": " + std::string(why));
  }
  void state_changed(const Transition& transition) override { states.push_back(transition); }
  void taken_over(const TakeoverRecord& record) override { records.push_back(record); }
  void hook_ran(std::string_view program, bool succeeded) override {
    hooks.push_back(std::string(program) + (succeeded ? " good" : " bad"));
  }
};

class KeeperTest : public World {
 protected:
  void start_pair(const std::string& failover) {
    disk.files[kPairFile] = pair_yaml(failover);
    specs_of_b.emplace(disk, kPairFile, "/var/lib/tandem", "pbx-b");
    LoopParts parts{clock, node, disk, *specs_of_b, surroundings, {&told}, "pbx-b"};
    parts.shape = [this](Goal& goal) { keeper->shape(goal); };
    parts.tellers = {[this] { return keeper->conditions(); }};
    parts.secondary_out = [this] { return keeper->secondary_out(); };
    parts.suspension_lasts = [this] { return keeper->suspension_lasts(); };
    parts.suspension_by_order = [this] { return keeper->suspension(); };
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<Followed>(goals));
    loop = std::make_unique<Loop>(std::move(parts), std::move(resources));
    keeper = std::make_unique<FailoverKeeper>(
        FailoverKeeper::Parts{clock,
                              *loop,
                              engine,
                              nullptr,
                              nullptr,
                              commands,
                              {&told},
                              "pbx-b",
                              "0.1.0",
                              [this](WallTime) { return minute; }});
    spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
    spawn(io.get_executor(), keeper->run(), [](const std::string& why) { FAIL() << why; });
    ASSERT_TRUE(order_structural().ok());
    pass(seconds{1});
  }
  // So long everything is heard as it is now, each second.
  void hear(int for_seconds) {
    for (int second = 0; second < for_seconds; ++second) {
      const auto sample = [&](bool good) {
        return Sample{good ? Heard::answers : Heard::silent, false, clock.now(), milliseconds{1},
                      ""};
      };
      keeper->link(OwnLink::good);
      keeper->icmp("192.0.2.10", sample(primary));
      keeper->sip(sample(primary));
      keeper->witness("192.0.2.1", sample(true));
      const bool serving = !goals.empty() && goals.back().stance == Stance::serving;
      keeper->own_sip(sample(serving && answers));
      OwnServices own;
      own.known = true;
      own.sip_unit_up = serving;
      own.all_down = !serving;
      own.calls = calls;
      if (counts) own.calls_at = clock.now();
      keeper->own_services(own);
      pass(seconds{1});
    }
  }
  NodeState state() const { return engine.state(); }
  void TearDown() override {
    if (keeper) keeper->stop();
    World::TearDown();
  }

  Told told;
  std::vector<Goal> goals;
  fakes::FakeProcess commands{&clock};
  fakes::MemorySlotDevice device;
  TwoSlots slots{device};
  MemoryKeeper memory{slots};
  FailoverEngine engine{memory, "boot-1"};
  std::optional<SpecKeeper> specs_of_b;
  std::unique_ptr<FailoverKeeper> keeper;
  std::chrono::minutes minute{12 * 60};
  bool primary = true;
  int calls = 0;
  bool counts = true;   // at every sample
  bool answers = true;  // a node that serves does
};

// The loop begins at the same time, and must not repair meanwhile.
TEST_F(KeeperTest, IsSuspendedAlsoBeforeItsFirstTurn) {
  start_pair("");
  const auto suspended_at_start = [this] {
    FailoverEngine another(memory, "boot-1");
    const FailoverKeeper fresh(
        {clock, *loop, another, nullptr, nullptr, commands, {}, "pbx-b", "0.1.0", {}});
    GateFacts facts;
    facts.now = clock.wall();
    facts.suspend_ordered = fresh.suspension();
    facts.suspended = fresh.suspension_lasts();
    return suspended(facts);
  };
  EXPECT_FALSE(suspended_at_start());
  FailoverMemory kept;
  kept.suspension = Suspension{"works", clock.wall() + minutes{5}};
  ASSERT_TRUE(memory.keep(kept).ok());
  EXPECT_TRUE(suspended_at_start());
  device.cache->assign(device.cache->size(), 'x');
  EXPECT_TRUE(suspended_at_start()) << "nobody knows whether it was";
}

TEST_F(KeeperTest, MakesTheNodeServeAndStandByAgain) {
  start_pair("  failover: { failback: { hold: 30s } }\n");
  hear(10);
  EXPECT_EQ(state(), standby);
  EXPECT_EQ(goals.back().stance, Stance::as_is);
  primary = false;
  hear(25);
  EXPECT_EQ(state(), active);
  EXPECT_EQ(goals.back().stance, Stance::serving);
  primary = true;
  hear(40);
  EXPECT_EQ(state(), standby);
  const bool stood_by = std::any_of(goals.begin(), goals.end(), [](const Goal& goal) {
    return goal.stance == Stance::standing_by;
  });
  EXPECT_TRUE(stood_by);
}

TEST_F(KeeperTest, TellsEachStateAndTheTakeoverAsAWhole) {
  start_pair("  failover: { failback: { hold: 30s } }\n");
  hear(10);
  primary = false;
  hear(30);
  Lines states;
  for (const Transition& transition : told.states) states.emplace_back(state_name(transition.to));
  EXPECT_EQ(states, (Lines{"Rejoining", "Standby", "Suspect", "Activating", "Active"}));
  ASSERT_FALSE(told.records.empty());
  const TakeoverRecord& record = told.records.back();
  EXPECT_EQ(record.cause, TakeoverCause::host_down);
  EXPECT_EQ(record.result, "this node serves");
  EXPECT_NE(record.evidence.find("HostDown for 20s"), std::string::npos) << record.evidence;
  EXPECT_NE(record.evidence.find("a witness answers"), std::string::npos) << record.evidence;
  ASSERT_TRUE(record.downtime);
  EXPECT_GE(*record.downtime, seconds{20});
  EXPECT_EQ(record.steps.front().first, "Activating");
}

TEST_F(KeeperTest, OnlyReportsWhereItAdvises) {
  start_pair("  failover: { mode: advise }\n");
  hear(10);
  primary = false;
  hear(60);
  EXPECT_EQ(state(), suspect);
  EXPECT_EQ(goals.back().stance, Stance::as_is);
  EXPECT_EQ(condition("TakeoverBlocked").status, Truth::yes);
  EXPECT_NE(condition("TakeoverBlocked").message.find("failover.mode is automatic"),
            std::string::npos);
}

TEST_F(KeeperTest, TakesNothingOverWhileTheNodeIsUpgraded) {
  start_pair("  failover: {}\n");
  hear(10);
  surroundings.signs.packages_locked = true;
  loop->request();
  primary = false;
  hear(60);
  EXPECT_EQ(state(), suspect);
  surroundings.signs.packages_locked = false;
  loop->request();
  hear(200);
  EXPECT_EQ(state(), active) << "two minutes after the last sign";
}

// The loop looks every 30 s by itself: too seldom to see a call that has just begun.
TEST_F(KeeperTest, AsksForACountOfTheCallsOnceAllElseLetsTheNodeLeave) {
  start_pair("  failover: { failback: { hold: 30s } }\n");
  hear(10);
  primary = false;
  hear(25);
  counts = false;
  primary = true;
  hear(29);
  const auto looks = goals.size();
  hear(8);
  EXPECT_EQ(state(), failback_hold) << "nobody has counted";
  EXPECT_GT(goals.size(), looks);
  EXPECT_TRUE(goals.back().count_calls);
  const auto more = goals.size();
  hear(12);
  EXPECT_GT(goals.size(), more) << "and asks again";
  EXPECT_LE(goals.size(), more + 5) << "now and then";
  counts = true;
  hear(2);
  EXPECT_TRUE(state() == deactivating || state() == standby);
}

// What is told of the node's own SIP comes from a look of the services.
TEST_F(KeeperTest, LooksAtTheServicesWhenOwnSipIsAnotherOne) {
  start_pair("  failover: {}\n");
  hear(10);
  primary = false;
  hear(40);
  ASSERT_EQ(state(), active);
  const auto looks = goals.size();
  answers = false;
  hear(8);
  const auto silent = goals.size();
  EXPECT_EQ(silent, looks + 1);
  answers = true;
  hear(3);
  EXPECT_EQ(goals.size(), silent + 1);
}

TEST_F(KeeperTest, FailsBackInsideTheWindowOnly) {
  start_pair("  failover: { failback: { hold: 30s, window: \"02:00-04:00\" } }\n");
  hear(10);
  primary = false;
  hear(25);
  primary = true;
  hear(120);
  EXPECT_EQ(state(), failback_hold);
  minute = minutes{3 * 60};
  hear(5);
  EXPECT_EQ(state(), standby);
}

TEST_F(KeeperTest, RunsTheHooksInOrderAndWaitsForNone) {
  start_pair("  hooks: { afterTakeover: [[/bin/first, a], [/bin/second]] }\n  failover: {}\n");
  commands.programs["/bin/first"] = [](const Command&) { return fakes::exits(1); };
  commands.programs["/bin/second"] = [](const Command&) { return fakes::exits(0); };
  commands.durations["/bin/first"] = seconds{20};
  hear(10);
  primary = false;
  hear(25);
  EXPECT_EQ(state(), active);
  EXPECT_EQ(told.hooks, Lines{}) << "the first still runs, and telephony went on";
  hear(30);
  EXPECT_EQ(told.hooks, (Lines{"/bin/first bad", "/bin/second good"}));
}

TEST_F(KeeperTest, CarriesAnOrderOutAndRemembersIt) {
  start_pair("  failover: {}\n");
  hear(10);
  Order order;
  order.kind = Order::Kind::takeover;
  order.id = "order-0001";
  order.reason = "a drill";
  const auto answer = run(io, keeper->carry_out(order));
  ASSERT_TRUE(answer.ok());
  hear(3);
  EXPECT_EQ(state(), active);
  EXPECT_EQ(keeper->result_of("order-0001"), answer.value());
  EXPECT_EQ(keeper->order_facts().state, active);
}

TEST_F(KeeperTest, TellsOfAnOrderThatCameToNothing) {
  start_pair("  failover: {}\n");
  hear(10);
  Order order;
  order.kind = Order::Kind::suspend;
  order.id = "order-0001";
  order.reason = "a drill";
  order.until = clock.wall() + minutes{10};
  ASSERT_TRUE(run(io, keeper->carry_out(order)).ok());
  hear(2);
  EXPECT_TRUE(keeper->order_facts().suspended);
  EXPECT_EQ(keeper->order_facts().closed, "") << "a suspension is told as such";
  order.kind = Order::Kind::takeover;
  order.id = "order-0002";
  ASSERT_TRUE(run(io, keeper->carry_out(order)).ok());
  EXPECT_EQ(keeper->order_facts().waiting->id, "order-0002");
  hear(8);
  EXPECT_FALSE(keeper->order_facts().waiting);
  ASSERT_EQ(told.lost.size(), 1U);
  EXPECT_EQ(told.lost[0], "order-0002: nothing is changed while the pair is suspended");
}

TEST_F(KeeperTest, SaysThatNobodyFailsOverWhileItIsInMaintenance) {
  start_pair("  failover: { owner: tandem }\n");
  hear(10);
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::no);
  Order order;
  order.kind = Order::Kind::maintenance;
  order.id = "order-0001";
  order.reason = "a new disk";
  order.until = clock.wall() + minutes{10};
  ASSERT_TRUE(run(io, keeper->carry_out(order)).ok());
  hear(3);
  ASSERT_EQ(state(), maintenance);
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::yes);
  EXPECT_EQ(condition("NobodyFailsOver").reason, "SecondaryInMaintenance");
  Order end = order;
  end.kind = Order::Kind::end_maintenance;
  end.id = "order-0002";
  end.until = {};
  ASSERT_TRUE(run(io, keeper->carry_out(end)).ok());
  hear(3);
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::no);
}

TEST_F(KeeperTest, NeedsTheLinkForASwitchover) {
  start_pair("  failover: {}\n");
  hear(10);
  Order order;
  order.kind = Order::Kind::switchover;
  order.id = "order-0001";
  order.reason = "a drill";
  order.until = clock.wall() + minutes{10};
  EXPECT_EQ(run(io, keeper->carry_out(order)).error().fault, Fault::not_found);
}

TEST_F(KeeperTest, SaysHowLongAPhoneMayBeWithoutTelephony) {
  start_pair("  sip: { preset: fast }\n  failover: {}\n");
  hear(5);
  EXPECT_EQ(condition("DowntimeObjectiveMet").status, Truth::yes);
  keeper->expiry_observed(seconds{3600});
  hear(1);
  EXPECT_EQ(condition("DowntimeObjectiveMet").status, Truth::no) << "what Asterisk really has";
  keeper->expiry_observed(seconds{240});
  hear(1);
  EXPECT_EQ(keeper->bound_time(), seconds{3632}) << "the old registrations last";
  const auto now = keeper->conditions();  // the loop publishes them at its next turn
  EXPECT_NE(now.back().message.find("nothing to do"), std::string::npos) << now.back().message;
}

TEST_F(KeeperTest, ClaimsNoBoundWhereNobodyActs) {
  start_pair("  sip: { preset: fast }\n  failover: { mode: advise }\n");
  hear(5);
  EXPECT_EQ(keeper->bound_time(), std::nullopt);
  EXPECT_EQ(condition("DowntimeObjectiveMet").reason, "NobodyActs");
}

}  // namespace
}  // namespace tandem

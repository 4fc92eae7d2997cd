#include "reconciler/gate.h"

#include <gtest/gtest.h>

#include "reconciler/failover/memory.h"

namespace tandem {
namespace {

GateFacts open_gate() {
  GateFacts facts;
  facts.spec_in_force = true;
  facts.own_address = {Verdict::good, "AddressFound", ""};
  facts.wizard = {Verdict::good, "Configured", ""};
  facts.upgrade = {Verdict::good, "NoUpgrade", ""};
  facts.now = WallTime{std::chrono::hours{1000}};
  return facts;
}

TEST(Gate, IsOpenWhereEverythingIsKnownAndGood) {
  EXPECT_EQ(why_only_observe(open_gate()), std::nullopt);
}

TEST(Gate, IsClosedWithoutADeclarationInForce) {
  auto facts = open_gate();
  facts.spec_in_force = false;
  EXPECT_NE(why_only_observe(facts), std::nullopt);
}

// "I could not ask" never counts as yes: a node that may be another is not touched.
TEST(Gate, IsClosedByWhatIsBadAndByWhatIsUnknown) {
  for (const Verdict verdict : {Verdict::bad, Verdict::unknown}) {
    auto facts = open_gate();
    facts.own_address.verdict = verdict;
    EXPECT_NE(why_only_observe(facts), std::nullopt);
    facts = open_gate();
    facts.wizard.verdict = verdict;
    EXPECT_NE(why_only_observe(facts), std::nullopt);
  }
}

TEST(Gate, IsClosedUntilTheSuspensionEnds) {
  auto facts = open_gate();
  facts.suspend = Suspension{"upgrade", facts.now + std::chrono::seconds{1}};
  EXPECT_NE(why_only_observe(facts), std::nullopt);
  EXPECT_TRUE(suspended(facts));
  facts.now += std::chrono::seconds{1};
  EXPECT_EQ(why_only_observe(facts), std::nullopt);
}

TEST(Gate, IsClosedByAnOrderToSuspendAsWell) {
  auto facts = open_gate();
  facts.suspend_ordered = Suspension{"works", facts.now + std::chrono::hours{1}};
  EXPECT_NE(why_only_observe(facts), std::nullopt);
  EXPECT_TRUE(suspended(facts));
  Condition condition = gate_conditions(facts).back();
  EXPECT_EQ(condition.reason, "OrderedSuspended");
  EXPECT_NE(condition.message.find("works"), std::string::npos);
  EXPECT_NE(condition.message.find("tandem resume"), std::string::npos);
  // The one that lasts longer is told.
  facts.suspend = Suspension{"declared", facts.now + std::chrono::hours{2}};
  EXPECT_EQ(gate_conditions(facts).back().reason, "DeclaredSuspended");
  facts.now += std::chrono::hours{3};
  facts.suspended = true;  // by whoever keeps them, since the clock was set
  EXPECT_EQ(gate_conditions(facts).back().reason, "ClockJumped");
  EXPECT_NE(why_only_observe(facts), std::nullopt);
  facts.suspended = false;
  facts.suspend_ordered.reset();
  EXPECT_EQ(gate_conditions(facts).back().reason, "SuspensionOver");
  EXPECT_EQ(why_only_observe(facts), std::nullopt);
}

// Not being told counts as an upgrade: it is not worked against.
TEST(Gate, IsClosedWhileTheNodeIsUpgraded) {
  for (const Verdict verdict : {Verdict::bad, Verdict::unknown}) {
    auto facts = open_gate();
    facts.upgrade = {verdict, "PackagesLocked", "dpkg's lock is held"};
    EXPECT_NE(why_only_observe(facts).value().find("UpgradeInProgress"), std::string::npos);
  }
}

TEST(Gate, TellsOfAnUpgradeWithFalseAsItsGoodSide) {
  auto facts = open_gate();
  const auto condition_of = [&] {
    const auto all = gate_conditions(facts);
    return *std::find_if(all.begin(), all.end(),
                         [](const Condition& c) { return c.type == "UpgradeInProgress"; });
  };
  EXPECT_EQ(condition_of().status, Truth::no);
  EXPECT_TRUE(is_well(condition_of()));
  facts.upgrade = {Verdict::bad, "UpgradeRuns", "wazo-upgrade runs"};
  EXPECT_EQ(condition_of().status, Truth::yes);
  EXPECT_FALSE(is_well(condition_of()));
  facts.upgrade.verdict = Verdict::unknown;
  EXPECT_EQ(condition_of().status, Truth::unknown);
}

TEST(Gate, TellsTheReasonOfASuspension) {
  auto facts = open_gate();
  facts.suspend = Suspension{"upgrade of the switch", facts.now + std::chrono::hours{1}};
  const auto conditions = gate_conditions(facts);
  const auto& suspended_condition = conditions.back();
  EXPECT_EQ(suspended_condition.type, "Suspended");
  EXPECT_EQ(suspended_condition.status, Truth::yes);
  EXPECT_NE(suspended_condition.message.find("upgrade of the switch"), std::string::npos);
  EXPECT_FALSE(is_well(suspended_condition));
}

// A date would be untrue: it is renewed until a person ends it.
TEST(Gate, TellsNoEndOfTheSuspensionOfALoss) {
  auto facts = open_gate();
  facts.suspend_ordered = Suspension{std::string(kMemoryLost), facts.now + std::chrono::hours{1}};
  facts.suspend = Suspension{"upgrade", facts.now + std::chrono::hours{2}};
  const auto told = gate_conditions(facts).back();
  EXPECT_EQ(told.reason, "OrderedSuspended");
  EXPECT_NE(told.message.find("until `tandem resume"), std::string::npos) << told.message;
}

TEST(Duties, AreNotKnownBeforeTheFirstOrder) {
  HAPair pair;
  for (const Owner owner : {Owner::tandem, Owner::vendor}) {
    pair.failover.owner = owner;
    const Condition told = duty_conditions_before_order(pair).front();
    EXPECT_EQ(told.type, "NobodyFailsOver");
    EXPECT_EQ(told.status, Truth::unknown) << "a pair that nobody put in force looks protected";
    EXPECT_EQ(told.reason, "NothingInForce");
    EXPECT_NE(told.message.find("apply --structural"), std::string::npos);
    EXPECT_FALSE(is_well(told));
  }
  pair.enabled = false;
  EXPECT_EQ(duty_conditions_before_order(pair).front().reason, "Disabled");
}

TEST(Duties, NobodyFailsOverWhileTheSecondaryIsInMaintenance) {
  HAPair pair;
  pair.primary = {"pbx-a", "192.0.2.10", {}};
  pair.secondary = {"pbx-b", "192.0.2.11", {}};
  pair.failover.owner = Owner::tandem;
  EXPECT_EQ(duty_conditions(pair).front().status, Truth::no);
  const Maintenance out{"new disk", WallTime{std::chrono::hours{24 * 365 * 50}}, false, false};
  const Condition told = duty_conditions(pair, out).front();
  EXPECT_EQ(told.type, "NobodyFailsOver");
  EXPECT_EQ(told.status, Truth::yes);
  EXPECT_EQ(told.reason, "SecondaryInMaintenance");
  EXPECT_NE(told.message.find("new disk"), std::string::npos);
  EXPECT_NE(told.message.find("maintenance --end"), std::string::npos);
  pair.failover.owner = Owner::vendor;
  EXPECT_EQ(duty_conditions(pair, out).front().status, Truth::no) << "the vendor's detector acts";
}

}  // namespace
}  // namespace tandem

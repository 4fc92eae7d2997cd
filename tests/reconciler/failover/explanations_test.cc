// What `tandem why` and the conditions say of a node, in the words that a person acts by.
#include "reconciler/failover/explanations.h"

#include <gmock/gmock.h>

#include "reconciler/failover/conditions.h"
#include "tests/reconciler/failover/failover_world.h"

namespace tandem {
namespace {

using enum NodeState;
using testing::HasSubstr;
using testing::Not;

class ExplanationsTest : public FailoverTest {
 protected:
  Why told_why() const { return tandem::why(*engine); }
  Why::Guard guard(Guard which) const {
    for (const Why::Guard& one : told_why().guards)
      if (one.name == guard_name(which)) return one;
    ADD_FAILURE() << "no such guard: " << guard_name(which);
    return {};
  }
  // This is the primary, and the other one serves.
  void switch_over() {
    be_primary(active);
    ASSERT_TRUE(order(Order::Kind::switchover).ok());
    ASSERT_EQ(pass(2), maintenance);
  }
};

TEST_F(ExplanationsTest, ASwitchoverSaysUntilWhenAndWhatEndsIt) {
  switch_over();
  EXPECT_THAT(told_why().sentence, HasSubstr("stopped for a switchover until 20"));
  EXPECT_THAT(told_why().sentence, HasSubstr("(a test)"));
  EXPECT_THAT(told_why().next, HasSubstr("tandem maintenance --end --reason ...` on pbx-a"));
  EXPECT_THAT(told_why().next, Not(HasSubstr("tandem switchover")));
}

TEST_F(ExplanationsTest, ANodeWithNothingInForceIsToldHowToPutItInForce) {
  const FailoverEngine fresh(*keeper, "a boot");
  const Why shown = tandem::why(fresh);
  EXPECT_THAT(shown.sentence, HasSubstr("no declaration is in force"));
  EXPECT_THAT(shown.next, HasSubstr("tandem apply --structural"));
}

TEST_F(ExplanationsTest, APrimaryThatDoesNotServeIsNotToldToHandItsWorkOver) {
  switch_over();
  can_start = false;
  ASSERT_TRUE(order(Order::Kind::end_maintenance, "order-0002").ok());
  ASSERT_EQ(pass(3), rejoining);
  EXPECT_THAT(told_why().sentence, HasSubstr("started again"));
  EXPECT_THAT(told_why().next, Not(HasSubstr("switchover")));
  ASSERT_EQ(pass(30), degraded);
  EXPECT_THAT(told_why().next, Not(HasSubstr("switchover")));
}

TEST_F(ExplanationsTest, ASecondaryThatServesNamesTheMaintenanceOfThePrimary) {
  word = PeerWord{};
  word->role = Role::primary;
  pass(10);
  word->maintenance = Maintenance{"new disk", wall + minutes{10}, true, true};
  ASSERT_EQ(pass(4), active);
  EXPECT_THAT(told_why().next, HasSubstr("pbx-a is in maintenance until "));
  EXPECT_THAT(told_why().next, HasSubstr("new disk"));
  EXPECT_THAT(told_why().next, HasSubstr("`tandem maintenance --end --reason REASON` on pbx-a"));
  EXPECT_THAT(guard(Guard::held).value, HasSubstr("the primary announced its maintenance"));
}

TEST_F(ExplanationsTest, ASecondaryInMaintenanceSaysUntilWhen) {
  pass(10);
  ASSERT_TRUE(order(Order::Kind::maintenance).ok());
  ASSERT_EQ(pass(2), maintenance);
  EXPECT_THAT(told_why().sentence, HasSubstr("takes nothing over until "));
  EXPECT_THAT(told_why().next, HasSubstr("maintenance --end"));
}

TEST_F(ExplanationsTest, TheHoldShowsTheTimeThatCounts) {
  pass(80);
  ASSERT_TRUE(order(Order::Kind::takeover).ok());
  ASSERT_EQ(pass(4), active);
  const auto hold = guard(Guard::hold);
  EXPECT_FALSE(hold.holds);
  EXPECT_THAT(hold.value, testing::StartsWith("for 2s (answers for 8"));
}

TEST_F(ExplanationsTest, SaysWhatHoldsANodeBackAndWhereAnUpgradeRuns) {
  pass(10);
  ASSERT_TRUE(order(Order::Kind::takeover).ok());
  ASSERT_EQ(pass(4), active);
  EXPECT_EQ(guard(Guard::held).value, "the takeover was ordered");
  EXPECT_EQ(guard(Guard::upgrade).value, "none");
  upgrading = true;
  pass(1);
  EXPECT_EQ(guard(Guard::upgrade).value, "on this node");
  upgrading = false;
  word = PeerWord{};
  word->role = Role::primary;
  word->upgrading = true;
  pass(2);
  EXPECT_EQ(guard(Guard::upgrade).value, "on the other node");
}

TEST_F(ExplanationsTest, ServicesStartedByHandAreNamedAsWhatHoldsTheNode) {
  pass(10);
  running = true;
  ASSERT_EQ(pass(3), active);
  EXPECT_EQ(guard(Guard::held).value, "another hand started the services");
}

TEST_F(ExplanationsTest, ATakeoverThatIsTheVendorsNamesTheScript) {
  pair.failover.owner = Owner::vendor;
  pass(10);
  primary_host = false;
  ASSERT_EQ(pass(60), suspect);
  for (const Condition& condition : failover_conditions(*engine))
    if (condition.type == "TakeoverBlocked") {
      EXPECT_THAT(condition.message, HasSubstr("/usr/sbin/xivo-manage-slave-services start"));
      EXPECT_THAT(condition.message, Not(HasSubstr("tandem takeover")));
    }
}

}  // namespace
}  // namespace tandem

// The tables of both roles: what must hold of all rows, beside what the compiler checks.
#include "reconciler/failover/transitions.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace tandem {
namespace {

using enum NodeState;

constexpr Role kRoles[] = {Role::secondary, Role::primary};

Facts only(When when) {
  Facts facts;
  facts[when] = true;
  return facts;
}

TEST(Transitions, TakeEveryRowOnItsOwnGround) {
  for (const Role role : kRoles)
    for (const Row& row : transitions_of(role)) {
      const Row* taken = next_row(transitions_of(role), row.from, only(row.when));
      ASSERT_EQ(taken, &row) << state_name(row.from) << ": " << text_of(row.when);
    }
}

TEST(Transitions, StayWhereNothingHolds) {
  for (const Role role : kRoles)
    for (std::size_t state = 0; state < kNodeStates; ++state)
      EXPECT_EQ(next_row(transitions_of(role), static_cast<NodeState>(state), Facts{}), nullptr);
}

// From every state that a role enters, the other states are within reach: nothing is a trap.
TEST(Transitions, LeadFromEveryStateToServingAndBack) {
  for (const Role role : kRoles) {
    std::set<NodeState> states{rejoining};
    for (const Row& row : transitions_of(role)) states.insert(row.to);
    for (const NodeState start : states) {
      std::set<NodeState> reached{start};
      for (bool grew = true; grew;) {
        grew = false;
        for (const Row& row : transitions_of(role))
          if (reached.contains(row.from) && reached.insert(row.to).second) grew = true;
      }
      const NodeState rest = role == Role::primary ? serving : standby;
      const NodeState other = role == Role::primary ? degraded : active;
      EXPECT_TRUE(reached.contains(rest)) << state_name(start);
      EXPECT_TRUE(reached.contains(other)) << state_name(start);
    }
  }
}

// Whatever else holds at the same time.
TEST(Transitions, NeverLeadFromIsolatedToATakeoverWithoutAnOrder) {
  std::mt19937 dice(1);
  for (int round = 0; round < 20'000; ++round) {
    Facts facts;
    for (bool& holds : facts.holds) holds = dice() % 2 == 0;
    facts[When::takeover_ordered] = false;
    const Row* row = next_row(transitions_of(Role::secondary), isolated, facts);
    if (row != nullptr) {
      ASSERT_NE(row->to, activating);
    }
  }
}

TEST(Transitions, NeverStopTheSecondaryBeforeTheHoldIsOver) {
  std::mt19937 dice(2);
  for (int round = 0; round < 20'000; ++round) {
    Facts facts;
    for (bool& holds : facts.holds) holds = dice() % 2 == 0;
    facts[When::failback_due] = false;
    for (std::size_t state = 0; state < kNodeStates; ++state) {
      const Row* row =
          next_row(transitions_of(Role::secondary), static_cast<NodeState>(state), facts);
      if (row != nullptr) {
        ASSERT_NE(row->to, deactivating);
      }
    }
  }
}

TEST(Transitions, NeverStopThePrimaryWithoutAnOrder) {
  std::mt19937 dice(3);
  for (int round = 0; round < 20'000; ++round) {
    Facts facts;
    for (bool& holds : facts.holds) holds = dice() % 2 == 0;
    facts[When::maintenance_ordered] = facts[When::switchover_ready] = false;
    for (std::size_t state = 0; state < kNodeStates; ++state) {
      const Row* row =
          next_row(transitions_of(Role::primary), static_cast<NodeState>(state), facts);
      if (row != nullptr) {
        ASSERT_NE(row->to, maintenance);
      }
    }
  }
}

TEST(Transitions, FinishATakeoverThatWasUnderWay) {
  for (const NodeState kept : {activating, active, failback_hold})
    EXPECT_EQ(start_row(starts_of(Role::secondary), kept).to, activating);
  for (const NodeState kept : {latched, faulted, maintenance})
    EXPECT_EQ(start_row(starts_of(Role::secondary), kept).to, kept);
  EXPECT_EQ(start_row(starts_of(Role::secondary), deactivating).to, rejoining);
}

TEST(Transitions, SayWhyInEachRow) {
  std::set<std::string_view> texts;
  for (const Role role : kRoles)
    for (const Row& row : transitions_of(role)) {
      EXPECT_FALSE(row.why.empty());
      EXPECT_FALSE(row.why.ends_with('.'));
      texts.insert(text_of(row.when));
    }
  EXPECT_EQ(texts.size(), kWhens) << "each ground is used, and told in its own words";
}

}  // namespace
}  // namespace tandem

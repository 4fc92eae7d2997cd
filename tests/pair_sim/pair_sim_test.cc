// The simulator judged: its mutations are caught, a seed has one course, and what it once found
// stays mended.
#include <gtest/gtest.h>

#include <ostream>
#include <set>

#include "tests/pair_sim/campaign.h"
#include "tests/pair_sim/oracles.h"
#include "tests/pair_sim/world.h"

namespace tandem::sim {
namespace {

std::string told(const Outcome& outcome) {
  std::string text;
  for (const Violation& violation : outcome.violations) text += describe(violation, "") + "\n";
  return text;
}

TEST(PairSim, ASeedHasOneCourse) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Outcome once = simulate(make_scenario(seed), no_mutation(), false);
    const Outcome again = simulate(make_scenario(seed), no_mutation(), true);
    EXPECT_EQ(once.trace_hash, again.trace_hash) << "seed " << seed;
    EXPECT_FALSE(again.lines.empty());
  }
}

TEST(PairSim, EveryStoryIsLongEnoughAndBreaksSomething) {
  std::set<FaultKind> kinds;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    const Scenario scenario = make_scenario(seed);
    EXPECT_GE(scenario.end_at - kBegin, std::chrono::minutes{30}) << "seed " << seed;
    EXPECT_FALSE(scenario.faults.empty()) << "seed " << seed;
    for (const Trouble& fault : scenario.faults) {
      kinds.insert(fault.kind);
      EXPECT_LE(fault.at + fault.lasts, scenario.heal_at) << "seed " << seed;
    }
  }
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(kFaultKinds)) << "every kind of fault happens";
}

TEST(PairSim, EveryOracleHasAMutation) {
  std::set<std::string_view> caught;
  for (const Mutation& mutation : mutations()) caught.insert(mutation.oracle);
  for (const Named& oracle : all_oracles())
    EXPECT_TRUE(caught.contains(oracle.name)) << oracle.name;
}

struct Found {
  std::uint64_t seed;
  std::string_view sentence;
};

void PrintTo(const Found& found, std::ostream* out) { *out << "seed " << found.seed; }

class OnceFound : public testing::TestWithParam<Found> {};

TEST_P(OnceFound, StaysMended) {
  const Outcome outcome = simulate(make_scenario(GetParam().seed), no_mutation(), false);
  EXPECT_TRUE(outcome.violations.empty()) << GetParam().sentence << "\n" << told(outcome);
}

// What these seeds showed when they were first run. A new draw in the generator gives them another
// story; the unit tests of reconciler/failover/ hold the single mistakes.
INSTANTIATE_TEST_SUITE_P(
    PairSim, OnceFound,
    testing::Values(
        Found{13, "a silence that the peer vouched over counted as part of the next one"},
        Found{145, "a lost word turned the time of a restart into the shorter one of the unknown"},
        Found{153,
              "a silence before a maintenance counted after it, though SIP had answered since"},
        Found{446, "in advise, what a person had stopped was started again"},
        Found{500, "a cut in the middle of an upgrade was taken for the end of the primary"},
        Found{1133, "services that a person started were given back, for the other node upgraded"},
        Found{2156, "a clock that was set forward ended a maintenance that lasted"},
        Found{3511, "a miss was forgotten where the next answer came before the next turn"},
        Found{3950, "a primary that answered 503 vouched for itself"},
        Found{170696,
              "a takeover that the disk never took was looked for after a cut of the power"},
        Found{233949,
              "a silence of this node's own cut, under a maintenance, counted after its end"},
        Found{316679, "a failback that was cut short counted as made while half of it ran on"},
        Found{404111,
              "a switchover's end gave back what it had started, after a hand's start failed"}),
    [](const testing::TestParamInfo<Found>& one) {
      return "seed_" + std::to_string(one.param.seed);
    });

}  // namespace
}  // namespace tandem::sim

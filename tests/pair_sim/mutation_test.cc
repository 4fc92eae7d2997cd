// Each spoiled rule is noticed by its oracle: an oracle that can not complain is none.
#include "tests/pair_sim/mutation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "tests/pair_sim/world.h"

namespace tandem::sim {

void PrintTo(const Mutation& mutation, std::ostream* out) { *out << mutation.name; }

namespace {

// A mutation is caught within so many scenarios, or its oracle sleeps.
constexpr std::uint64_t kSeedsToCatch = 3000;

class MutationIsCaught : public testing::TestWithParam<Mutation> {};

TEST_P(MutationIsCaught, ByItsOracle) {
  const Mutation& mutation = GetParam();
  std::set<std::string_view> others;
  for (std::uint64_t seed = 1; seed <= kSeedsToCatch; ++seed) {
    const Outcome outcome = simulate(make_scenario(seed), mutation, false);
    for (const Violation& violation : outcome.violations) {
      if (violation.oracle == mutation.oracle) return;
      others.insert(violation.oracle);
    }
  }
  FAIL() << mutation.name << " (" << mutation.meaning << ") is not noticed by " << mutation.oracle
         << ", but by " << fmt::format("{}", fmt::join(others, ", "));
}

INSTANTIATE_TEST_SUITE_P(PairSim, MutationIsCaught,
                         testing::ValuesIn(mutations().begin(), mutations().end()),
                         [](const testing::TestParamInfo<Mutation>& one) {
                           std::string name(one.param.name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace tandem::sim

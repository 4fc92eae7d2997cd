// Many scenarios, on one or more threads; each is a world of its own.
#pragma once

#include <cstdint>

#include "tests/pair_sim/mutation.h"
#include "tests/pair_sim/report.h"

namespace tandem::sim {

inline constexpr int kJobsMax = 64;

// Seeds `first` to `last`, both included.
Summary run_campaign(std::uint64_t first, std::uint64_t last, int jobs, const Mutation& mutation);

}  // namespace tandem::sim

#include "tests/pair_sim/campaign.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/pair_sim/world.h"

namespace tandem::sim {
namespace {

// A thread takes so many seeds at a time.
constexpr std::uint64_t kChunk = 50;

Summary run_seeds(std::uint64_t first, std::uint64_t last, const Mutation& mutation) {
  Summary summary;
  for (std::uint64_t seed = first; seed <= last; ++seed)
    summary.add(seed, simulate(make_scenario(seed), mutation, false));
  return summary;
}

}  // namespace

Summary run_campaign(std::uint64_t first, std::uint64_t last, int jobs, const Mutation& mutation) {
  std::atomic<std::uint64_t> next{first};
  std::vector<Summary> parts(static_cast<std::size_t>(std::clamp(jobs, 1, kJobsMax)));
  std::vector<std::thread> threads;
  for (Summary& part : parts)
    threads.emplace_back([&] {
      for (std::uint64_t from = next.fetch_add(kChunk); from <= last; from = next.fetch_add(kChunk))
        part.add(run_seeds(from, std::min(last, from + kChunk - 1), mutation));
    });
  for (std::thread& thread : threads) thread.join();
  Summary summary;
  for (const Summary& part : parts) summary.add(part);
  std::sort(summary.kept.begin(), summary.kept.end(),
            [](const Violation& a, const Violation& b) { return a.seed < b.seed; });
  return summary;
}

}  // namespace tandem::sim

// What one run, or many, came to.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/failover.h"
#include "tests/pair_sim/scenario.h"

namespace tandem::sim {

struct Violation {
  std::uint64_t seed = 0;
  std::string_view oracle;
  Instant at{};
  std::string detail;
};

inline constexpr int kCauses = 6;  // of TakeoverCause

struct Outcome {
  std::uint64_t trace_hash = 0;
  std::vector<Violation> violations;
  std::vector<std::string> lines;
  std::array<int, kCauses> takeovers{};
  int failbacks = 0;        // automatic ones
  int false_takeovers = 0;  // automatic, while the primary really served the phones
  int outages = 0;          // of single phones
  Duration outage_worst{};
  Duration outage_sum{};
  Duration simulated{};
  bool failback_after_long_jump = false;  // its window has lost its past: legitimate
};

struct Summary {
  static constexpr std::size_t kViolationsKept = 20;

  std::uint64_t scenarios = 0;
  std::uint64_t violations = 0;
  std::array<std::uint64_t, kCauses> takeovers{};
  std::uint64_t failbacks = 0, false_takeovers = 0, outages = 0;
  Duration outage_worst{}, outage_sum{}, simulated{};
  std::uint64_t outage_worst_seed = 0;
  std::vector<Violation> kept;

  void add(std::uint64_t seed, const Outcome& outcome);
  void add(const Summary& other);
};

// One line that begins with "simulator: ".
std::string one_line(const Summary& summary);
std::string describe(const Violation& violation, std::string_view mutation);

}  // namespace tandem::sim

#include "tests/pair_sim/report.h"

#include <fmt/format.h>

namespace tandem::sim {

void Summary::add(std::uint64_t seed, const Outcome& outcome) {
  ++scenarios;
  violations += outcome.violations.size();
  for (std::size_t cause = 0; cause < takeovers.size(); ++cause)
    takeovers[cause] += static_cast<std::uint64_t>(outcome.takeovers[cause]);
  failbacks += static_cast<std::uint64_t>(outcome.failbacks);
  false_takeovers += static_cast<std::uint64_t>(outcome.false_takeovers);
  outages += static_cast<std::uint64_t>(outcome.outages);
  outage_sum += outcome.outage_sum;
  simulated += outcome.simulated;
  if (outcome.outage_worst > outage_worst) {
    outage_worst = outcome.outage_worst;
    outage_worst_seed = seed;
  }
  for (const Violation& violation : outcome.violations)
    if (kept.size() < kViolationsKept) kept.push_back(violation);
}

void Summary::add(const Summary& other) {
  scenarios += other.scenarios;
  violations += other.violations;
  for (std::size_t cause = 0; cause < takeovers.size(); ++cause)
    takeovers[cause] += other.takeovers[cause];
  failbacks += other.failbacks;
  false_takeovers += other.false_takeovers;
  outages += other.outages;
  outage_sum += other.outage_sum;
  simulated += other.simulated;
  if (other.outage_worst > outage_worst) {
    outage_worst = other.outage_worst;
    outage_worst_seed = other.outage_worst_seed;
  }
  for (const Violation& violation : other.kept)
    if (kept.size() < kViolationsKept) kept.push_back(violation);
}

std::string one_line(const Summary& summary) {
  std::uint64_t takeovers = 0;
  std::string causes;
  for (std::size_t cause = 1; cause < summary.takeovers.size(); ++cause) {
    takeovers += summary.takeovers[cause];
    causes += fmt::format("{}{} {}", cause > 1 ? ", " : "",
                          cause_name(static_cast<TakeoverCause>(cause)), summary.takeovers[cause]);
  }
  const auto mean = summary.outages == 0 ? 0.0
                                         : static_cast<double>(summary.outage_sum.count()) /
                                               1000.0 / static_cast<double>(summary.outages);
  return fmt::format(
      "simulator: {} scenarios, {:.0f} simulated hours, {} takeovers ({}), {} automatic failbacks, "
      "{} false takeovers, phone downtime mean {:.0f} s, worst {:.0f} s (seed {}), {} violations",
      summary.scenarios, static_cast<double>(summary.simulated.count()) / 3.6e6, takeovers, causes,
      summary.failbacks, summary.false_takeovers, mean,
      static_cast<double>(summary.outage_worst.count()) / 1000.0, summary.outage_worst_seed,
      summary.violations);
}

std::string describe(const Violation& violation, std::string_view mutation) {
  return fmt::format("seed {}: {} at {}: {}\n  replay: tandem-sim --seed {}{} --trace",
                     violation.seed, violation.oracle, clock_text(violation.at), violation.detail,
                     violation.seed,
                     mutation.empty() ? "" : fmt::format(" --mutation {}", mutation));
}

}  // namespace tandem::sim

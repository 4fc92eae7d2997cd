// tandem-sim: runs scenarios from their seeds, judges them, and tells the story of one.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "tests/pair_sim/campaign.h"
#include "tests/pair_sim/oracles.h"
#include "tests/pair_sim/world.h"

namespace tandem::sim {
namespace {

constexpr int kUsage = 64;

constexpr std::string_view kHelp =
    "Usage: tandem-sim --seeds FROM..TO [--jobs N] [--mutation NAME]\n"
    "       tandem-sim --seed N [--trace] [--mutation NAME]\n"
    "       tandem-sim --list\n"
    "\n"
    "Runs the decision code of both nodes of a pair in simulated time, with what breaks drawn from "
    "a\n"
    "seed, and judges each step by oracles. Ends with 1 where one complains.\n"
    "\n"
    "  --seeds FROM..TO  these scenarios, and one line that sums them up\n"
    "  --jobs N          on so many threads (1 to 64)\n"
    "  --seed N          this scenario\n"
    "  --trace           with its story, line by line\n"
    "  --mutation NAME   with a spoiled rule, that the oracles must notice\n"
    "  --list            the oracles and the mutations\n";

struct Options {
  std::uint64_t first = 0, last = 0;
  bool seeds = false, single = false, trace = false, list = false, help = false;
  int jobs = 1;
  const Mutation* mutation = &no_mutation();
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool read_seeds(std::string_view text, Options& options) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return false;
  const auto first = number_of<std::uint64_t>(text.substr(0, dots));
  const auto last = number_of<std::uint64_t>(text.substr(dots + 2));
  if (!first || !last || *first > *last) return false;
  options.first = *first;
  options.last = *last;
  return options.seeds = true;
}

bool read_value(std::string_view name, std::string_view value, Options& options) {
  if (name == "--seeds") return read_seeds(value, options);
  if (name == "--seed") {
    const auto seed = number_of<std::uint64_t>(value);
    if (seed) options.first = options.last = *seed;
    return options.single = seed.has_value();
  }
  if (name == "--jobs") {
    const auto jobs = number_of<int>(value);
    if (jobs) options.jobs = *jobs;
    return jobs && *jobs >= 1 && *jobs <= kJobsMax;
  }
  options.mutation = find_mutation(value);
  return options.mutation != nullptr;
}

std::optional<Options> read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--trace") {
      options.trace = true;
    } else if (name == "--list") {
      options.list = true;
    } else if (name == "--help" || name == "-h") {
      options.help = true;
    } else if (name == "--seeds" || name == "--seed" || name == "--jobs" || name == "--mutation") {
      if (++i == argc || !read_value(name, argv[i], options)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  const int modes = int{options.seeds} + int{options.single} + int{options.list};
  if (!options.help && modes != 1) return std::nullopt;
  return options;
}

int list() {
  fmt::print("Oracles:\n");
  for (const Named& oracle : all_oracles())
    fmt::print("  {:<24}{}\n", oracle.name, oracle.sentence);
  fmt::print("\nMutations, and the oracle that catches each:\n");
  for (const Mutation& mutation : mutations())
    fmt::print("  {:<24}{}: {}\n", mutation.name, mutation.oracle, mutation.meaning);
  return 0;
}

int run_one(const Options& options) {
  const Scenario scenario = make_scenario(options.first);
  const Outcome outcome = simulate(scenario, *options.mutation, options.trace);
  fmt::print("{}", describe(scenario));
  for (const std::string& line : outcome.lines) fmt::print("{}\n", line);
  for (const Violation& violation : outcome.violations)
    fmt::print("{}\n", describe(violation, options.mutation->name));
  fmt::print("{} violations, trace {:016x}\n", outcome.violations.size(), outcome.trace_hash);
  return outcome.violations.empty() ? 0 : 1;
}

int run_many(const Options& options) {
  const Summary summary =
      run_campaign(options.first, options.last, options.jobs, *options.mutation);
  for (const Violation& violation : summary.kept)
    fmt::print("{}\n", describe(violation, options.mutation->name));
  fmt::print("{}\n", one_line(summary));
  return summary.violations == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  const auto options = read_options(argc, argv);
  if (!options) {
    fmt::print(stderr, "{}", kHelp);
    return kUsage;
  }
  if (options->help) {
    fmt::print("{}", kHelp);
    return 0;
  }
  if (options->list) return list();
  return options->single ? run_one(*options) : run_many(*options);
}

}  // namespace
}  // namespace tandem::sim

int main(int argc, char** argv) { return tandem::sim::run(argc, argv); }

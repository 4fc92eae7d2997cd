// What happened in one run: a hash of every transition and act, and, where asked for, their text.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/pair_sim/scenario.h"

namespace tandem::sim {

class Trace {
 public:
  explicit Trace(bool told) : told_(told) {}

  // Whether lines are kept. Nobody should make one where they are not.
  bool told() const { return told_; }
  void line(Instant at, int node, std::string_view text) {
    if (told_ && lines_.size() < kLinesMax)
      lines_.push_back(fmt::format("{}  {}  {}", clock_text(at),
                                   node < 0     ? ' '
                                   : node == kA ? 'A'
                                                : 'B',
                                   text));
  }
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3U; }
  std::uint64_t hash() const { return hash_; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static constexpr std::size_t kLinesMax = 20'000;
  bool told_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::vector<std::string> lines_;
};

}  // namespace tandem::sim

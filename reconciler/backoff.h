// The delay before the n-th attempt, and the limit on repairs that somebody undoes.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include "ports/clock.h"

namespace tandem {

// 1 s, 2 s, 4 s, ... at most 5 min.
class Backoff {
 public:
  static constexpr std::chrono::seconds kFirst{1};
  static constexpr std::chrono::seconds kLast{300};

  // The delay after one more failure.
  std::chrono::seconds failed();
  void reset() { next_ = kFirst; }

 private:
  std::chrono::seconds next_ = kFirst;
};

// More than 5 repairs in 10 minutes: somebody fights us. From then on one repair a minute.
class RepairLimit {
 public:
  static constexpr std::size_t kRepairsMax = 5;
  static constexpr std::chrono::minutes kWindow{10};
  static constexpr std::chrono::minutes kPause{1};

  void repaired(Instant now);
  bool contested(Instant now) const;
  // The earliest moment of the next repair; in the past where it may be made at once.
  Instant next_repair(Instant now) const;
  std::size_t repairs_in_window(Instant now) const;

 private:
  std::deque<Instant> repairs_;  // at most those of one window: bounded by kPause once contested
};

}  // namespace tandem

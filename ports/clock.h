// Time is handed in: nothing above this port reads a clock by itself.
#pragma once

#include <chrono>
#include <memory>

#include "ports/task.h"

namespace tandem {

using Instant = std::chrono::steady_clock::time_point;

// Wakes the one task that waits on it. A call while nobody waits is kept: the next wait returns at
// once.
class Signal {
 public:
  virtual ~Signal() = default;
  virtual void notify() = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;

  // Monotonic; what every decision is made by.
  virtual Instant now() const = 0;
  // For display, ages, and `until` of a suspension; it may jump.
  virtual std::chrono::system_clock::time_point wall() const = 0;

  // The next time for who looks again and again, at least every `period`, and needs no exact
  // moment: the real clock lets all such looks fall together, so that the process wakes once for
  // them.
  virtual Instant next_turn(std::chrono::nanoseconds period) const { return now() + period; }

  virtual std::unique_ptr<Signal> make_signal() = 0;
  // Returns at `deadline`, or earlier when `signal` (made by this clock) is notified. At most one
  // task waits on a signal at a time.
  virtual Task<void> wait(Signal& signal, Instant deadline) = 0;
};

}  // namespace tandem

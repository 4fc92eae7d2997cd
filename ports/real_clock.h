// The host's clocks.
#pragma once

#include <memory>

#include "ports/clock.h"

namespace tandem {

class RealClock : public Clock {
 public:
  Instant now() const override;
  std::chrono::system_clock::time_point wall() const override;
  // On whole multiples of half a second, where the period is no shorter; never after `period`.
  Instant next_turn(std::chrono::nanoseconds period) const override;
  std::unique_ptr<Signal> make_signal() override;
  Task<void> wait(Signal& signal, Instant deadline) override;
};

}  // namespace tandem

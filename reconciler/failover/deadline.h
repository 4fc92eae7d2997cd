// An end that a person gave as a wall time, and that a jump of the clock must not bring nearer.
#pragma once

#include <algorithm>
#include <optional>

#include "core/pair.h"
#include "ports/clock.h"

namespace tandem {

// Over once the wall clock has passed it, and as much time as lay before it when it was given has
// passed as well. A clock that was set forward meanwhile shortens nothing; one that is set back
// makes it longer, and a person may end it at any time.
class Deadline {
 public:
  // A clock that told 1970 when the end was given must not keep it for decades.
  static constexpr std::chrono::hours kHeldMax{31 * 24};

  void set(std::optional<WallTime> until, Instant now, WallTime wall) {
    if (until == until_) return;
    until_ = until;
    if (until_)
      earliest_ = now + std::clamp<std::chrono::nanoseconds>(*until_ - wall,
                                                             std::chrono::nanoseconds{0}, kHeldMax);
  }

  bool lasts(Instant now, WallTime wall) const {
    return until_ && (wall < *until_ || now < earliest_);
  }
  // There was one, and it is over.
  bool over(Instant now, WallTime wall) const { return until_ && !lasts(now, wall); }

 private:
  std::optional<WallTime> until_;
  Instant earliest_{};
};

}  // namespace tandem

// On the secondary: notes that it has served, so that what users left on it comes home before
// anybody writes over it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/pair.h"
#include "core/result.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/timed_work.h"

namespace tandem {

class HarvestDebt {
 public:
  // A disk that neither takes nor refuses the note holds up no takeover.
  static constexpr std::chrono::milliseconds kWriteMax{500};
  // A note that failed is tried again, also when the node serves no more.
  static constexpr std::chrono::seconds kRetry{10};
  // While it serves, the note is looked at: a gate that ended an earlier one at the moment of the
  // takeover may have written over it.
  static constexpr std::chrono::minutes kLook{1};

  // `disk` at `/`, for as long as the program runs.
  HarvestDebt(Clock& clock, Filesystem& disk, std::string state_dir)
      : clock_(clock), disk_(disk), state_dir_(std::move(state_dir)) {}

  // Before the node begins to serve.
  void begin();
  // What it does, as seen now: somebody else may have made it serve.
  void seen(bool serves);
  // Why the note could not be written; nullopt: there is none to write, or it is written.
  const std::optional<Error>& error() const { return error_; }

 private:
  void note();
  void look();

  Clock& clock_;
  Filesystem& disk_;
  std::string state_dir_;
  TimedWork work_{kWriteMax};
  bool noted_ = false;  // of the time that it serves now
  // When nobody was served last. nullopt: it served as long as anybody has looked, and what was
  // left on it may be of any age.
  std::optional<WallTime> quiet_;
  Instant not_before_ = Instant::min();
  std::optional<Error> error_;
};

}  // namespace tandem

// Tells the phones by itself after the registrars have changed, where the declaration asks for that
// (spec.provisioning.resyncDevices: onChange).
#pragma once

#include <memory>

#include "reconciler/loop.h"
#include "reconciler/resync.h"

namespace tandem {

class ResyncKeeper {
 public:
  static constexpr std::chrono::seconds kPeriod{30};
  // After a run that provd ended, the next one: most phones were told already.
  static constexpr std::chrono::minutes kAgain{10};

  ResyncKeeper(Clock& clock, Loop& loop, Resync& resync);

  // Until stop(); a run under way then ends within a poll.
  Task<void> run();
  void stop();

 private:
  bool is_due() const;

  Clock& clock_;
  Loop& loop_;
  Resync& resync_;
  std::unique_ptr<Signal> signal_;
  Instant not_before_{};
  bool stopping_ = false;
};

}  // namespace tandem

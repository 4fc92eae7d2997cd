// The vendor's commands in the better of two ways.
#pragma once

#include <functional>

#include "ports/process.h"

namespace tandem {

// Each command as a transient unit where systemd answers, else as a child: what `commands: auto`
// means. Asked anew each time, since the bus comes and goes.
class PreferredProcess : public Process {
 public:
  using Answers = std::function<Task<bool>()>;

  // Empty `answers`: always `otherwise`.
  PreferredProcess(Process& preferred, Process& otherwise, Answers answers)
      : preferred_(preferred), otherwise_(otherwise), answers_(std::move(answers)) {}

  Task<Result<CommandOutcome>> run(Command command) override;

 private:
  Process& preferred_;
  Process& otherwise_;
  Answers answers_;
};

}  // namespace tandem

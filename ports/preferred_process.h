// The vendor's commands in one of two ways, as `commands` in operator.yaml says.
#pragma once

#include <functional>

#include "core/pair.h"
#include "ports/process.h"

namespace tandem {

// auto: each command as a transient unit where systemd answers, else as a child; it is asked anew
// each time, since the bus comes and goes.
class PreferredProcess : public Process {
 public:
  using Way = OperatorConfig::Commands;
  using Answers = std::function<Task<bool>()>;

  PreferredProcess(Way way, Process& units, Process& children, Answers systemd_answers)
      : way_(way), units_(units), children_(children), answers_(std::move(systemd_answers)) {}

  Task<Result<CommandOutcome>> run(Command command) override;
  Task<Status> end_job(Command kept) override;

 private:
  Way way_;
  Process& units_;
  Process& children_;
  Answers answers_;
};

}  // namespace tandem

#include "ports/preferred_process.h"

#include <utility>

namespace tandem {

Task<Result<CommandOutcome>> PreferredProcess::run(Command command) {
  bool as_unit = way_ == Way::systemd;
  if (way_ == Way::automatic) as_unit = co_await answers_();
  auto& chosen = as_unit ? units_ : children_;
  auto outcome = co_await chosen.run(std::move(command));
  co_return outcome;
}

// What was begun in one way may have to be ended when the other one is preferred.
Task<Status> PreferredProcess::end_job(Command kept) {
  Status units = success();
  bool asked = way_ == Way::systemd;
  if (way_ == Way::automatic) asked = co_await answers_();
  if (asked) units = co_await units_.end_job(kept);
  Status children = success();
  if (way_ != Way::systemd) children = co_await children_.end_job(std::move(kept));
  co_return units.ok() ? children : units;
}

}  // namespace tandem

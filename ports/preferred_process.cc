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

}  // namespace tandem

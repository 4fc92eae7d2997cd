#include "ports/preferred_process.h"

#include <utility>

namespace tandem {

Task<Result<CommandOutcome>> PreferredProcess::run(Command command) {
  const bool answers = co_await answers_();
  auto& chosen = answers ? preferred_ : otherwise_;
  auto outcome = co_await chosen.run(std::move(command));
  co_return outcome;
}

}  // namespace tandem

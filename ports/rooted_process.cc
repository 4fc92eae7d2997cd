#include "ports/rooted_process.h"

#include <utility>

namespace tandem {

Task<Result<CommandOutcome>> RootedProcess::run(Command command) {
  if (root_ != "/" && !command.argv.empty()) command.argv[0] = root_ + command.argv[0];
  auto outcome = co_await programs_.run(std::move(command));
  co_return outcome;
}

}  // namespace tandem

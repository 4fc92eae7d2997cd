#include "ports/rooted_process.h"

#include <utility>

namespace tandem {

void RootedProcess::root(Command& command) const {
  if (root_ != "/" && !command.argv.empty()) command.argv[0] = root_ + command.argv[0];
}

Task<Result<CommandOutcome>> RootedProcess::run(Command command) {
  root(command);
  auto outcome = co_await programs_.run(std::move(command));
  co_return outcome;
}

Task<Status> RootedProcess::end_job(Command kept) {
  root(kept);
  Status ended = co_await programs_.end_job(std::move(kept));
  co_return ended;
}

}  // namespace tandem

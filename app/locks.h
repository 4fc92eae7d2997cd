// That only one operator works on a node, and on a state directory.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "core/pair.h"
#include "core/result.h"
#include "ports/lock_file.h"

namespace tandem {

class NodeLocks {
 public:
  // Takes STATE-DIR/lock and ROOT/run/tandem/lock; their folders are made. unavailable: another
  // operator has one of them.
  static Result<NodeLocks> acquire(const OperatorConfig& config);

  // For an operator that starts: one before it may have been killed, and its last threads hold its
  // locks for some milliseconds more. It is waited for, this long at most; `told` is called once,
  // with who holds the lock, before the wait.
  static constexpr std::chrono::seconds kPredecessorMax{2};
  static Result<NodeLocks> acquire_after_predecessor(
      const OperatorConfig& config, const std::function<void(const std::string&)>& told);

  // The process that holds the state directory on this host; nullopt: none, or it can not be told.
  static std::optional<pid_t> holder(const OperatorConfig& config);

  // Has the operator that holds the state directory look at everything (SIGHUP); false: none does
  // on this host. In a container the number may be somebody else's: only this program is told.
  static bool wake_holder(const OperatorConfig& config);

 private:
  NodeLocks(LockFile state, LockFile root) : state_(std::move(state)), root_(std::move(root)) {}

  LockFile state_;
  LockFile root_;
};

}  // namespace tandem

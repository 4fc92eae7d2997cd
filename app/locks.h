// That only one operator works on a node, and on a state directory.
#pragma once

#include "core/pair.h"
#include "core/result.h"
#include "ports/lock_file.h"

namespace tandem {

class NodeLocks {
 public:
  // Takes STATE-DIR/lock and ROOT/run/tandem/lock; their folders are made. unavailable: another
  // operator has one of them.
  static Result<NodeLocks> acquire(const OperatorConfig& config);

 private:
  NodeLocks(LockFile state, LockFile root) : state_(std::move(state)), root_(std::move(root)) {}

  LockFile state_;
  LockFile root_;
};

}  // namespace tandem

// The way to the operator of the other node.
#pragma once

#include <string>

#include "core/failover.h"
#include "core/result.h"
#include "ports/task.h"

namespace tandem {

class PeerLink {
 public:
  virtual ~PeerLink() = default;

  // Gives the order to the other operator, which judges it by itself; its answer is the sentence.
  // An order that it refused is invalid, with its sentence; one of which nobody knows whether it
  // arrived is timed_out or connection_cut, and may be given again with the same id.
  virtual Task<Result<std::string>> forward(Order order) = 0;
  // Whether the other operator was heard within its last three periods.
  virtual bool up() const = 0;
};

}  // namespace tandem

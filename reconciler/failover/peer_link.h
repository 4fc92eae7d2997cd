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

  // Has the other operator carry the order out, which judges it by itself; its answer is the
  // sentence. not_found: there is no peer link. invalid, denied: the other node refuses, and says
  // why. Any other fault: it can not be told whether the order arrived; the same order, with the
  // same id, may be sent again.
  virtual Task<Result<std::string>> forward(Order order) = 0;
  // Whether the other operator was heard within its last three periods.
  virtual bool up() const = 0;
};

}  // namespace tandem

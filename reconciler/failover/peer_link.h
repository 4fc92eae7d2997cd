// What is known of the other node over the peer link, and the way to it for orders.
#pragma once

#include <optional>
#include <string>

#include "core/failover.h"
#include "core/result.h"
#include "ports/task.h"

namespace tandem {

class PeerLink {
 public:
  virtual ~PeerLink() = default;

  // Has the other node carry the order out; what it says of it, in a sentence. not_found: there is
  // no peer link. invalid, denied: the other node refuses, and says why. Any other fault: it can
  // not be told whether the order arrived; the same order, with the same id, may be sent again.
  virtual Task<Result<std::string>> forward(Order order) = 0;

  // What it said last; nullopt where nothing was heard within three periods.
  virtual const std::optional<PeerWord>& word() const = 0;
};

}  // namespace tandem

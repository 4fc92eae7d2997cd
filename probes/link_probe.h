// How this node stands to the network in which the other one is.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "ports/routes.h"
#include "probes/sample.h"

namespace tandem {

struct LinkReading {
  OwnLink link = OwnLink::unknown;
  std::string reason;  // names the interface

  bool operator==(const LinkReading&) const = default;
};

// The interface that has `own` must be up with a carrier, and so must the one by which the other
// node is reached. An interface that is down counts as one without a carrier. Two nodes on one
// machine, by loopback addresses, need none.
LinkReading own_link(const Result<RouteView>& seen, const std::string& own);

}  // namespace tandem

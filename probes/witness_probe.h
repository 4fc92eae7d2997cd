// A third address by which a node tells whether it is itself cut off.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "ports/routes.h"

namespace tandem {

// The witness of `witnesses: auto`: the preferred default gateway by the interface that leads to
// the other node, else the preferred one of all. Never one of the nodes' own addresses: that would
// be no third party. nullopt: there is none.
std::optional<std::string> gateway_witness(const RouteView& seen,
                                           const std::set<std::string>& nodes);

}  // namespace tandem

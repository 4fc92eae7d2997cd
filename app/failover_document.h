// Takeover and failback of one node as JSON: what it does, and what it knows of the primary.
#pragma once

#include <nlohmann/json.hpp>

#include "reconciler/failover/keeper.h"

namespace tandem {

// null where the node is in no pair.
nlohmann::ordered_json failover_document(const FailoverKeeper& keeper);

}  // namespace tandem

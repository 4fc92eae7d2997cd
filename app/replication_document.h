// How the copies stand, as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "app/replication_service.h"

namespace tandem {

// null where the declaration has no copies of ours, or none is in force.
nlohmann::ordered_json replication_document(const ReplicationService& replication,
                                            const Clock& clock);

}  // namespace tandem

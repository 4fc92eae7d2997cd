// Who had which duty when a declaration was accepted. A text that names nobody must not change
// hands because a later release has another default: that waits for an order, as an edit would.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/pair.h"

namespace tandem {

// {"failover": "vendor", "replication": "vendor"}
nlohmann::ordered_json owners_record(const HAPair& pair);

// `pair` as it was meant when `text` was accepted. `record`: the JSON text that was kept with it,
// with the owners under "owners"; older ones have none, and their default was the vendor. Anything
// but an object: it was lost, and the defaults of today are taken.
void keep_owners(const std::string& text, const std::string& record, HAPair& pair);

}  // namespace tandem

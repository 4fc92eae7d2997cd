// What an edit of the declaration changes, field by field, for a person.
#pragma once

#include <string>
#include <vector>

#include "core/pair.h"

namespace tandem {

// "spec.failover.failback.hold: 5m -> 1m", in the order of the file. Without what makes the edit
// structural, which structural_differences() tells; what may hold a secret is named alone.
std::vector<std::string> changed_fields(const HAPair& before, const HAPair& after);

}  // namespace tandem

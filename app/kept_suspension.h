// Whether a node was suspended by order, where no operator runs that could tell.
#pragma once

#include <optional>

#include "core/pair.h"
#include "core/result.h"

namespace tandem {

// As the operator remembered it last; nullopt: not suspended, or over by `now`. An error: what is
// remembered can not be read, so that it can not be told.
Result<std::optional<Suspension>> kept_suspension(const OperatorConfig& config, WallTime now);

}  // namespace tandem

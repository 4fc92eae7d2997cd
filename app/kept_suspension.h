// Whether a node was suspended by order, where no operator runs that could tell.
#pragma once

#include <optional>
#include <string>

#include "core/pair.h"
#include "core/result.h"

namespace tandem {

// Whether this node has kept a memory of takeovers and orders before: it has accepted a
// declaration.
bool memory_is_expected(const std::string& state_dir);

// By who is about to accept a declaration while no operator runs; see MemoryKeeper::begin().
void begin_memory(const std::string& state_dir);

// As the operator remembered it last; nullopt: not suspended, or over by `now`. An error: what is
// remembered can not be read, so that it can not be told.
Result<std::optional<Suspension>> kept_suspension(const OperatorConfig& config, WallTime now);

}  // namespace tandem

// What the copies mean for the conditions of a node: pure.
#pragma once

#include <optional>

#include "core/condition.h"
#include "reconciler/replication/copy_state.h"

namespace tandem {

// DatabaseReplicated, FilesReplicated: the last run of the kind. Unknown while none may be made for
// a reason that passes; False where it does not pass by itself (`held_stays`).
Condition replicated(CopyKind kind, const CopyState& state, bool held_stays);

// DataAgeObjectiveMet: the secondary's copy of the database is not older than
// spec.objectives.maxDataAge. Told by either node, of what it knows itself.
Condition data_age_met(const std::optional<WallTime>& succeeded, Duration max_age, WallTime now);

}  // namespace tandem

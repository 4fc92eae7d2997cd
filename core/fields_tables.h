// The parts of the one table, split only to keep its files short. Everybody else uses
// core/fields.h.
#pragma once

#include <span>

#include "core/fields.h"

namespace tandem {

std::span<const Field> pair_rows_first();     // up to spec.provisioning
std::span<const Field> pair_rows_failover();  // spec.failover and spec.replication
std::span<const Field> pair_rows_last();      // from spec.postgresAccess

}  // namespace tandem

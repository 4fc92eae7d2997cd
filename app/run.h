// `tandem run`: the operator, wired from top to bottom.
#pragma once

#include "core/pair.h"

namespace tandem {

// Returns the exit status: 0 after SIGTERM or SIGINT, 1 where it could not start.
int run_operator(const OperatorConfig& config);

}  // namespace tandem

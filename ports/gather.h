// Waiting for many tasks: what Boost 1.74 lacks.
#pragma once

#include <vector>

#include "ports/task.h"

namespace tandem {

// Runs the tasks at once and returns when all have ended. What the first to throw threw is thrown
// then, so the tasks may refer to what outlives the await.
Task<void> gather(std::vector<Task<void>> tasks);

}  // namespace tandem

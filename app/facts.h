// What this node tells of itself to the other one.
#pragma once

#include <string>

#include "core/pair.h"
#include "core/result.h"

namespace tandem {

// A JSON document without secrets, for `tandem facts` over the restricted key.
Result<std::string> facts_now(const OperatorConfig& config);

}  // namespace tandem

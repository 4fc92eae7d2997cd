// What the next copy would make or remove of the stream, for `tandem plan`.
#pragma once

#include <string>
#include <vector>

#include "app/node.h"
#include "core/pair.h"

namespace tandem {

// Both servers are looked at, and nothing is changed; blocks, for stream::kStatementMax a question.
// Empty where this node makes no copies, or neither `pair` nor what is in force (`before`, or
// nullptr) declares a stream.
std::vector<std::string> stream_outlook(Node& node, const HAPair* before, const HAPair& pair);

}  // namespace tandem

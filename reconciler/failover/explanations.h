// What takeover and failback tell a person: the next transition with all that it waits for, and the
// tables themselves as text and as a diagram.
#pragma once

#include <string>

#include "core/why.h"
#include "reconciler/failover/failover.h"

namespace tandem {

// The next transition that this node would make by itself, and each guard of it.
Why why(const FailoverEngine& engine);

// The tables of both roles, as `tandem explain failover` prints them.
std::string transitions_text();
// The same as Markdown, with a Mermaid diagram of each: a part of docs/failover.md.
std::string transitions_markdown();

}  // namespace tandem

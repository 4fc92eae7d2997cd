// Whether a host answers an ICMP echo.
#pragma once

#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/clock.h"
#include "ports/reachability.h"
#include "ports/task.h"
#include "probes/sample.h"

namespace tandem {

// Every way to a node: its address, named by itself, and its declared paths.
std::vector<NodePath> ways_to(const NodeSpec& node);

// One echo; it ends within `timeout`.
Task<Sample> probe_icmp(Reachability& network, Clock& clock, std::string address, Duration timeout);

}  // namespace tandem

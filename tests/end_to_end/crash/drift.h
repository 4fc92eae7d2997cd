// What somebody does to a node behind the operator's back.
#pragma once

#include "tests/end_to_end/crash/crash_node.h"

namespace tandem::crash {

// Makes some drift, at least one, on a node that is `enabled` before and after; the operator is to
// stand still meanwhile. What it changed, as facts: the value that each now has.
Facts make_drift(CrashNode& node, bool enabled, Dice& dice);

}  // namespace tandem::crash

// Whether a takeover of this node would help.
#pragma once

#include "core/condition.h"
#include "reconciler/failover/decision.h"

namespace tandem {

// SecondaryFit. NeverReplicated and WizardMissing keep the node from an automatic takeover, Misses
// do not.
Condition secondary_fit(const Fitness& fit);

}  // namespace tandem

// The conditions of takeover and failback.
#pragma once

#include <vector>

#include "core/condition.h"
#include "reconciler/failover/failover.h"

namespace tandem {

// Of the last turn, on the secondary. TakeoverBlocked, ManualActive, FailbackLatched,
// ActivationFailed, SecondaryFit, SipPathBroken, WitnessUsable, Impaired. On the primary
// OwnSipAnswers.
std::vector<Condition> failover_conditions(const FailoverEngine& engine);

}  // namespace tandem

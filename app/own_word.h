// What this node says of itself to the other one.
#pragma once

#include <string>

#include "core/failover.h"
#include "reconciler/loop.h"
#include "reconciler/spec_keeper.h"

namespace tandem {

// `word` is what takeover and failback say; the declaration and the conditions are added.
PeerWord own_word(PeerWord word, const Loop& loop, const SpecKeeper& specs);

}  // namespace tandem

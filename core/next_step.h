// What a person may raise next: adoption goes step by step, and each step is a line of this table.
#pragma once

#include <string>

#include "core/pair.h"

namespace tandem {

struct NextFacts {
  bool refused = false;  // the file, as it is now, is not taken
  bool waits = false;    // a structural change waits for its order
  bool drift = false;    // something is not as declared
};

// One sentence: the next thing to do with `pair`, and what it brings. Empty: nothing is left to
// raise. Replication is not raised: it stays the vendor's.
std::string next_step(const HAPair& pair, const NextFacts& facts);

}  // namespace tandem

// What an edit of who is what means for this node, in words: a plan shows the files that change,
// and these say what follows from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"

namespace tandem {

// Sentences for the plan; none where roles, addresses and product stay. `node`: the name of this
// one in both declarations.
std::vector<std::string> role_change_notes(const HAPair& in_force, const HAPair& wanted,
                                           std::string_view node);

// How a former secondary is made to stand alone once high availability is off: we never start or
// stop telephony for that.
std::string stand_alone_note(Product product);

}  // namespace tandem

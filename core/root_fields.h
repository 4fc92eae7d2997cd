// Fields of a declaration that give whoever writes them more of a node than its telephony.
#pragma once

#include <string>
#include <vector>

#include "core/pair.h"

namespace tandem {

// "spec.hooks": those that differ and name what runs as root, which units are started, where copies
// are written, or who is let into the database without a password.
std::vector<std::string> root_differences(const HAPair& accepted, const HAPair& wanted);

}  // namespace tandem

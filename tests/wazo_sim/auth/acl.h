// Access control lists as wazo-auth reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem::wazo_sim {

using Acl = std::vector<std::string>;

// `*` stands for one word between dots, `#` for any number of words, `!...` takes away.
bool grants(const Acl& acl, std::string_view wanted);

// What the operator's user holds on a real node (contract, section 6).
Acl operator_acl();

}  // namespace tandem::wazo_sim

// What the documentation's tables say of conditions and alerts, for `tandem explain`: the pages
// themselves are a part of the program, so that there is one text only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem {

// docs/operate.md and docs/runbooks/README.md, as they are.
std::string_view operate_page();
std::string_view runbooks_page();

// What a condition ("Converged") means where it is not well, and what to do; of an alert
// ("TandemStreamBroken") what it says, and where its runbook is. "": there is none of this name.
std::string documented(std::string_view name);

std::vector<std::string> documented_names();

}  // namespace tandem

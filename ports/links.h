// Which network interfaces are one end of something that goes on in another network namespace, as
// the only interface of a container in a bridged network is.
#pragma once

#include <set>
#include <string>

#include "core/result.h"

namespace tandem {

// The names of those interfaces, from the kernel (rtnetlink(7): IFLA_LINK_NETNSID is there exactly
// where the lower link is in another namespace). Waits at most a second.
Result<std::set<std::string>> links_into_other_namespaces();

}  // namespace tandem

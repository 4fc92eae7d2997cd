// One question to the kernel over rtnetlink(7).
#pragma once

#include <linux/netlink.h>

#include <functional>
#include <string>

#include "core/result.h"

namespace tandem {

// Sends the request, which begins with its nlmsghdr, and shows `visit` each message of the answer.
// The number: 0, or the errno with which the kernel refused. An error: the kernel could not be
// asked, or its answer has no end. Waits at most a second for each part.
Result<int> ask_kernel(const std::string& subject, nlmsghdr& request,
                       const std::function<void(const nlmsghdr&)>& visit);

}  // namespace tandem

// Whose program listens on a TCP port of this host. Any user may listen on a port above 1023 that
// is free: what answers there is the operator only if its owner is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.h"

namespace tandem {

// The user of the socket that takes connections to the IPv4 `address` and `port`: of one bound to
// the address before one bound to all. nullopt: there is none. `table` and `table6` are what
// /proc/net/tcp and /proc/net/tcp6 hold (proc(5)); a line that can not be understood is none.
std::optional<uid_t> listener_owner(std::string_view table, std::string_view table6,
                                    std::uint32_t address, std::uint16_t port);

// The same of this network namespace, now. `address` is in host order. unavailable: /proc does not
// tell.
Result<std::optional<uid_t>> listener_owner(std::uint32_t address, std::uint16_t port);

}  // namespace tandem

// An order as POST /api/v1/actions/NAME carries it.
#pragma once

#include <string>
#include <string_view>

#include "core/failover.h"
#include "core/result.h"

namespace tandem {

inline constexpr std::size_t kApplyReasonMax = 500;  // bytes

struct TypedOrder {
  Order order;
  std::string node;  // the one that is meant, where a person named it
};

// "takeover", "failback", "switchover", "suspend", "resume", "maintenance", "ack".
bool is_action(std::string_view name);

// Reads {id, reason, by, for|until, takeOver, end, node, notAfter} strictly; the order is
// well-formed. invalid too where `notAfter` is over: an operator that could not take it sooner must
// not begin with it when nobody expects that any more.
Result<TypedOrder> read_order_body(std::string_view action, const std::string& body, WallTime now);

}  // namespace tandem

// An order as JSON and back: typed on one node, carried out on the other.
#pragma once

#include <string>
#include <string_view>

#include "core/failover.h"
#include "core/result.h"

namespace tandem {

inline constexpr std::size_t kOrderBytesMax = 16U << 10U;
inline constexpr std::size_t kOrderReasonMax = 500;
inline constexpr std::size_t kOrderIdMax = 64;
inline constexpr std::size_t kOrderByMax = 200;

// Times are told in whole seconds.
std::string to_text(const Order& order);

// What an order must be wherever it is typed: an id of letters, digits and hyphens, a reason of one
// line, and an end exactly where its kind has one (suspend, switchover, maintenance).
Status check_order(const Order& order);

// Nothing is passed over: an order that is not understood to the last field is not carried out.
Result<Order> parse_order(std::string_view text);

}  // namespace tandem

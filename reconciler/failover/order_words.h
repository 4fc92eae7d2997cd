// The words that several answers to orders share, and the order that a switchover gives the other
// node.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "core/failover.h"

namespace tandem {

inline constexpr std::size_t kOrderIdCharactersMax = 64;

std::string until_text(WallTime until);
// Whole seconds, none where it is over: "12s".
std::string seconds_text(std::chrono::nanoseconds time);

// "until 2026-12-01T06:00:00Z (new memory); earlier: `tandem maintenance --end --reason REASON` on
// pbx-a": how long a maintenance or a switchover lasts, why, and what ends it.
std::string maintenance_text(const Maintenance& maintenance, const std::string& node);

// What a person does by hand where Tandem can not, or may not, carry out such an order; "" where
// there is nothing.
std::string by_hand(Order::Kind kind, Product product, const std::string& primary,
                    const std::string& secondary);

// Why an order is refused where failover is the vendor's, and what there is instead.
std::string vendors_duty(Order::Kind kind, Product product, const std::string& primary,
                         const std::string& secondary);

// "pbx-a is in maintenance until ...", and what ends it.
std::string in_maintenance(const std::string& node, const std::optional<Maintenance>& its);

// What the other node is ordered to do within a switchover. It has an id of its own: by that of the
// switchover, the other node would take it for the one that it forwarded itself.
Order takeover_within(const Order& switchover);

}  // namespace tandem

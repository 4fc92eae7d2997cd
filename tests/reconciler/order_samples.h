// Orders as a person types them, and the facts of a healthy pair that they are judged by.
#pragma once

#include "reconciler/failover/orders.h"

namespace tandem {

inline const WallTime kNow{std::chrono::seconds{1'700'000'000}};

inline Order order(Order::Kind kind) {
  Order one;
  one.kind = kind;
  one.id = "0123456789abcdef";
  one.reason = "new memory";
  one.by = "root on pbx-a";
  one.at = kNow;
  if (has_end(kind)) one.until = kNow + std::chrono::minutes{30};
  return one;
}

inline OrderFacts primary() {
  OrderFacts facts;
  facts.node = "pbx-a";
  facts.peer = "pbx-b";
  facts.role = Role::primary;
  facts.state = NodeState::serving;
  facts.peer_state = NodeState::standby;
  facts.peer_link = facts.peer_fit = true;
  facts.now = kNow;
  return facts;
}

inline OrderFacts secondary(NodeState state = NodeState::standby,
                            PrimaryVerdict verdict = PrimaryVerdict::serving) {
  OrderFacts facts;
  facts.node = "pbx-b";
  facts.peer = "pbx-a";
  facts.role = Role::secondary;
  facts.state = state;
  facts.verdict = verdict;
  facts.peer_state = NodeState::serving;
  facts.peer_link = facts.peer_fit = true;
  facts.now = kNow;
  return facts;
}

}  // namespace tandem

// How far an accepted order is.
#include <fmt/format.h>

#include <utility>

#include "reconciler/failover/order_words.h"
#include "reconciler/failover/orders.h"

namespace tandem {
namespace {

using enum NodeState;
using Progress = OrderProgress::Kind;

OrderProgress progress(Progress kind, std::string sentence) { return {kind, std::move(sentence)}; }

OrderProgress on_its_way(const std::string& name, NodeState state) {
  return progress(Progress::under_way, state == off
                                           ? fmt::format("{} is not heard", name)
                                           : fmt::format("{} is {}", name, state_name(state)));
}

// Of the secondary, on its way into service.
OrderProgress taking_over(const std::string& name, NodeState state) {
  switch (state) {
    case active:
    case failback_hold:
    case latched: return progress(Progress::done, name + " serves");
    case faulted:
      return progress(Progress::failed, name +
                                            " could not start its services yet, and goes on "
                                            "trying; `tandem why` tells more");
    default: return on_its_way(name, state);
  }
}

OrderProgress giving_back(const std::string& name, NodeState state) {
  switch (state) {
    case standby: return progress(Progress::done, name + " stands by");
    case faulted:
      return progress(Progress::failed, name +
                                            " could not stop its services; `tandem why` tells "
                                            "more");
    default: return on_its_way(name, state);
  }
}

OrderProgress switching_over(const OrderFacts& f) {
  const bool here = f.role == Role::primary;
  const std::string& primary = here ? f.node : f.peer;
  const NodeState state = here ? f.state : f.peer_state;
  const auto& own = here ? f.maintenance : f.peer_maintenance;
  const auto other = taking_over(here ? f.peer : f.node, here ? f.peer_state : f.state);
  if (other.kind == Progress::failed) return other;
  if (state != maintenance || other.kind != Progress::done || !own)
    return progress(Progress::under_way,
                    fmt::format("{}; {} is {}", other.sentence, primary, state_name(state)));
  if (!own->stopped)
    return progress(Progress::failed,
                    fmt::format("{}; {} is in a maintenance that does not stop it: both serve",
                                other.sentence, primary));
  // Told to stop is not stopped: only what is seen counts.
  if (here ? f.stopped : f.peer_stopped)
    return progress(Progress::done, fmt::format("{}; {} is stopped", other.sentence, primary));
  return progress(
      Progress::under_way,
      fmt::format("{}; {} was told to stop, and is still seen to serve", other.sentence, primary));
}

// What became of it, where a node tells that it came to nothing.
std::optional<OrderProgress> lost(const Order& order, const OrderFacts& f,
                                  const std::optional<std::string>& result) {
  if (result && was_not_carried_out(*result)) return progress(Progress::failed, *result);
  const bool its_own = f.peer_order == order.id || f.peer_order == takeover_within(order).id;
  if (its_own && was_not_carried_out(f.peer_result))
    return progress(Progress::failed, fmt::format("{}: {}", f.peer, f.peer_result));
  return std::nullopt;
}

}  // namespace

OrderProgress progress_of(const Order& order, const OrderFacts& f,
                          const std::optional<std::string>& result) {
  if (auto failed = lost(order, f, result)) return *failed;
  if (f.waiting && f.waiting->id == order.id && order.kind != Order::Kind::switchover)
    return progress(Progress::under_way, fmt::format("{} is {}", f.node, state_name(f.state)));
  const bool here = f.role == Role::secondary;
  const std::string& secondary = here ? f.node : f.peer;
  const NodeState state = here ? f.state : f.peer_state;
  switch (order.kind) {
    case Order::Kind::takeover: return taking_over(secondary, state);
    case Order::Kind::failback: return giving_back(secondary, state);
    case Order::Kind::switchover: return switching_over(f);
    case Order::Kind::maintenance:
      if (order.take_over && f.role == Role::primary) return taking_over(f.peer, f.peer_state);
      return progress(Progress::done, "it is so");
    case Order::Kind::suspend:
    case Order::Kind::resume:
    case Order::Kind::end_maintenance:
    case Order::Kind::ack: return progress(Progress::done, "it is so");
  }
  return {};  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem

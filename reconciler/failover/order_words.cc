#include "reconciler/failover/order_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "core/formats.h"
#include "core/spec.h"
#include "pbx/profile.h"

namespace tandem {

std::string seconds_text(std::chrono::nanoseconds time) {
  return to_string(std::chrono::duration_cast<std::chrono::seconds>(
      std::max(time, std::chrono::nanoseconds{0})));
}

std::string until_text(WallTime until) { return "until " + to_string(until); }

std::string maintenance_text(const Maintenance& maintenance, const std::string& node) {
  return fmt::format("{} ({}); earlier: `tandem maintenance --end --reason REASON` on {}",
                     until_text(maintenance.until), maintenance.reason, node);
}

std::string by_hand(Order::Kind kind, Product product, const std::string& primary,
                    const std::string& secondary) {
  const Profile& profile = profile_of(product);
  switch (kind) {
    case Order::Kind::takeover: return fmt::format("on {}: `{}`", secondary, profile.serve_command);
    case Order::Kind::failback:
      return fmt::format("on {}, once {} serves: `{}`", secondary, primary,
                         profile.stand_by_command);
    case Order::Kind::switchover:
      return fmt::format("on {0}: `{1}`, then on {2}: `{3} disable` and `{3} stop`", secondary,
                         profile.serve_command, primary, profile.services_program);
    case Order::Kind::suspend:
    case Order::Kind::resume:
    case Order::Kind::maintenance:
    case Order::Kind::end_maintenance:
    case Order::Kind::ack: return "";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

std::string in_maintenance(const std::string& node, const std::optional<Maintenance>& its) {
  if (its) return fmt::format("{} is in maintenance {}", node, maintenance_text(*its, node));
  return fmt::format(
      "{0} is in maintenance; `tandem maintenance --end --reason REASON` on {0} ends it", node);
}

Order takeover_within(const Order& switchover) {
  constexpr std::string_view kEnding = "-takeover";
  Order order = switchover;
  order.kind = Order::Kind::takeover;
  order.until = {};
  const bool fits = switchover.id.size() + kEnding.size() <= kOrderIdCharactersMax;
  order.id = fits ? switchover.id
                  : sha256(switchover.id).substr(0, kOrderIdCharactersMax - kEnding.size());
  order.id += kEnding;
  return order;
}

std::string vendors_duty(Order::Kind kind, Product product, const std::string& primary,
                         const std::string& secondary) {
  const std::string hand = by_hand(kind, product, primary, secondary);
  return fmt::format(
      "spec.failover.owner is vendor: Tandem takes over and gives back nothing. {}; or give it the "
      "duty: `failover.owner: tandem` in pair.yaml on both nodes, then `tandem apply --structural "
      "--reason REASON` on each",
      hand.empty() ? "The vendor's mechanism knows no such order"
                   : "By the vendor's script, " + hand);
}

}  // namespace tandem

#include "reconciler/replication/copy_permission.h"

#include <fmt/format.h>

#include "replication/files/direction.h"

namespace tandem {
namespace {

constexpr bool kPasses = true, kStays = false;

std::optional<WhyNoCopy> not_ours(const CopySituation& now) {
  if (now.pair == nullptr)
    return WhyNoCopy{"NoDeclaration", "no declaration is in force on this node", kStays};
  if (!now.pair->enabled || now.role == Role::off)
    return WhyNoCopy{"Off", "high availability is declared off", kStays};
  if (now.role == Role::secondary)
    return WhyNoCopy{"NotPrimary",
                     fmt::format("copies are made by the primary, {}", now.pair->primary.name),
                     kStays};
  if (now.pair->replication.owner == Owner::vendor)
    return WhyNoCopy{"VendorReplicates",
                     "spec.replication.owner is vendor: the vendor's hourly copy is made", kStays};
  return std::nullopt;
}

std::optional<WhyNoCopy> of_this_node(const CopySituation& now) {
  if (!now.closed.empty()) return WhyNoCopy{"ObservesOnly", now.closed, kPasses};
  if (now.role_conflict)
    return WhyNoCopy{"RoleConflict", "the nodes do not agree on who is the primary", kStays};
  if (now.standing_by)
    return WhyNoCopy{"StandsBy", "this node stands by: what it holds may be older", kPasses};
  if (now.state != NodeState::serving && now.state != NodeState::degraded)
    return WhyNoCopy{"NotServing",
                     fmt::format("this node is {}, and only a primary that serves is copied",
                                 state_name(now.state)),
                     kPasses};
  if (now.vendor_copies)
    return WhyNoCopy{"VendorCopyRuns", "a copy of the vendor's runs and is waited for", kPasses};
  return std::nullopt;
}

std::optional<WhyNoCopy> of_the_other(const CopySituation& now) {
  if (!now.peer) return std::nullopt;
  const PeerWord& peer = *now.peer;
  if (peer.role == Role::primary)
    return WhyNoCopy{"BothPrimary", "the other node holds itself for the primary too", kStays};
  if (peer.role != Role::secondary)
    return WhyNoCopy{"SecondaryOff",
                     fmt::format("{} does not hold itself for the secondary: its declaration is "
                                 "another one, or has high availability off",
                                 now.pair->secondary.name),
                     kStays};
  if (has_begun_to_serve(peer.state) || peer.state == NodeState::deactivating)
    return WhyNoCopy{"SecondaryServes",
                     fmt::format("{} is {}: what it holds is newer, and is not written over",
                                 now.pair->secondary.name, state_name(peer.state)),
                     kPasses};
  if (peer.state == NodeState::rejoining)
    return WhyNoCopy{"SecondaryRejoins",
                     now.pair->secondary.name + " has not found out yet whether it stands by",
                     kPasses};
  if (peer.state == NodeState::maintenance || peer.maintenance)
    return WhyNoCopy{"SecondaryInMaintenance", now.pair->secondary.name + " is in maintenance",
                     kPasses};
  if (peer.upgrading)
    return WhyNoCopy{"SecondaryUpgrades", now.pair->secondary.name + " is being upgraded", kPasses};
  return std::nullopt;
}

std::optional<WhyNoCopy> of_the_direction(const CopySituation& now) {
  if (!now.direction_readable)
    return WhyNoCopy{"DirectionUnknown",
                     "which way copies went until now can not be read (stateDir/files-direction)",
                     kStays};
  const std::string wanted = files::direction_of(*now.pair);
  if (now.kept_direction.empty() || now.kept_direction == wanted) return std::nullopt;
  return WhyNoCopy{
      "DirectionChanged",
      fmt::format("copies went as {} until now, and the declaration says {}: nothing is copied "
                  "before somebody confirms which node holds what counts; run: tandem replicate "
                  "--confirm-direction",
                  now.kept_direction, wanted),
      kStays};
}

}  // namespace

std::optional<WhyNoCopy> why_no_copy(const CopySituation& now, bool confirmed) {
  if (auto why = not_ours(now)) return why;
  if (auto why = of_this_node(now)) return why;
  if (auto why = of_the_other(now)) return why;
  if (!confirmed) return of_the_direction(now);
  return std::nullopt;
}

}  // namespace tandem

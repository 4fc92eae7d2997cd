#include "core/goal.h"

#include <fmt/format.h>

#include <cstdlib>

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// The vendor's documentation, not its code: nobody sets these since Wazo 20.13 (contract section
// 5).
constexpr SipExpiry kDocumentedWazo{minutes{3}, minutes{5}, minutes{4}};
constexpr SipExpiry kDocumentedXivo{minutes{1}, hours{1}, minutes{2}};
constexpr SipExpiry kFast{minutes{1}, minutes{4}, minutes{2}};
constexpr SipExpiry kWithoutHA{seconds{60}, seconds{3600}, seconds{120}};

void compare(std::vector<std::string>& lines, std::string_view path, std::string_view from,
             std::string_view to) {
  if (from != to) lines.push_back(fmt::format("{}: {} -> {}", path, from, to));
}

std::string_view product_name(Product product) {
  return product == Product::wazo ? "wazo" : "xivo";
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::off: return "off";
    case Role::primary: return "primary";
    case Role::secondary: return "secondary";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

SipExpiry documented_expiry(Product product) {
  return product == Product::wazo ? kDocumentedWazo : kDocumentedXivo;
}

SipExpiry expiry_without_ha() { return kWithoutHA; }

std::optional<SipExpiry> wanted_expiry(const HAPair& pair) {
  if (!pair.sip.managed) return std::nullopt;
  if (!pair.enabled) return kWithoutHA;
  if (pair.sip.expiry) return pair.sip.expiry;
  if (pair.sip.preset == SipPolicy::Preset::fast) return kFast;
  return documented_expiry(pair.product);
}

Result<Goal> goal_for(const HAPair& pair, std::string_view node, bool standing_by) {
  const bool primary = node == pair.primary.name;
  if (!primary && node != pair.secondary.name)
    return Error{Fault::invalid,
                 fmt::format("this node is '{}', but pair '{}' has the nodes '{}' and '{}'; set "
                             "spec.node in operator.yaml or give --node",
                             node, pair.name, pair.primary.name, pair.secondary.name)};
  Goal goal;
  goal.product = pair.product;
  if (pair.enabled) goal.role = primary ? Role::primary : Role::secondary;
  goal.standing_by = standing_by;
  goal.own_address = primary ? pair.primary.address : pair.secondary.address;
  const NodeSpec& peer = primary ? pair.secondary : pair.primary;
  goal.peer_address = peer.address;
  goal.peer_addresses.push_back(peer.address);
  for (const NodePath& path : peer.paths) goal.peer_addresses.push_back(path.address);
  goal.failover_owner = pair.failover.owner;
  goal.replication_owner = pair.replication.owner;
  goal.sip_expiry = wanted_expiry(pair);
  goal.backup_registrar_managed = pair.provisioning.backup_registrar_managed;
  goal.registrars = pair.provisioning.registrars;
  goal.services = pair.services;
  goal.sip_port = pair.failover.sip_port;
  goal.activation_timeout = pair.failover.activation_timeout;
  goal.deactivation_timeout = pair.failover.deactivation_timeout;
  goal.postgres_method = pair.postgres_method;
  goal.streams = pair.replication.owner == Owner::tandem &&
                 pair.replication.database_mode == Replication::DatabaseMode::stream;
  goal.restart = pair.restart;
  goal.resync_devices = pair.provisioning.resync_devices;
  goal.isdn_switch = pair.isdn_switch;
  goal.interconnection = pair.interconnection;
  goal.directories = pair.replication.directories;
  goal.max_downtime = pair.objectives.max_downtime;
  return goal;
}

Result<Goal> released_goal(const HAPair& pair, std::string_view node, bool standing_by) {
  auto goal = goal_for(pair, node, standing_by);
  if (!goal.ok()) return goal;
  Goal& released = goal.value();
  released.released = true;
  released.streams = false;
  released.failover_owner = released.replication_owner = Owner::vendor;
  released.sip_expiry.reset();
  released.backup_registrar_managed = false;
  released.peer_addresses.clear();
  released.isdn_switch.reset();
  released.interconnection.reset();
  released.restart = HAPair::Restart::advise;
  released.resync_devices = Provisioning::Resync::manual;
  return goal;
}

std::vector<std::string> structural_differences(const HAPair& accepted, const HAPair& wanted) {
  std::vector<std::string> lines;
  compare(lines, "metadata.name", accepted.name, wanted.name);
  compare(lines, "spec.product", product_name(accepted.product), product_name(wanted.product));
  compare(lines, "spec.enabled", accepted.enabled ? "true" : "false",
          wanted.enabled ? "true" : "false");
  compare(lines, "spec.primary.name", accepted.primary.name, wanted.primary.name);
  compare(lines, "spec.primary.address", accepted.primary.address, wanted.primary.address);
  compare(lines, "spec.secondary.name", accepted.secondary.name, wanted.secondary.name);
  compare(lines, "spec.secondary.address", accepted.secondary.address, wanted.secondary.address);
  // Taking a duty from the vendor is an order; giving it back is safe at any time.
  const auto takes = [](Owner now, Owner then) {
    return now == Owner::vendor && then == Owner::tandem;
  };
  if (takes(accepted.failover.owner, wanted.failover.owner))
    compare(lines, "spec.failover.owner", "vendor", "tandem");
  if (takes(accepted.replication.owner, wanted.replication.owner))
    compare(lines, "spec.replication.owner", "vendor", "tandem");
  return lines;
}

}  // namespace tandem

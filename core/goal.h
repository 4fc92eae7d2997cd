// What this node should be now: all that a resource is told.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"
#include "core/result.h"

namespace tandem {

enum class Role { off, primary, secondary };

// "off", "primary", "secondary"
std::string_view role_name(Role role);

// What the telephony services of the node should do. `as_is`: they are observed, never started or
// stopped by us (off, the vendor's failover, or nothing decided yet).
enum class Stance { as_is, serving, standing_by };

struct Goal {
  Product product = Product::wazo;
  Role role = Role::off;
  // The node stands by: the vendor's marker is there and its telephony services are stopped by
  // design.
  bool standing_by = false;
  std::string own_address;                  // IPv4
  std::string peer_address;                 // IPv4
  std::vector<std::string> peer_addresses;  // the same and the peer's other paths, IPv4
  Owner failover_owner = Owner::vendor;
  Owner replication_owner = Owner::vendor;
  bool streams = false;  // replication.database.mode is stream, and the copies are ours
  std::optional<SipExpiry> sip_expiry;  // nullopt: spec.sip.policy is unmanaged
  bool backup_registrar_managed = true;
  std::map<std::string, RegistrarOverride> registrars;  // overrides by registrar id
  Stance stance = Stance::as_is;
  // The vendor's command did not make the node serve: what calls need is started one by one.
  bool by_parts = false;
  // So long the services may take to start, and to stop.
  Duration activation_timeout = std::chrono::minutes{4};
  Duration deactivation_timeout = std::chrono::minutes{3};
  int local_restarts = 0;    // an hour: how often the primary may restart a unit of its own
  bool count_calls = false;  // a failback waits for the calls of this node
  int sip_port = 5060;
  std::optional<ServiceLists> services;  // over the profile's lists
  HAPair::PostgresMethod postgres_method = HAPair::PostgresMethod::scram;
  HAPair::Restart restart = HAPair::Restart::advise;
  Provisioning::Resync resync_devices = Provisioning::Resync::manual;
  std::optional<IsdnSwitch> isdn_switch;
  std::optional<Interconnection> interconnection;
  std::vector<std::string> directories;  // copied besides the profile's
  Duration max_downtime{};               // spec.objectives
  // Tandem lets go of the node: what is ours goes, and what is the vendor's is as the vendor leaves
  // it.
  bool released = false;

  bool operator==(const Goal&) const = default;
};

// What the vendor's documentation sets for a pair of this product.
SipExpiry documented_expiry(Product product);
// Asterisk's and the vendor's own, for a node that has no other.
SipExpiry expiry_without_ha();

// The expiry that spec.sip means: the expiry given, else the preset of the product; for a pair that
// is off Asterisk's and the vendor's own 60/3600/120 s. nullopt where unmanaged.
std::optional<SipExpiry> wanted_expiry(const HAPair& pair);

// The goal of the node called `node` while it stands by or serves. Fault::invalid if the pair has
// no such node.
Result<Goal> goal_for(const HAPair& pair, std::string_view node, bool standing_by);

// The goal of a node that is given back to the vendor's mechanism: both duties are the vendor's,
// and what Tandem alone brought is not wanted any more. The registrars and the expiry stay as they
// are.
Result<Goal> released_goal(const HAPair& pair, std::string_view node, bool standing_by);

// One line for each difference that makes `wanted` a structural edit of `accepted`: enabled,
// product, names, addresses, who is primary, and an owner that takes its duty from the vendor.
// Empty: it may be accepted as it is.
std::vector<std::string> structural_differences(const HAPair& accepted, const HAPair& wanted);

}  // namespace tandem

#include "reconciler/role_change.h"

#include <fmt/format.h>

#include "core/goal.h"
#include "pbx/profile.h"

namespace tandem {
namespace {

constexpr std::string_view kFirstCopy =
    "The first copy after it has to be confirmed by a person, since what was copied to may now be "
    "copied from: look on both nodes at which has the newer data before the next full hour, when "
    "the vendor's job copies.";

std::string role_note(Role from, Role to) {
  if (to == Role::primary)
    return fmt::format(
        "this node was the {} and becomes the primary: its database is from then on what is copied "
        "to the other node, and the registrars send phones there when it is silent. Its telephony "
        "services are neither started nor stopped by that. {}",
        role_name(from), kFirstCopy);
  return fmt::format(
      "this node was the {} and becomes the secondary: its database will be overwritten by the "
      "other node's. Its telephony services are neither started nor stopped by that; under the "
      "vendor's detector they stop within a minute once the other node answers ping. {}",
      role_name(from), kFirstCopy);
}

const NodeSpec& spec_of(const HAPair& pair, bool own, std::string_view node) {
  return (pair.primary.name == node) == own ? pair.primary : pair.secondary;
}

void add_address_note(std::vector<std::string>& notes, const HAPair& in_force, const HAPair& wanted,
                      std::string_view node, bool own) {
  const std::string& from = spec_of(in_force, own, node).address;
  const std::string& to = spec_of(wanted, own, node).address;
  if (from == to) return;
  notes.push_back(
      own ? fmt::format(
                "this node's address changes from {} to {}: the address itself is set by an "
                "administrator, and phones, trunks and certificates that name {} are too",
                from, to, from)
          : fmt::format("the other node's address changes from {} to {}: ha.conf, the cron files, "
                        "PostgreSQL's rules and the registrars follow; until both nodes have the "
                        "new declaration neither failover nor the copy works",
                        from, to));
}

}  // namespace

std::string stand_alone_note(Product product) {
  return fmt::format(
      "no telephony service is started or stopped: a node that serves goes on, and a former "
      "secondary goes on standing by. To make that one stand alone, run on it: {}",
      profile_of(product).serve_command);
}

std::vector<std::string> role_change_notes(const HAPair& in_force, const HAPair& wanted,
                                           std::string_view node) {
  std::vector<std::string> notes;
  const auto before = goal_for(in_force, node, false), after = goal_for(wanted, node, false);
  if (!before.ok() || !after.ok()) return notes;
  if (in_force.product != wanted.product)
    notes.emplace_back(
        "the product changes: every path and command is then another; what was kept of the old "
        "one stays as it is. Release the node first: tandem release");
  const Role from = before.value().role, to = after.value().role;
  if (to == Role::off && from != Role::off)
    notes.push_back("high availability goes off: " + stand_alone_note(wanted.product));
  else if (from == Role::off && to != Role::off)
    notes.push_back(
        fmt::format("high availability goes on, and this node becomes the {}. {}", role_name(to),
                    to == Role::secondary ? "Its database will be overwritten by the other node's"
                                          : "Its database is what is copied to the other node"));
  else if (from != to)
    notes.push_back(role_note(from, to));
  add_address_note(notes, in_force, wanted, node, true);
  add_address_note(notes, in_force, wanted, node, false);
  return notes;
}

}  // namespace tandem

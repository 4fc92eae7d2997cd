// A node that is to be adopted: what was found on it, and the declaration that this makes.
//
// Values in, text out: pbx/ reads the vendor's files, app/commands/import.cc asks the services.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/goal.h"
#include "core/pair.h"
#include "core/result.h"

namespace tandem {

// Something that the vendor's mechanism should not have left so, with what it means for the node.
struct Finding {
  std::string name;  // CamelCase, stable
  std::string meaning;

  bool operator==(const Finding&) const = default;
};

// A value, and in what it was found; `value` empty: in nothing.
struct FoundText {
  std::string value;
  std::string from;
};

struct Found {
  std::optional<Product> product;
  std::string product_from;
  Role role =
      Role::off;  // primary or secondary: that which the node has, or had last; off: unknown
  std::string role_from;
  bool enabled = true;  // false: high availability is off, whatever the node was before
  FoundText own_name, own_address;
  FoundText peer_name, peer_address;
  std::optional<SipExpiry> expiry;  // nullopt: not read
  std::string expiry_from;
  std::map<std::string, RegistrarBackups> registrars;  // those whose backups are not the peer's
  bool vendor_mails =
      false;  // a job of the vendor's runs from cron, which mails its output to root
  std::vector<Finding> findings;
  std::vector<std::string> unread;  // what could not be read, with the reason and the remedy
};

// The declaration that keeps the node as it was found: nothing is changed by itself (changes.allow:
// none), both duties stay the vendor's. invalid: what nothing on the node tells, a line each, with
// the option that says it.
Result<HAPair> declaration_of(const Found& found, const std::string& pair_name);

// In what a declaration that is there already contradicts what was found: product, enabled,
// addresses, who is primary. The names are its own to choose. A line each.
std::vector<std::string> contradictions(const HAPair& declared, const HAPair& found);

// `pair` (a declaration_of(found)) as a commented pair.yaml: where each value was found, what is
// wrong with the node, and what to raise when. Reads back as `pair`.
std::string pair_text(const HAPair& pair, const Found& found);

// A commented operator.yaml: what differs from the defaults, and `node`.
std::string operator_text(const OperatorConfig& config);

// `name` as an RFC 1123 label: the first word of a host name in small letters; empty if nothing of
// it is usable.
std::string label_of(std::string_view name);

}  // namespace tandem

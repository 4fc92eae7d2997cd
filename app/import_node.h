// What `tandem import` sees of a node: the vendor's traces, the registrars, the SIP expiry, the
// addresses. Changes nothing.
#pragma once

#include <optional>
#include <string>

#include "app/node.h"
#include "core/adoption.h"

namespace tandem {

// What a person says where the node does not tell.
struct ImportHints {
  std::optional<Product> product;
  Role role = Role::off;  // off: as the traces tell
  std::string address;
  std::string peer_address;
  std::string peer_name;
};

Task<Found> look_at(Node& node, ImportHints hints);

// Of these addresses the one that shares the longest start with `peer`; empty where two do, or
// where none is of a real interface.
std::string nearest_address(const std::vector<LocalAddress>& local, const std::string& peer);

// The first name that a hosts(5) file has for `address`, as a label; empty if there is none.
std::string host_name_of(const std::string& hosts, const std::string& address);

}  // namespace tandem

// What the traces of the vendor's mechanism say of a node: its role, its peer, and which of the
// half-applied states that the vendor's calls leave it is in (contract of the vendor's services:
// its calls stop at their first failure and undo nothing).
#pragma once

#include <string>
#include <vector>

#include "core/adoption.h"
#include "core/goal.h"
#include "pbx/registrar.h"
#include "pbx/vendor_traces.h"

namespace tandem {

struct VendorStory {
  Role role = Role::off;  // off: no trace tells
  std::string role_from;
  bool enabled = true;
  FoundText peer_address;     // IPv4; empty: no trace tells
  bool vendor_mails = false;  // a job of the vendor's is in cron
  std::vector<Finding> findings;
};

// `role` other than off, and `peer_address` other than "": a person has said so, and the traces are
// only compared with it.
VendorStory tell(const VendorTraces& traces, Role role, const std::string& peer_address);

// Adds to `found`, whose role and addresses are known, what its registrars say: those that a
// declaration has to name, and what is wrong with the others.
void tell_registrars(const std::vector<Registrar>& registrars, Found& found);

}  // namespace tandem

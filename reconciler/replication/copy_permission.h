// Whether this node may copy to the other one now: pure. The guards of the copies themselves ask
// the secondary (replication/database/guards.h, app/gate.h); this asks what is known here.
#pragma once

#include <optional>
#include <string>

#include "core/failover.h"
#include "core/pair.h"

namespace tandem {

struct CopySituation {
  const HAPair* pair = nullptr;  // in force; nullptr: none
  Role role = Role::off;
  bool standing_by = false;  // this node, by the vendor's marker
  std::string closed;        // why the loop may not act on this node; empty: it may
  NodeState state = NodeState::off;
  bool role_conflict = false;
  std::optional<PeerWord> peer;  // of the last seconds
  // Which way files and rows went until now (replication/files/direction.h); empty: not yet.
  std::string kept_direction;
  bool direction_readable = true;  // false: what is kept can not be read
  bool vendor_copies = false;      // a copy of the vendor's runs now
};

struct WhyNoCopy {
  std::string reason;   // "NotPrimary"
  std::string message;  // a sentence without its end
  // No edit and no order of ours is missing: it goes on by itself.
  bool passes = false;

  bool operator==(const WhyNoCopy&) const = default;
};

// nullopt: it may. `confirmed`: a person has said that the direction is right.
std::optional<WhyNoCopy> why_no_copy(const CopySituation& now, bool confirmed);

}  // namespace tandem

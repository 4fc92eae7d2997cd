// Whether somebody upgrades the node, or did a moment ago. The vendor's upgrade stops and disables
// all services, installs packages, enables and restarts: between its steps nothing is as declared,
// and nothing of it is drift.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/goal.h"
#include "core/result.h"
#include "ports/clock.h"
#include "probes/probe.h"

namespace tandem {

// What is seen of it at one look.
struct UpgradeSigns {
  Result<bool> packages_locked = false;  // dpkg's frontend lock; not_found: there is no dpkg
  std::optional<std::string> program;    // the vendor's upgrade, where it runs
};

class UpgradeWatch {
 public:
  static constexpr std::chrono::minutes kAfter{2};  // still hands off, after the last sign

  // Good: nobody upgrades. Bad: now, or less than kAfter ago. Unknown: it can not be told.
  // `role` and `standing_by` are the node's: the marker that appears on a primary is the vendor's
  // `disable`, the second step of an upgrade, before there is any lock. Unless it appears
  // `as_told`, while the node is to stand by: then we set it ourselves, for a switchover.
  Reading look(const UpgradeSigns& signs, Role role, bool standing_by, Instant now,
               bool as_told = false);

 private:
  std::optional<Instant> last_sign_;
  std::optional<bool> stood_by_;
};

}  // namespace tandem

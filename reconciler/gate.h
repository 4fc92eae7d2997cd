// Whether this node may act at all now. A table: each row is a reason to observe only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/failover.h"
#include "core/pair.h"
#include "probes/probe.h"

namespace tandem {

struct GateFacts {
  bool spec_in_force = false;
  Reading own_address;
  Reading wizard;
  Reading upgrade;                            // good: none is under way
  std::optional<Suspension> suspend;          // spec.suspend
  std::optional<Suspension> suspend_ordered;  // `tandem suspend`
  std::optional<bool> suspended;              // nullopt: `now` tells
  WallTime now{};
};

struct GateRow {
  std::string_view condition;  // the condition that tells the rest
  bool (*closed)(const GateFacts&);
  std::string_view why;
};

// Why nothing may be changed; nullopt: go on. The first row that holds is taken.
std::optional<std::string> why_only_observe(const GateFacts& facts);

// The conditions AddressIsOurs, WizardPassed, UpgradeInProgress and Suspended.
std::vector<Condition> gate_conditions(const GateFacts& facts);

// NobodyFailsOver: that the declaration took a duty from the vendor's
// mechanism that this release does not do itself, or that the secondary can not do just now, since
// it is in maintenance.
std::vector<Condition> duty_conditions(
    const HAPair& pair, const std::optional<Maintenance>& secondary_out = std::nullopt);
// The same while `pair` waits for its order and no other is in force: nobody knows who fails over.
std::vector<Condition> duty_conditions_before_order(const HAPair& pair);

// A reading as a condition: good is True, bad False.
Condition condition_from(std::string type, const Reading& reading);

bool suspended(const GateFacts& facts);

}  // namespace tandem

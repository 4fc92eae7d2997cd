#include "reconciler/gate.h"

#include <fmt/format.h>

#include "core/formats.h"
#include "reconciler/failover/memory.h"
#include "reconciler/failover/order_words.h"
#include "reconciler/role_change.h"

namespace tandem {
namespace {

// Unknown closes the gate too: a node that can not be told to be the declared one is not touched.
constexpr GateRow kRows[] = {
    {"SpecAccepted", [](const GateFacts& f) { return !f.spec_in_force; },
     "no declaration is in force on this node yet"},
    {"AddressIsOurs", [](const GateFacts& f) { return f.own_address.verdict != Verdict::good; },
     "this host is not the declared node, as far as its addresses tell (AddressIsOurs)"},
    {"WizardPassed", [](const GateFacts& f) { return f.wizard.verdict != Verdict::good; },
     "the set-up wizard of this node has not passed, as far as can be told (WizardPassed)"},
    {"UpgradeInProgress", [](const GateFacts& f) { return f.upgrade.verdict != Verdict::good; },
     "packages are being installed on this node, or were within the last 2 minutes, as far as can "
     "be told (UpgradeInProgress)"},
    {"Suspended", [](const GateFacts& f) { return suspended(f); },
     "suspended by spec.suspend or an order (Suspended)"},
};

struct DutyRow {
  Truth status;  // of NobodyFailsOver
  const char* reason;
  const char* message;
};

// By Failover::Mode, where Tandem has the duty.
constexpr DutyRow kFailoverDuty[] = {
    {Truth::no, "TandemFailsOver", "the secondary takes over by itself"},
    {Truth::yes, "ModeAdvise",
     "spec.failover.mode is advise: a failure is reported, and only `tandem takeover --reason "
     "REASON` acts on it"},
    {Truth::yes, "ModeManual",
     "spec.failover.mode is manual: only `tandem takeover --reason REASON` acts on a failure"},
};

Truth truth_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::good: return Truth::yes;
    case Verdict::bad: return Truth::no;
    case Verdict::unknown: return Truth::unknown;
  }
  return Truth::unknown;  // unreachable: -Wswitch keeps the list complete
}

// The one reading whose good side is False.
Condition upgrade_in_progress(const Reading& upgrade) {
  Condition condition = condition_from("UpgradeInProgress", upgrade);
  condition.good_when_true = false;
  if (upgrade.verdict == Verdict::good) condition.status = Truth::no;
  if (upgrade.verdict == Verdict::bad) condition.status = Truth::yes;
  return condition;
}

bool lasts(const std::optional<Suspension>& suspension, WallTime now) {
  return suspension && now < suspension->until;
}

Condition suspension(const GateFacts& facts) {
  Condition condition{"Suspended", Truth::no, "NotSuspended",
                      "neither spec.suspend nor an order suspends the pair", false};
  const bool declared = lasts(facts.suspend, facts.now);
  const bool ordered = lasts(facts.suspend_ordered, facts.now);
  if (!declared && !ordered && suspended(facts)) {
    condition.status = Truth::yes;
    condition.reason = "ClockJumped";
    condition.message =
        "the clock says that the suspension is over, but the time that it was given has not "
        "passed: "
        "the clock was set; `tandem resume --reason REASON` ends it";
    return condition;
  }
  if (!declared && !ordered) {
    if (!facts.suspend) return condition;
    condition.reason = "SuspensionOver";
    condition.message = fmt::format("spec.suspend ended at {}; the field can be set to null",
                                    to_string(facts.suspend->until));
    return condition;
  }
  // The one that lasts longer is what a person has to know.
  const bool of_loss = ordered && is_of_loss(facts.suspend_ordered);
  const bool by_declaration =
      declared && !of_loss && (!ordered || facts.suspend->until >= facts.suspend_ordered->until);
  const Suspension& longer = by_declaration ? *facts.suspend : *facts.suspend_ordered;
  condition.status = Truth::yes;
  condition.reason = by_declaration ? "DeclaredSuspended" : "OrderedSuspended";
  if (of_loss) {  // its end is put off for as long as nobody has looked
    condition.message = fmt::format(
        "nothing is changed until `tandem resume --reason REASON` on this node: {}", longer.reason);
    return condition;
  }
  condition.message =
      fmt::format("nothing is changed until {}: {}{}", to_string(longer.until), longer.reason,
                  by_declaration ? "" : "; `tandem resume --reason REASON` ends it");
  return condition;
}

}  // namespace

std::vector<Condition> duty_conditions(const HAPair& pair,
                                       const std::optional<Maintenance>& secondary_out) {
  Condition failover{"NobodyFailsOver", Truth::no, "VendorFailsOver",
                     "the vendor's mechanism detects failure and takes over", false};
  if (!pair.enabled) {
    failover.reason = "Disabled";
    failover.message = "high availability is declared off: " + stand_alone_note(pair.product);
    return {failover};
  }
  if (pair.failover.owner == Owner::tandem) {
    const DutyRow& row = kFailoverDuty[static_cast<std::size_t>(pair.failover.mode)];
    failover.status = row.status;
    failover.reason = row.reason;
    failover.message = row.message;
    if (row.status == Truth::no && secondary_out) {
      failover.status = Truth::yes;
      failover.reason = "SecondaryInMaintenance";
      failover.message = fmt::format(
          "{0} is in maintenance {1}. Meanwhile it takes nothing over: if {2} fails, "
          "nobody serves",
          pair.secondary.name, maintenance_text(*secondary_out, pair.secondary.name),
          pair.primary.name);
    }
  }
  return {failover};
}

std::vector<Condition> duty_conditions_before_order(const HAPair& pair) {
  if (!pair.enabled) return duty_conditions(pair);
  return {{"NobodyFailsOver", Truth::unknown, "NothingInForce",
           "no declaration is in force on this node: Tandem takes nothing over, and whether the "
           "vendor's mechanism does is not looked at; `tandem plan`, then `tandem apply "
           "--structural --reason REASON`",
           false}};
}

Condition condition_from(std::string type, const Reading& reading) {
  return {std::move(type), truth_of(reading.verdict), reading.reason, reading.message, true};
}

bool suspended(const GateFacts& facts) {
  if (facts.suspended) return *facts.suspended;
  return lasts(facts.suspend, facts.now) || lasts(facts.suspend_ordered, facts.now);
}

std::optional<std::string> why_only_observe(const GateFacts& facts) {
  for (const GateRow& row : kRows)
    if (row.closed(facts)) return std::string(row.why);
  return std::nullopt;
}

std::vector<Condition> gate_conditions(const GateFacts& facts) {
  return {condition_from("AddressIsOurs", facts.own_address),
          condition_from("WizardPassed", facts.wizard), upgrade_in_progress(facts.upgrade),
          suspension(facts)};
}

}  // namespace tandem

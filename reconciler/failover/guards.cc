// What a takeover waits for, and a failback: the guards, in the order in which they are told, and
// their names. Whether one holds is in decision.cc.
#include <fmt/format.h>

#include <cstdlib>

#include "reconciler/failover/decision.h"

namespace tandem {

std::string_view guard_name(Guard guard) {
  switch (guard) {
    case Guard::owner: return "failover.owner is tandem";
    case Guard::mode: return "failover.mode is automatic";
    case Guard::gate: return "this node may be changed";
    case Guard::suspension: return "not suspended";
    case Guard::no_conflict: return "the nodes agree on their roles";
    case Guard::wizard: return "the wizard of this node has passed";
    case Guard::replicated: return "this node has had a copy of the primary's data";
    case Guard::grace: return "the grace after the boot is over";
    case Guard::confirmed: return "the primary is down, confirmed";
    case Guard::durable: return "the decision can be written down, or the primary's host is dead";
    case Guard::held: return "nothing holds this node back";
    case Guard::hold: return "the primary answered for the hold";
    case Guard::failback_mode: return "failback is automatic or ordered";
    case Guard::upgrade: return "no upgrade runs";
    case Guard::calls: return "no call runs on this node";
    case Guard::window: return "inside failback.window";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

const Rules& product_rules() {
  using enum Guard;
  static constexpr Guard kTakeover[] = {owner,  mode,       gate,  suspension, no_conflict,
                                        wizard, replicated, grace, confirmed,  durable};
  static constexpr Guard kFailback[] = {owner, gate,   suspension,    no_conflict,
                                        held,  hold,   failback_mode, upgrade,
                                        calls, window, durable};
  static const Rules kRules{
      .secondary = transitions_of(Role::secondary),
      .primary = transitions_of(Role::primary),
      .secondary_starts = starts_of(Role::secondary),
      .primary_starts = starts_of(Role::primary),
      .takeover = kTakeover,
      .failback = kFailback,
  };
  return kRules;
}

std::vector<Guard> takeover_guards(const Situation& now) {
  return {now.rules->takeover.begin(), now.rules->takeover.end()};
}

std::vector<Guard> failback_guards() {
  const auto guards = product_rules().failback;
  return {guards.begin(), guards.end()};
}

std::string guard_names(const std::vector<Guard>& guards) {
  std::vector<std::string_view> names;
  for (const Guard guard : guards) names.push_back(guard_name(guard));
  return fmt::format("{}", fmt::join(names, "; "));
}

std::vector<Guard> failing(const std::vector<Guard>& guards, const Situation& now) {
  std::vector<Guard> found;
  for (const Guard guard : guards)
    if (!holds(guard, now)) found.push_back(guard);
  return found;
}

}  // namespace tandem

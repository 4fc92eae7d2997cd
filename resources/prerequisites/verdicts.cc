#include "resources/prerequisites/verdicts.h"

namespace tandem {
namespace {

using Verdict = Condition (*)(const Goal&, const Answers&);

// What needs the restricted key, or the configuration that the secondary has only as a copy, is
// asked by the primary.
constexpr Verdict kOfPrimary[] = {
    ssh_reachable,      postgres_reachable,    ping_allowed,  nodes_cloned,
    versions_equal,     postgres_majors_equal, locales_equal, no_plugin_on_secondary,
    peer_wizard_passed, clocks_agree,          disk_free};
constexpr Verdict kOfSecondary[] = {ping_allowed, nodes_cloned, no_plugin_on_secondary, disk_free};

}  // namespace

std::vector<Condition> prerequisite_conditions(const Goal& goal, const Answers& answers) {
  std::vector<Condition> told;
  const auto tell = [&](Verdict verdict) {
    told.push_back(verdict(goal, answers));
    told.back().advisory = true;
  };
  if (goal.role == Role::off) return told;
  if (goal.role == Role::primary)
    for (const Verdict verdict : kOfPrimary) tell(verdict);
  else
    for (const Verdict verdict : kOfSecondary) tell(verdict);
  if (goal.product == Product::xivo) tell(subnets_differ);
  if (goal.role != Role::primary || goal.standing_by) return told;
  // XiVO and Wazo before PJSIP have neither trunks there nor tenants.
  if (answers.trunks) tell(trunk_expiry_short);
  if (answers.tenants) tell(tenants_seen);
  return told;
}

}  // namespace tandem

#include "app/checkup.h"

#include <algorithm>

#include "pbx/products.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

struct Row {
  std::string_view type;
  std::string_view group;
  bool of_primary_alone = false;
};

// The order in which a person goes through them. What is not here comes last.
constexpr Row kRows[] = {
    {"AddressIsOurs", "this node"},
    {"WizardPassed", "this node"},
    {"PermissionsComplete", "this node"},
    {"DiskFree", "this node"},
    {"ServicesComplete", "this node"},
    {"StoppedByHand", "this node"},
    {"SipPortBlocked", "this node"},
    {"UpgradeInProgress", "this node"},
    {"PeerPingAllowed", "the other node"},
    {"ProbesAllowed", "the other node"},
    {"PeerSshReachable", "the other node", true},
    {"SyncKeyUsable", "the other node", true},
    {"PeerPostgresReachable", "the other node", true},
    {"PostgresAccessReady", "the other node"},
    {"PostgresRestartPending", "the other node"},
    {"PeerWizardPassed", "the other node", true},
    {"NodesCloned", "the pair"},
    {"SubnetsDiffer", "the pair"},
    {"VersionsEqual", "the pair", true},
    {"PostgresMajorsEqual", "the pair", true},
    {"LocalesEqual", "the pair", true},
    {"ClocksAgree", "the pair", true},
    {"NoPluginOnSecondary", "the pair"},
    {"TrunkExpiryShort", "telephony", true},
    {"TenantsSeen", "telephony", true},
    {"ExpiryAppliedLive", "telephony"},
    {"RegistrarCopiesCurrent", "telephony"},
    {"CcReplicationReady", "telephony"},
    {"IsdnSwitchFollows", "telephony"},
    {"IsdnSecondWriter", "telephony"},
    {"RestartRequired", "telephony"},
    {"ResyncRequired", "telephony"},
};
constexpr std::string_view kLastGroup = "the operator";

// They sum up the others, or tell of drift, which is the plan's matter.
bool is_a_summary(std::string_view type) { return type == "Ready" || type == "Converged"; }

std::size_t place_of(std::string_view type) {
  const auto* const at = std::ranges::find(kRows, type, &Row::type);
  return static_cast<std::size_t>(at - std::begin(kRows));
}

Truth truth_in(const std::string& word) {
  if (word == "True") return Truth::yes;
  return word == "False" ? Truth::no : Truth::unknown;
}

Condition condition_in(const OrderedJson& told) {
  Condition condition;
  condition.type = told.value("type", "");
  condition.status = truth_in(told.value("status", ""));
  condition.reason = told.value("reason", "");
  condition.message = told.value("message", "");
  condition.good_when_true = (condition.status == Truth::yes) == told.value("well", false);
  return condition;
}

std::size_t count(const std::vector<Check>& checks, bool unknown) {
  return static_cast<std::size_t>(std::ranges::count_if(checks, [&](const Check& check) {
    return !is_well(check.condition) && (check.condition.status == Truth::unknown) == unknown;
  }));
}

OrderedJson check_json(const Check& check) {
  const Condition& condition = check.condition;
  return {{"type", condition.type},       {"group", check.group},
          {"result", mark_of(condition)}, {"status", truth_name(condition.status)},
          {"reason", condition.reason},   {"message", condition.message},
          {"source", check.source}};
}

OrderedJson unverified_json(Product product) {
  OrderedJson list = OrderedJson::array();
  for (const ProductFact& fact : unverified_facts(product))
    list.push_back({{"what", fact.what},
                    {"value", fact.value},
                    {"proof", proof_name(fact.proof)},
                    {"source", fact.source}});
  return list;
}

}  // namespace

std::size_t Checkup::not_met() const { return count(checks, false); }
std::size_t Checkup::unknown() const { return count(checks, true); }

std::string_view mark_of(const Condition& condition) {
  if (is_well(condition)) return "ok";
  return condition.status == Truth::unknown ? "unknown" : "not met";
}

std::vector<Condition> conditions_of(const Plan& plan) {
  std::vector<Condition> all;
  for (const Report& report : plan.reports) {
    for (const Condition& condition : report.conditions) all.push_back(condition);
    if (!report.error || report.seen_in_part) continue;  // of a part its conditions tell
    all.push_back({report.resource, Truth::unknown, "CouldNotLook", report.error->message, true});
  }
  return all;
}

std::vector<Check> merged(const std::vector<Condition>& seen, const OrderedJson& told) {
  std::vector<Check> checks;
  for (const Condition& condition : seen) checks.push_back({condition, "", "now"});
  if (!told.is_array()) return checks;
  for (const OrderedJson& each : told) {
    Condition condition = condition_in(each);
    if (condition.type.empty() || is_a_summary(condition.type)) continue;
    const auto known = std::ranges::find_if(
        checks, [&](const Check& check) { return check.condition.type == condition.type; });
    if (known == checks.end()) checks.push_back({std::move(condition), "", "operator"});
  }
  return checks;
}

void arrange(Checkup& checkup) {
  std::ranges::stable_sort(checkup.checks, {},
                           [](const Check& check) { return place_of(check.condition.type); });
  for (Check& check : checkup.checks) {
    const std::size_t place = place_of(check.condition.type);
    check.group = place < std::size(kRows) ? kRows[place].group : kLastGroup;
  }
  checkup.others.clear();
  if (checkup.role != Role::secondary) return;
  for (const Row& row : kRows) {
    const bool told = std::ranges::any_of(
        checkup.checks, [&](const Check& check) { return check.condition.type == row.type; });
    if (row.of_primary_alone && !told) checkup.others.emplace_back(row.type);
  }
}

OrderedJson checkup_document(const Checkup& checkup) {
  OrderedJson checks = OrderedJson::array();
  for (const Check& check : checkup.checks) checks.push_back(check_json(check));
  return {{"apiVersion", "tandem.ha/v1alpha1"},
          {"kind", "Checkup"},
          {"node", checkup.node},
          {"role", role_name(checkup.role)},
          {"operator", checkup.operator_runs ? "running" : "absent"},
          {"summary",
           {{"checks", checkup.checks.size()},
            {"notMet", checkup.not_met()},
            {"unknown", checkup.unknown()}}},
          {"checks", std::move(checks)},
          {"askedByPrimary", checkup.others},
          {"unverified", unverified_json(checkup.product)}};
}

}  // namespace tandem

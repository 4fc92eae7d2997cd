#include "probes/acl_probe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem {
namespace {

constexpr std::string_view kListTenants = "auth.tenants.read";

// One for each call of pbx/confd, pbx/user_features and pbx/provd. `*` is one word, of a registrar,
// a template or a user.
constexpr std::string_view kNeeded[] = {
    kListTenants,
    "confd.configuration.live_reload.read",
    "confd.endpoints.sip.*.read",
    "confd.endpoints.sip.templates.*.read",
    "confd.endpoints.sip.templates.*.update",
    "confd.endpoints.sip.templates.read",
    "confd.infos.read",
    "confd.registrars.*.update",
    "confd.registrars.read",
    "confd.trunks.read",
    "confd.users.*.forwards.read",
    "confd.users.*.forwards.update",
    "confd.users.*.services.dnd.read",
    "confd.users.*.services.dnd.update",
    "provd.cfg_mgr.configs.*.read",
    "provd.cfg_mgr.configs.*.update",
    "provd.cfg_mgr.configs.read",
    "provd.pg_mgr.install.installed.read",
    "provd.dev_mgr.devices.read",
    "provd.dev_mgr.synchronize.create",
    "provd.operation.delete",
    "provd.operation.read",
};

// What is asked for must be an act, not a pattern: some word stands for each.
std::string act_of(std::string_view scope) {
  std::string act(scope);
  if (const auto star = act.find('*'); star != std::string::npos) act.replace(star, 1, "any");
  return act;
}

Reading reading_of(const std::vector<std::string>& missing) {
  if (missing.empty()) return {Verdict::good, "RightsComplete", "our user holds all needed rights"};
  std::string message = fmt::format("our user lacks: {}; add them to its policy in wazo-auth",
                                    fmt::join(missing, ", "));
  for (const std::string& scope : missing)
    if (scope == kListTenants)
      message += fmt::format(
          ". Without {} the list of tenants is silently shortened to our own: the SIP expiry of "
          "the others is neither seen nor set",
          kListTenants);
  return {Verdict::bad, "RightsMissing", std::move(message)};
}

}  // namespace

Task<Reading> probe_acl(Auth& auth) {
  std::vector<std::string> acts;
  for (const std::string_view scope : kNeeded) acts.push_back(act_of(scope));
  const auto held = co_await auth.check_scopes(acts);
  if (!held.ok()) {
    Reading unknown;
    unknown.reason = "NotAnswered";
    unknown.message = "which rights our user holds is not known: " + held.error().message;
    co_return unknown;
  }
  std::vector<std::string> missing;
  for (const std::string_view scope : kNeeded) {
    const auto found = held.value().find(act_of(scope));
    if (found == held.value().end() || !found->second) missing.emplace_back(scope);
  }
  co_return reading_of(missing);
}

}  // namespace tandem

#include "tests/wazo_sim/auth/acl.h"

#include <algorithm>

namespace tandem::wazo_sim {
namespace {

// The first word of `rest`, which is cut off together with its dot.
std::string_view next_word(std::string_view& rest, bool& more) {
  const auto dot = rest.find('.');
  const auto word = rest.substr(0, dot);
  more = dot != std::string_view::npos;
  rest = more ? rest.substr(dot + 1) : std::string_view();
  return word;
}

bool matches(std::string_view pattern, bool has_pattern, std::string_view wanted, bool has_wanted) {
  if (!has_pattern) return !has_wanted;
  bool pattern_more = false;
  std::string_view pattern_rest = pattern;
  const auto word = next_word(pattern_rest, pattern_more);
  if (word == "#" && matches(pattern_rest, pattern_more, wanted, has_wanted)) return true;
  if (!has_wanted) return false;
  bool wanted_more = false;
  std::string_view wanted_rest = wanted;
  const auto given = next_word(wanted_rest, wanted_more);
  if (word == "#") return matches(pattern, true, wanted_rest, wanted_more);
  return (word == "*" || word == given) &&
         matches(pattern_rest, pattern_more, wanted_rest, wanted_more);
}

}  // namespace

bool grants(const Acl& acl, std::string_view wanted) {
  const auto takes_away = [&](const std::string& entry) {
    return entry.starts_with('!') && matches(std::string_view(entry).substr(1), true, wanted, true);
  };
  const auto gives = [&](const std::string& entry) {
    return !entry.starts_with('!') && matches(entry, true, wanted, true);
  };
  return std::ranges::any_of(acl, gives) && std::ranges::none_of(acl, takes_away);
}

Acl operator_acl() {
  return {"confd.ha.read",
          "confd.ha.update",
          "confd.registrars.read",
          "confd.registrars.*.read",
          "confd.registrars.*.update",
          "confd.endpoints.sip.templates.read",
          "confd.endpoints.sip.templates.*.read",
          "confd.endpoints.sip.templates.*.update",
          "confd.endpoints.sip.read",
          "confd.endpoints.sip.*.read",
          "confd.endpoints.sip.*.update",
          "confd.trunks.read",
          "confd.trunks.*.read",
          "confd.users.*.forwards.read",
          "confd.users.*.forwards.update",
          "confd.users.*.services.dnd.read",
          "confd.users.*.services.dnd.update",
          "confd.asterisk.sip.general.get",
          "confd.asterisk.sip.general.update",
          "confd.infos.read",
          "confd.status.read",
          "confd.configuration.live_reload.read",
          "auth.tenants.read",
          "provd.cfg_mgr.configs.read",
          "provd.cfg_mgr.configs.*.read",
          "provd.cfg_mgr.configs.*.update",
          "provd.dev_mgr.devices.read",
          "provd.dev_mgr.synchronize.create",
          "provd.operation.read",
          "provd.operation.delete",
          "provd.pg_mgr.install.installed.read"};
}

}  // namespace tandem::wazo_sim

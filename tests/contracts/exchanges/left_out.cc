#include "tests/contracts/exchanges/left_out.h"

#include <algorithm>
#include <sstream>

namespace tandem::exchanges {
namespace {

bool stands_for(const std::string& entry, const std::string& name) {
  if (!entry.ends_with('*')) return entry == name;
  return name.starts_with(entry.substr(0, entry.size() - 1));
}

std::size_t count_of(const Recordings& recordings, const std::string& entry) {
  return static_cast<std::size_t>(std::ranges::count_if(
      recordings, [&](const auto& each) { return stands_for(entry, each.first); }));
}

std::size_t entries_for(const std::vector<LeftOut>& table, const std::string& name) {
  std::size_t count = 0;
  for (const LeftOut& group : table)
    for (const std::string& entry : group.names) count += stands_for(entry, name) ? 1 : 0;
  return count;
}

}  // namespace

const std::vector<LeftOut>& left_out_by_the_stand_in() {
  static const std::vector<LeftOut> kTable = {
      {"the vendor's reverse proxy answers these itself, and neither side is that",
       {"nginx-provd-location-followed-as-is", "nginx-sysconfd-not-exposed"}}};
  return kTable;
}

const std::vector<LeftOut>& left_out_by_the_client() {
  static const std::vector<LeftOut> kTable = {
      {"the vendor's one-shot call, whose work Tandem does file by file",
       {"confd-ha-*", "confd-acl-denied-ha-update", "confd-acl-operator-ha",
        "confd-acl-operator-put-ha", "nginx-confd-ha"}},
      {"sysconfd is not asked: Tandem writes the files itself",
       {"sysconfd-*", "nginx-sysconfd-not-exposed"}},
      {"one registrar is never asked for: the list has all",
       {"confd-registrar-get*", "confd-acl-operator-registrar"}},
      {"a token is not checked nor ended: a 401 tells, and one of two hours ends by itself",
       {"auth-token-delete", "auth-token-expired-get", "auth-token-get*", "auth-token-head-*",
        "auth-token-short-before", "auth-status*"}},
      {"trunks and endpoints are read and never written, one trunk is never asked for, devices and "
       "contexts are not kept",
       {"confd-contexts", "confd-device*", "confd-sip-endpoint-create",
        "confd-sip-endpoint-put-registration-only", "confd-trunk-*", "confd-registers-list",
        "confd-pjsip-global-get"}},
      {"the services' own health says nothing of what is kept",
       {"confd-status*", "confd-acl-operator-status", "provd-status"}},
      {"the wizard is a person's", {"confd-wizard-post-again"}},
      {"documents of provd are read and replaced, never made, deleted, merged or patched",
       {"provd-config-delete*", "provd-config-get-raw", "provd-config-patch",
        "provd-config-post-new"}},
      {"devices are not made nor deleted, and plugins not installed",
       {"provd-device-*", "provd-plugin-*", "provd-plugins-installable*", "provd-plugins-loaded*",
        "provd-plugins-update-index", "provd-reconfigure", "nginx-provd-index-update",
        "nginx-provd-location-*"}},
      {"paths and methods that no client uses",
       {"confd-unknown-path", "provd-head-configs", "provd-options-configs", "provd-provd-prefix",
        "provd-registrars-trailing-slash", "provd-root", "provd-unversioned-path"}}};
  return kTable;
}

std::vector<std::string> complaints(const Recordings& recordings, const std::set<std::string>& done,
                                    const std::vector<LeftOut>& table) {
  std::vector<std::string> found;
  for (const auto& [name, recording] : recordings) {
    const std::size_t entries = entries_for(table, name);
    if (done.contains(name) && entries > 0) found.push_back(name + " is left out, and replayed");
    if (!done.contains(name) && entries == 0)
      found.push_back(name + " is not replayed, and nobody says why");
    if (entries > 1) found.push_back(name + " is left out by more than one entry");
  }
  for (const LeftOut& group : table)
    for (const std::string& entry : group.names)
      if (count_of(recordings, entry) == 0) found.push_back(entry + " names no recording");
  return found;
}

std::string listed(const Recordings& recordings, const std::vector<LeftOut>& table) {
  std::ostringstream text;
  for (const LeftOut& group : table) {
    std::size_t sum = 0;
    std::string names;
    for (const std::string& entry : group.names) {
      const std::size_t count = count_of(recordings, entry);
      sum += count;
      names += (names.empty() ? "" : ", ") + entry;
      if (entry.ends_with('*')) names += " (" + std::to_string(count) + ")";
    }
    text << "  "
         << (sum < 10    ? "  "
             : sum < 100 ? " "
                         : "")
         << sum << "  " << group.reason << "\n       " << names << '\n';
  }
  return text.str();
}

}  // namespace tandem::exchanges

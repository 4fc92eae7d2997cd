#include "pbx/vendor_wrecks.h"

#include <fmt/format.h>

#include <optional>

#include "core/formats.h"
#include "pbx/vendor_case.h"

namespace tandem {
namespace {

bool is_usable(const std::string& address) { return check_node_address(address).empty(); }

std::optional<Role> role_of_word(const std::string& word) {
  for (const Role role : {Role::primary, Role::secondary, Role::off})
    if (word == node_type(role)) return role;
  return std::nullopt;
}

void decide_role(VendorCase& c, VendorStory& story) {
  const auto take = [&](bool holds, Role role, std::string from) {
    if (!holds || story.role != Role::off) return;
    story.role = role;
    story.role_from = std::move(from);
  };
  const Profile& profile = c.traces.profile();
  story.enabled =
      !(c.conf_role == Role::off || (!c.conf && !c.traces.cron_master && !c.traces.cron_slave &&
                                     !c.traces.is_primary && !c.traces.is_secondary));
  take(c.role != Role::off, c.role, "the command line");
  take(c.conf_role && c.conf_role != Role::off, c.conf_role.value_or(Role::off), profile.ha_conf);
  take(c.master_cron && !c.slave_cron, Role::primary, profile.cron_master);
  take(c.slave_cron && !c.master_cron, Role::secondary, profile.cron_slave);
  take(c.traces.is_primary && !c.traces.is_secondary, Role::primary,
       profile.is_primary.value_or(""));
  take(c.traces.is_secondary && !c.traces.is_primary, Role::secondary,
       profile.is_secondary.value_or(""));
  take(!c.trusted.empty(), Role::secondary, c.traces.postgres_folder + "/pg_hba.conf");
  take(c.traces.stands_by, Role::secondary, profile.standby_marker);
  c.role = story.role;
  c.enabled = story.enabled;
}

void decide_peer(VendorCase& c, VendorStory& story) {
  const Profile& profile = c.traces.profile();
  const auto take = [&](const std::string& address, const std::string& from) {
    if (story.peer_address.value.empty() && is_usable(address))
      story.peer_address = {address, from};
  };
  take(c.peer, "the command line");
  if (c.conf) take(c.conf->remote_address, profile.ha_conf);
  if (c.master_cron) take(*c.master_cron, profile.cron_master);
  if (c.slave_cron) take(*c.slave_cron, profile.cron_slave);
  if (c.role == Role::secondary)
    for (const std::string& address : c.trusted)
      take(address, c.traces.postgres_folder + "/pg_hba.conf");
  c.peer = story.peer_address.value;
}

}  // namespace

VendorStory tell(const VendorTraces& traces, Role role, const std::string& peer_address) {
  VendorStory story;
  VendorCase c(traces);
  c.role = role;
  c.peer = peer_address;
  if (traces.ha_conf) c.conf = read_ha_conf(*traces.ha_conf);
  if (c.conf) c.conf_role = role_of_word(c.conf->node_type);
  if (traces.cron_master)
    c.master_cron = master_cron_address(traces.profile(), *traces.cron_master);
  if (traces.cron_slave) c.slave_cron = slave_cron_address(traces.profile(), *traces.cron_slave);
  if (traces.pg_hba) c.trusted = trusted_addresses(*traces.pg_hba);
  decide_role(c, story);
  decide_peer(c, story);
  story.vendor_mails = traces.cron_master || traces.cron_slave;
  story.findings = wrecks_of(c);
  return story;
}

void tell_registrars(const std::vector<Registrar>& registrars, Found& found) {
  const bool primary = found.enabled && found.role == Role::primary;
  const std::string& peer = found.peer_address.value;
  for (const Registrar& registrar : registrars) {
    const std::string &host = registrar.backup_host, &proxy = registrar.proxy_backup_host;
    const std::string named = fmt::format("registrar {}", excerpt(registrar.id));
    if (!primary) {
      if (!host.empty() || !proxy.empty())
        found.findings.push_back(
            {"RegistrarBackupLeft",
             fmt::format("{} still sends phones to {}, as a former primary's does", named,
                         excerpt(host.empty() ? proxy : host))});
    } else if ((host.empty() || host == peer) && (proxy.empty() || proxy == peer)) {
      if (host.empty() || proxy.empty())
        found.findings.push_back(
            {"RegistrarWithoutBackup",
             fmt::format("{} lacks a backup: its phones do not turn to the secondary", named)});
    } else {
      found.registrars[registrar.id] = {host, proxy};
      found.findings.push_back(
          {"RegistrarOtherBackup",
           fmt::format("{} sends phones to {} and {} when this node is silent, and not to {}",
                       named, shown_value(host), shown_value(proxy), peer)});
    }
  }
}

}  // namespace tandem

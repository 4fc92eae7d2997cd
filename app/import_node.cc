#include "app/import_node.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <sstream>

#include "core/formats.h"
#include "core/spec.h"
#include "core/wording.h"
#include "pbx/sip_values.h"
#include "pbx/vendor_wrecks.h"

namespace tandem {
namespace {

constexpr const char* kHostsFile = "/etc/hosts";

std::uint32_t number_of(const std::string& address) {
  in_addr parsed{};
  inet_pton(AF_INET, address.c_str(), &parsed);
  return ntohl(parsed.s_addr);
}

bool is_here(const std::vector<LocalAddress>& local, const std::string& address) {
  return is_loopback(address) ||
         std::any_of(local.begin(), local.end(),
                     [&](const LocalAddress& l) { return l.address == address; });
}

// The address that phones are told to register at is the node's own, if it is of this host.
FoundText own_address(const std::vector<LocalAddress>& local,
                      const std::vector<Registrar>& registrars, const Found& found) {
  const std::string& peer = found.peer_address.value;
  for (const Registrar& registrar : registrars)
    if (check_node_address(registrar.main_host).empty() && registrar.main_host != peer &&
        is_here(local, registrar.main_host))
      return {registrar.main_host, "the registrar " + registrar.id};
  if (peer.empty()) return {};
  const std::string nearest = nearest_address(local, peer);
  if (nearest.empty()) return {};
  return {nearest, "the interface nearest to the other node"};
}

void add_names(Node& node, const ImportHints& hints, Found& found) {
  const std::string own = label_of(node.config.node);
  if (!own.empty()) found.own_name = {own, "the host name, or spec.node"};
  if (!hints.peer_name.empty()) {
    found.peer_name = {hints.peer_name, "the command line"};
    return;
  }
  const auto hosts = node.files.read(kHostsFile);
  if (!hosts.ok()) return;
  const std::string name = host_name_of(hosts.value(), found.peer_address.value);
  if (!name.empty() && name != own) found.peer_name = {name, kHostsFile};
}

void add_addresses(Node& node, const ImportHints& hints, const std::vector<Registrar>& registrars,
                   Found& found) {
  if (!hints.address.empty()) {
    found.own_address = {hints.address, "the command line"};
    return;
  }
  const auto local = node.network.local_addresses();
  if (!local.ok()) {
    found.unread.push_back("the addresses of this host: " + local.error().message);
    return;
  }
  found.own_address = own_address(local.value(), registrars, found);
}

// On a primary the hourly copy ends on the secondary; there too nothing but the registrars'
// documents has to be read from disk, so no credentials are needed.
std::vector<Registrar> read_registrars(Node& node, const Profile& profile, Found& found) {
  auto registrars = node.provd_documents.registrars(profile.provd_configs);
  if (registrars.ok()) return std::move(registrars).value();
  found.unread.push_back("the registrars: " + registrars.error().message);
  return {};
}

struct ExpirySite {
  std::string label;
  OptionPairs options;
};

Task<Result<std::vector<ExpirySite>>> read_expiries(Node& node) {
  std::vector<ExpirySite> sites;
  const auto templates = co_await node.confd.global_templates();
  if (templates.ok()) {
    for (const SipTemplate& found : templates.value())
      sites.push_back({"the SIP template global of tenant " + found.tenant_uuid, found.aor});
    co_return sites;
  }
  if (templates.error().fault != Fault::not_found) co_return templates.error();
  const auto general = co_await node.confd.sip_general();
  if (!general.ok()) co_return general.error();
  sites.push_back({"the general section of SIP", general.value().options});
  co_return sites;
}

std::string shown(const SipExpiry& expiry) {
  return fmt::format("{}/{}/{}", to_string(expiry.minimum), to_string(expiry.maximum),
                     to_string(expiry.initial));
}

// Tenants may differ: what most of them have is declared, and said of the others.
void choose_expiry(const std::vector<ExpirySite>& sites, Found& found) {
  std::map<std::string, int> seen;
  int most = 0;
  for (const ExpirySite& site : sites) {
    const auto expiry = expiry_in(site.options);
    if (!expiry) {
      found.findings.push_back({"ExpiryUnreadable", site.label +
                                                        " does not hold the three expirations, "
                                                        "each once and in seconds"});
      continue;
    }
    const int count = ++seen[shown(*expiry)];
    if (count <= most) continue;
    most = count;
    found.expiry = expiry;
    found.expiry_from = site.label;
  }
  if (sites.empty())
    found.unread.push_back("the SIP expiry: confd has no template labelled global yet");
  if (seen.size() < 2) return;
  std::vector<std::string> all;
  for (const auto& [text, count] : seen) all.push_back(fmt::format("{} ({})", text, count));
  found.findings.push_back(
      {"ExpiryDiffers", fmt::format("the tenants have different SIP expiries, minimum/maximum/"
                                    "default: {}; what most have is declared for all",
                                    fmt::join(all, ", "))});
}

}  // namespace

std::string nearest_address(const std::vector<LocalAddress>& local, const std::string& peer) {
  std::string nearest;
  int longest = -1;
  for (const LocalAddress& candidate : local) {
    if (is_loopback(candidate.address) || candidate.address == peer) continue;
    const int same = std::countl_zero(number_of(candidate.address) ^ number_of(peer));
    if (same == longest) nearest.clear();
    if (same <= longest) continue;
    longest = same;
    nearest = candidate.address;
  }
  return nearest;
}

std::string host_name_of(const std::string& hosts, const std::string& address) {
  for (const std::string& line : split(hosts, '\n')) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string first, name;
    if (words >> first >> name && first == address) return label_of(name);
  }
  return "";
}

Task<Found> look_at(Node& node, ImportHints hints) {
  Found found;
  const VendorTraces traces =
      read_traces(node.files, hints.product, node.config.postgres_config_dir.value_or(""));
  VendorStory story = tell(traces, hints.role, hints.peer_address);
  found.product = traces.product;
  found.product_from = traces.product_mark.empty() ? "the command line" : traces.product_mark;
  found.role = story.role;
  found.role_from = std::move(story.role_from);
  found.enabled = story.enabled;
  found.peer_address = std::move(story.peer_address);
  found.vendor_mails = story.vendor_mails;
  found.findings = std::move(story.findings);
  found.unread = traces.unread;

  const auto registrars = read_registrars(node, traces.profile(), found);
  add_addresses(node, hints, registrars, found);
  add_names(node, hints, found);
  tell_registrars(registrars, found);

  const auto expiries = co_await read_expiries(node);
  if (expiries.ok())
    choose_expiry(expiries.value(), found);
  else
    found.unread.push_back("the SIP expiry: " + expiries.error().message);
  co_return found;
}

}  // namespace tandem

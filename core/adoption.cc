#include "core/adoption.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/spec.h"

namespace tandem {
namespace {

constexpr std::string_view kNotTold = "nothing on this node tells ";

// What the file could not be written without.
std::vector<std::string> missing(const Found& found) {
  std::vector<std::string> lines;
  const auto want = [&](bool there, std::string_view what, std::string_view option) {
    if (!there) lines.push_back(fmt::format("{}{}; give {}", kNotTold, what, option));
  };
  want(found.product.has_value(), "the product (Wazo or XiVO)", "--product wazo|xivo");
  want(found.role != Role::off, "its role", "--role primary|secondary");
  want(!found.own_name.value.empty(), "its name", "--node NAME");
  want(!found.own_address.value.empty(), "its own VoIP address", "--address IPV4");
  want(!found.peer_address.value.empty(), "the other node's address", "--peer-address IPV4");
  return lines;
}

SipPolicy policy_of(const Found& found, Product product) {
  SipPolicy policy;
  policy.managed = found.expiry.has_value();
  if (!found.expiry) return policy;
  for (const auto preset : {SipPolicy::Preset::documented, SipPolicy::Preset::fast}) {
    HAPair with_preset;
    with_preset.product = product;
    with_preset.sip.preset = preset;
    if (wanted_expiry(with_preset) != found.expiry) continue;
    policy.preset = preset;
    return policy;
  }
  policy.expiry = found.expiry;
  return policy;
}

bool is_refused_for(const std::vector<SpecProblem>& problems, std::string_view field) {
  return std::any_of(problems.begin(), problems.end(),
                     [&](const SpecProblem& problem) { return problem.path.starts_with(field); });
}

std::string all_lines(const std::vector<SpecProblem>& problems) {
  std::string text;
  for (const SpecProblem& problem : problems)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", problem.path, problem.message);
  return text;
}

}  // namespace

std::string label_of(std::string_view name) {
  std::string label;
  for (const char c : name.substr(0, name.find('.'))) {
    const bool upper = c >= 'A' && c <= 'Z';
    label += upper ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
  }
  return check_label(label).empty() ? label : "";
}

Result<HAPair> declaration_of(const Found& found, const std::string& pair_name) {
  const auto lacks = missing(found);
  if (!lacks.empty()) return Error{Fault::invalid, fmt::format("{}", fmt::join(lacks, "\n"))};
  HAPair pair;
  pair.name = pair_name;
  pair.product = *found.product;
  pair.enabled = found.enabled;
  pair.changes_allow = Reach::none;
  NodeSpec own{found.own_name.value, found.own_address.value, {}};
  NodeSpec peer{found.peer_name.value, found.peer_address.value, {}};
  if (peer.name.empty()) peer.name = own.name.substr(0, 58) + "-peer";
  pair.primary = found.role == Role::primary ? own : peer;
  pair.secondary = found.role == Role::primary ? peer : own;
  pair.sip = policy_of(found, pair.product);
  for (const auto& [id, backups] : found.registrars)
    pair.provisioning.registrars[id] =
        check_host(backups.registrar_backup).empty() && check_host(backups.proxy_backup).empty()
            ? RegistrarOverride(backups)
            : std::nullopt;
  pair.failover.owner = pair.replication.owner = Owner::vendor;
  pair.failover.mode = Failover::Mode::advise;
  if (found.vendor_mails) pair.notify.emplace_back(MailTarget{"root@localhost"});

  // The strict reader has the last word. An expiry that it refuses is real all the same.
  auto read = parse_pair(to_json(pair).dump(), "");
  if (!read && pair.sip.expiry && is_refused_for(read.error(), "spec.sip.expiry")) {
    pair.sip = SipPolicy{false, SipPolicy::Preset::documented, std::nullopt};
    read = parse_pair(to_json(pair).dump(), "");
  }
  if (!read) return Error{Fault::invalid, all_lines(read.error())};
  return pair;
}

std::vector<std::string> contradictions(const HAPair& declared, const HAPair& found) {
  HAPair same_names = found;
  same_names.name = declared.name;
  same_names.primary.name = declared.primary.name;
  same_names.secondary.name = declared.secondary.name;
  return structural_differences(same_names, declared);
}

}  // namespace tandem

#include "app/gate.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>

#include "pbx/postgres_password.h"
#include "pbx/profile.h"
#include "replication/harvest/trees.h"

namespace tandem {
namespace {

using Verb = GateRequest::Verb;

bool has_address(const NodeSpec& node, const std::string& address) {
  if (node.address == address) return true;
  return std::ranges::any_of(node.paths,
                             [&](const NodePath& path) { return path.address == address; });
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// A copy changes the node: only where its own declaration and its services agree.
std::optional<std::string> push_refused(const GateKnowledge& known) {
  if (!known.pair->enabled)
    return fmt::format("spec.enabled is false on {}: nothing is copied onto it", known.node);
  if (!known.standing_by.ok())
    return fmt::format("it can not be told whether {} serves ({}): nothing is copied onto it",
                       known.node, known.standing_by.error().message);
  if (!known.standing_by.value())
    return fmt::format("{} serves: nothing is copied onto a node that serves", known.node);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> gate_refuses(const GateKnowledge& known, Verb verb) {
  if (known.client.empty()) return "this is no connection of ssh";
  if (verb == Verb::facts) return std::nullopt;
  if (known.pair == nullptr)
    return fmt::format(
        "no declaration is in force on this node; run on it: tandem apply --structural --reason "
        "REASON");
  if (known.pair->secondary.name != known.node)
    return fmt::format("{} is not the secondary of the pair {}", known.node, known.pair->name);
  if (!has_address(known.pair->primary, known.client))
    return fmt::format("{} is not an address of the primary {}", known.client,
                       known.pair->primary.name);
  if (verb == Verb::harvest_home && !(known.standing_by.ok() && known.standing_by.value()))
    return fmt::format("{} serves, or it can not be told: more may be left on it", known.node);
  return verb == Verb::push ? push_refused(known) : std::nullopt;
}

std::optional<std::string> harvest_refuses(const HAPair& pair, const std::string& folder,
                                           const Result<harvest::Owed>& owed) {
  if (owed.ok() && !owed.value().owed) return std::nullopt;
  const auto trees = harvest::harvest_trees(pair.product, pair.replication);
  if (!harvest::touches_harvest(trees, folder)) return std::nullopt;
  if (!owed.ok())
    return fmt::format(
        "what users left on {} has not come home, as far as can be told ({}): "
        "nothing is copied into {}",
        pair.secondary.name, owed.error().message, folder);
  return fmt::format(
      "what users left on {} while it served has not come home: nothing is copied "
      "into {}",
      pair.secondary.name, folder);
}

std::vector<std::string> gate_folders(const HAPair& pair, Verb verb) {
  const Profile& profile = profile_of(pair.product);
  const Replication& replication = pair.replication;
  std::vector<std::string> folders;
  if (verb == Verb::push) {
    folders = profile.directories;
    if (profile.tenant_sounds) folders.push_back(*profile.tenant_sounds);
    if (replication.voicemail != Replication::Voicemail::none) folders.push_back(profile.voicemail);
    folders.insert(folders.end(), replication.directories.begin(), replication.directories.end());
  }
  if (verb == Verb::pull)
    for (const auto& each : harvest::harvest_trees(pair.product, replication))
      folders.push_back(each.tree.path);
  return folders;
}

std::string client_of(const char* ssh_connection) {
  if (ssh_connection == nullptr) return "";
  const std::string_view text = ssh_connection;
  return std::string(text.substr(0, text.find(' ')));
}

Result<std::string> take_password(Filesystem& disk, const std::string& path,
                                  std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!is_postgres_password(text)) return Error{Fault::invalid, "this is no password of Tandem's"};
  const auto there = disk.status(path);
  if (!there.ok()) return there.error();
  if (there.value()) {
    const auto known = read_postgres_password(disk, path);
    if (known.ok() && same(known.value(), text)) return std::string("known");
    return Error{Fault::denied,
                 fmt::format("{} holds another password, which a key does not replace; if the "
                             "primary's is right, remove that file here and run on the primary: "
                             "tandem init",
                             path)};
  }
  const auto kept = write_postgres_password(disk, path, text);
  if (!kept.ok()) return kept.error();
  return std::string("kept");
}

}  // namespace tandem

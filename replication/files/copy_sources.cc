#include "replication/files/copy_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "pbx/authorized_keys.h"
#include "pbx/profile.h"
#include "pbx/voicemail_files.h"
#include "ports/path.h"
#include "ports/spool.h"

namespace tandem::files {
namespace {

using Verb = TreeRule::Verb;

// Whether `path` is `folder` or below it.
bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder == "/" ? folder : folder + "/");
}

// A folder of messages is locked by a file, for the moment in which a message gets its name, which
// is also when it is copied. On a node that begins to serve with that file, Asterisk would throw
// away what callers say. Nor does it need our own copies that have no name yet.
std::vector<TreeRule> all_but_locks() {
  const std::string unnamed = "/*/*/*/" + std::string(Spool::kHidden) + "*";
  return {{Verb::hide, "/*/*/*/" + std::string(kVoicemailLock)}, {Verb::hide, unnamed}};
}

// Asterisk's names for what a mailbox is announced with. All else in a mailbox is messages.
std::vector<TreeRule> greetings_only() {
  std::vector<TreeRule> rules = all_but_locks();
  rules.push_back({Verb::include, "/*/"});
  rules.push_back({Verb::include, "/*/*/"});
  for (const std::string greeting : {"busy", "greet", "temp", "unavail"})
    rules.push_back({Verb::include, "/*/*/" + greeting + ".*"});
  rules.push_back({Verb::exclude, "*"});
  return rules;
}

std::vector<Tree> products_own(const Profile& profile, const Replication& replication) {
  std::vector<Tree> trees;
  for (const std::string& folder : profile.directories) trees.push_back({folder, {}});
  if (profile.tenant_sounds) {
    Tree sounds{*profile.tenant_sounds, {}};
    for (const std::string& name : profile.tenant_sounds_excluded)
      sounds.rules.push_back({Verb::exclude, "/*/" + name});
    trees.push_back(std::move(sounds));
  }
  switch (replication.voicemail) {
    case Replication::Voicemail::none: break;
    case Replication::Voicemail::greetings:
      trees.push_back({profile.voicemail, greetings_only()});
      break;
    case Replication::Voicemail::all: trees.push_back({profile.voicemail, all_but_locks()}); break;
  }
  return trees;
}

// What is a node's own, and may lie in no folder that is copied.
std::set<std::string> own_of_a_node(const Profile& profile) {
  std::set<std::string> own{profile.ha_conf,        profile.cron_master, profile.cron_slave,
                            profile.standby_marker, profile.sync_key,    kAuthorizedKeys,
                            "/etc/tandem",          "/var/lib/tandem",   "/etc/hostname",
                            "/etc/network",         "/etc/ssh",          "/etc/postgresql",
                            "/var/lib/postgresql",  "/etc/passwd",       "/etc/fstab"};
  for (const auto& sentinel : {profile.is_primary, profile.is_secondary})
    if (sentinel) own.insert(*sentinel);
  return own;
}

std::optional<std::string> unfit(const std::string& folder, const std::set<std::string>& own) {
  // The gate takes `*` for any one name, and rsync's remote side for a pattern.
  if (folder.find_first_of("*?[") != std::string::npos)
    return "its name has characters that stand for other names; rename it";
  for (const std::string& path : own)
    if (lies_in(path, folder) || lies_in(folder, path))
      return fmt::format(
          "{} is this node's own and must not become the other's; name the folders "
          "beside it instead, in spec.replication.files.directories",
          path);
  return std::nullopt;
}

// Whether another tree brings this one along.
bool brought_by(const Tree& inner, const Tree& outer) {
  if (inner.path == outer.path || !lies_in(inner.path, outer.path)) return false;
  const std::string below = inner.path.substr(outer.path.size() + 1);
  std::string name;
  for (const std::string& part : path_parts(below)) {
    name += (name.empty() ? "" : "/") + part;
    if (!belongs(outer, name, true)) return false;
  }
  return true;
}

}  // namespace

CopySources copy_sources(Product product, const Replication& replication) {
  const Profile& profile = profile_of(product);
  CopySources sources;
  std::vector<Tree> all = products_own(profile, replication);
  const auto own = own_of_a_node(profile);
  for (const std::string& given : replication.directories) {
    const auto clean = clean_path(given);
    const std::string path = clean.ok() ? clean.value() : given;
    if (const auto why = unfit(path, own)) {
      sources.unfit.push_back({path, *why});
      continue;
    }
    const auto same = std::ranges::find(all, path, &Tree::path);
    // Declared as a whole, it is copied as a whole, but for what is hidden from every copy.
    if (same != all.end()) {
      std::erase_if(same->rules, [](const TreeRule& rule) { return rule.verb != Verb::hide; });
      continue;
    }
    all.push_back({path, {}});
    sources.declared.insert(path);
  }
  for (const Tree& tree : all)
    if (std::ranges::none_of(all, [&](const Tree& other) { return brought_by(tree, other); }))
      sources.trees.push_back(tree);
  return sources;
}

}  // namespace tandem::files

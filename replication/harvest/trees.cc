#include "replication/harvest/trees.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pbx/profile.h"
#include "ports/path.h"

namespace tandem::harvest {
namespace {

using Verb = TreeRule::Verb;

bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder == "/" ? folder : folder + "/");
}

// "/a/*/b" is the tree "/a" of which only "/*/b/" belongs, and all below it; those of one top are
// one tree.
std::vector<Tree> trees_of(const std::vector<std::string>& patterns) {
  std::map<std::string, std::vector<std::string>> below;  // by top; empty: all of it
  for (const std::string& pattern : patterns) {
    const auto star = pattern.find("/*/");
    if (star == std::string::npos)
      below[pattern];
    else
      below[pattern.substr(0, star)].push_back(pattern.substr(star) + "/");
  }
  std::vector<Tree> trees;
  for (const auto& [top, names] : below) {
    Tree tree{top, {}};
    if (!names.empty()) tree.rules.push_back({Verb::include, "/*/"});
    for (const std::string& name : names) tree.rules.push_back({Verb::include, name});
    if (!names.empty()) {
      tree.rules.push_back({Verb::exclude, "/*/*"});
      tree.rules.push_back({Verb::exclude, "/*"});
    }
    trees.push_back(std::move(tree));
  }
  return trees;
}

}  // namespace

std::vector<HarvestTree> harvest_trees(Product product, const Replication& replication) {
  const Profile& profile = profile_of(product);
  std::vector<HarvestTree> trees;
  if (replication.harvest_voicemail)
    // What is being recorded is no message yet.
    trees.push_back(
        {Kind::voicemail, {profile.voicemail, {{Verb::exclude, "/*/*/tmp/"}}}, "voicemail"});
  if (replication.harvest_recordings)
    for (Tree& tree : trees_of(profile.recordings))
      trees.push_back(
          {Kind::recordings, std::move(tree), fmt::format("recordings-{}", trees.size())});
  for (const std::string& folder : profile.sounds) {
    Tree tree{folder, {}};
    if (folder == profile.tenant_sounds)
      for (const std::string& name : profile.tenant_sounds_excluded)
        tree.rules.push_back({Verb::exclude, "/*/" + name});
    trees.push_back({Kind::sounds, std::move(tree), fmt::format("sounds-{}", trees.size())});
  }
  return trees;
}

bool touches_harvest(const std::vector<HarvestTree>& trees, const std::string& folder) {
  return std::ranges::any_of(trees, [&](const HarvestTree& each) {
    return lies_in(folder, each.tree.path) || lies_in(each.tree.path, folder);
  });
}

}  // namespace tandem::harvest

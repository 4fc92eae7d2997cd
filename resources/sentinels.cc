#include "resources/sentinels.h"

#include <cstdlib>
#include <optional>

#include "pbx/ha_files.h"
#include "pbx/profile.h"
#include "ports/path.h"

namespace tandem {
namespace {

using enum Sentinels::Step::Verb;

std::optional<std::string> wanted_path(const Profile& profile, Role role) {
  switch (role) {
    case Role::off: return std::nullopt;
    case Role::primary: return profile.is_primary;
    case Role::secondary: return profile.is_secondary;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::string why_removed(Role role) {
  switch (role) {
    case Role::off: return "spec.enabled is false";
    case Role::primary: return "spec.primary is this node, and a node has one role";
    case Role::secondary: return "spec.secondary is this node, and a node has one role";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::string why_created(Role role) {
  return role == Role::primary ? "spec.primary is this node"
                               : "spec.secondary is this node; without it the vendor's failover "
                                 "silently does nothing";
}

}  // namespace

std::set<std::string> Sentinels::watched(const Goal& goal) {
  const Profile& profile = profile_of(goal.product);
  std::set<std::string> paths;
  if (profile.is_primary) paths.insert(*profile.is_primary);
  if (profile.is_secondary) paths.insert(*profile.is_secondary);
  return paths;
}

Sentinels::Desired Sentinels::desired(const Goal& goal) {
  Desired want;
  want.role = goal.role;
  if (const auto path = wanted_path(profile_of(goal.product), goal.role)) {
    want.paths.insert(*path);
    want.folder = parent_folder(*path);
  }
  return want;
}

Task<Result<Sentinels::Observed>> Sentinels::observe(const Goal& goal) {
  Observed seen;
  for (const std::string& path : watched(goal)) {
    const auto status = files_.status(path);
    if (!status.ok()) co_return status.error();
    if (status.value()) {
      seen.paths.insert(path);
      continue;
    }
    const auto folder = files_.status(parent_folder(path));
    if (!folder.ok()) co_return folder.error();
    seen.has_folder = folder.value().has_value();
  }
  co_return seen;
}

std::vector<Sentinels::Step> Sentinels::diff(const Desired& want, const Observed& seen) {
  std::vector<Step> steps;
  for (const std::string& path : seen.paths)
    if (!want.paths.contains(path)) steps.push_back({remove, path, want.role});
  if (!want.paths.empty() && !seen.has_folder)
    steps.push_back({make_folder, want.folder, want.role});
  for (const std::string& path : want.paths)
    if (!seen.paths.contains(path)) steps.push_back({create, path, want.role});
  return steps;
}

Task<Status> Sentinels::apply(const Step& step) {
  switch (step.verb) {
    case remove: co_return files_.remove(step.path);
    case make_folder: co_return files_.make_directories(step.path);
    case create: co_return files_.replace(step.path, "", kHaFileMode);
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::vector<Change> describe(const Sentinels::Step& step) {
  switch (step.verb) {
    case remove:
      return {{step.path, "present", "absent", "nothing", why_removed(step.role), Reach::file}};
    case make_folder:
      return {{step.path, "absent", "an empty folder", "nothing",
               "the vendor's programs look there for the node's role", Reach::file}};
    case create:
      return {{step.path, "absent", "present", "nothing", why_created(step.role), Reach::file}};
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem

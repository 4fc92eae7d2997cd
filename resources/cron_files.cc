#include "resources/cron_files.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "pbx/ha_files.h"
#include "pbx/profile.h"
#include "ports/path.h"

namespace tandem {
namespace {

using enum CronFiles::Step::Verb;

// cron runs no file that its group or others may write.
constexpr mode_t kIgnoredByCron = 0022;

constexpr CronFiles::Job kReplication{
    "the vendor's hourly replication starts with the next full hour",
    "the vendor's hourly replication stops",
    "the vendor's hourly replication follows the new file from the next full hour on",
};
constexpr CronFiles::Job kDetection{
    "the vendor's failure detection starts within a minute",
    "the vendor's failure detection stops within a minute",
    "the vendor's failure detection follows the new file within a minute",
};

CronFiles::Wanted wanted_master(const Goal& goal, const Profile& profile) {
  const auto absent = [&](std::string_view why) {
    return CronFiles::Wanted{profile.cron_master, std::nullopt, why, kReplication};
  };
  switch (goal.role) {
    case Role::off: return absent("spec.enabled is false");
    case Role::secondary: return absent("spec.secondary is this node, and only a primary copies");
    case Role::primary: break;
  }
  if (goal.replication_owner == Owner::tandem)
    return absent("spec.replication.owner is tandem: the vendor's copy is not wanted");
  return {profile.cron_master, master_cron_content(profile, goal.peer_address),
          "spec.replication.owner is vendor", kReplication};
}

CronFiles::Wanted wanted_slave(const Goal& goal, const Profile& profile) {
  const auto absent = [&](std::string_view why) {
    return CronFiles::Wanted{profile.cron_slave, std::nullopt, why, kDetection};
  };
  switch (goal.role) {
    case Role::off: return absent("spec.enabled is false");
    case Role::primary: return absent("spec.primary is this node, and only a secondary takes over");
    case Role::secondary: break;
  }
  if (goal.failover_owner == Owner::tandem)
    return absent("spec.failover.owner is tandem: the vendor's detector is not wanted");
  return {profile.cron_slave, slave_cron_content(profile, goal.peer_address),
          "spec.failover.owner is vendor", kDetection};
}

bool is_ignored(const CronFiles::File& file) { return (file.mode & kIgnoredByCron) != 0; }

std::string meaning(const Profile& profile, const CronFiles::File& file) {
  return file.content ? cron_meaning(profile, *file.content) : "too large to be read";
}

using Steps = std::vector<CronFiles::Step>;

void plan_removal(Steps& steps, const Profile& profile, const CronFiles::Wanted& want,
                  const CronFiles::File& seen) {
  const std::string_view disturbs = is_ignored(seen) ? "nothing" : want.job.stops;
  const Change change{
      want.path,  meaning(profile, seen), "absent", std::string(disturbs), std::string(want.why),
      Reach::file};
  steps.push_back({remove, want.path, "", change});
}

void plan_content(Steps& steps, const Profile& profile, const CronFiles::Wanted& want,
                  const CronFiles::File* seen) {
  std::string_view disturbs = want.job.starts;
  if (seen) disturbs = is_ignored(*seen) ? "nothing" : want.job.differs;
  const Change change{want.path,
                      seen ? meaning(profile, *seen) : "absent",
                      cron_meaning(profile, *want.content),
                      std::string(disturbs),
                      std::string(want.why),
                      Reach::file};
  steps.push_back({write, want.path, *want.content, change});
}

void plan_mode(Steps& steps, const CronFiles::Wanted& want, const CronFiles::File& seen) {
  const std::string_view disturbs = is_ignored(seen) ? want.job.starts : "nothing";
  const std::string_view why = is_ignored(seen) ? "cron ignores a file that others may write"
                                                : "the vendor creates this file with this mode";
  const Change change{want.path + " mode",   mode_text(seen.mode), mode_text(kHaFileMode),
                      std::string(disturbs), std::string(why),     Reach::file};
  steps.push_back({set_mode, want.path, "", change});
}

}  // namespace

std::set<std::string> CronFiles::watched(const Goal& goal) {
  const Profile& profile = profile_of(goal.product);
  return {profile.cron_master, profile.cron_slave};
}

CronFiles::Desired CronFiles::desired(const Goal& goal) {
  const Profile& profile = profile_of(goal.product);
  return {goal.product, {wanted_master(goal, profile), wanted_slave(goal, profile)}};
}

Task<Result<CronFiles::Observed>> CronFiles::observe(const Goal& goal) {
  Observed seen;
  const Desired wanted = desired(goal);
  for (const Wanted& want : wanted.files) {
    auto file = look_at(want.path);
    if (!file.ok()) co_return file.error();
    if (file.value()) {
      seen[want.path] = *std::move(file).value();
      continue;
    }
    const std::string folder = parent_folder(want.path);
    const auto home = files_.status(folder);
    if (!home.ok()) co_return home.error();
    if (!home.value() && want.content)
      co_return Error{Fault::not_found,
                      fmt::format("the folder {} is missing, and {}: install the package cron, or "
                                  "correct spec.root in operator.yaml",
                                  folder, want.why)};
  }
  co_return seen;
}

Result<std::optional<CronFiles::File>> CronFiles::look_at(const std::string& path) {
  const auto status = files_.status(path);
  if (!status.ok()) return status.error();
  if (!status.value()) return std::optional<File>{};
  File file;
  file.mode = status.value()->mode;
  auto content = files_.read(path, kHaFileMax);
  if (content.ok())
    file.content = std::move(content).value();
  else if (content.error().fault != Fault::too_large)
    return content.error();
  return std::optional<File>{std::move(file)};
}

std::vector<CronFiles::Step> CronFiles::diff(const Desired& want, const Observed& seen) {
  const Profile& profile = profile_of(want.product);
  Steps removals, repairs;
  for (const Wanted& file : want.files) {
    const auto found = seen.find(file.path);
    const File* current = found == seen.end() ? nullptr : &found->second;
    if (!file.content) {
      if (current) plan_removal(removals, profile, file, *current);
      continue;
    }
    if (!current || current->content != file.content) plan_content(repairs, profile, file, current);
    if (current && current->mode != kHaFileMode) plan_mode(repairs, file, *current);
  }
  removals.insert(removals.end(), repairs.begin(), repairs.end());
  return removals;
}

Task<Status> CronFiles::apply(const Step& step) {
  switch (step.verb) {
    case remove: co_return files_.remove(step.path);
    case write: co_return files_.replace(step.path, step.content, kHaFileMode);
    case set_mode: co_return files_.set_mode(step.path, kHaFileMode);
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::vector<Change> describe(const CronFiles::Step& step) { return {step.change}; }

}  // namespace tandem

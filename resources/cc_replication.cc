#include "resources/cc_replication.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "pbx/env_file.h"
#include "pbx/profile.h"
#include "ports/path.h"

namespace tandem {
namespace {

using enum CcReplication::Step::Verb;
using Setting = CcReplication::Setting;
using Steps = std::vector<CcReplication::Step>;

constexpr const char* kReportingHost = "REPORTING_DB_HOST";
constexpr const char* kElasticsearch = "ELASTICSEARCH";
constexpr const char* kIsStandby = "IS_HA_SLAVE";
constexpr const char* kYes = "true";

// Other keys of the file may be passwords.
constexpr mode_t kEnvironmentMode = 0600;
constexpr mode_t kMarkerMode = 0644;
constexpr const char* kOwed = "cc-replication";
constexpr std::size_t kErrorTextMax = 200;

constexpr const char* kReadAtStart = "nothing until the contact centre's containers start anew";

const Profile::ContactCentre& paths_of(Product product) {
  return *profile_of(product).contact_centre;
}

std::string line_of(const std::vector<std::string>& argv) {
  return fmt::format("{}", fmt::join(argv, " "));
}

// What a node that stands by may run: the vendor's start would make its telephony run.
std::vector<std::vector<std::string>> commands_of(Product product) {
  std::vector<std::vector<std::string>> commands = paths_of(product).commands;
  std::erase_if(commands, [&](const std::vector<std::string>& argv) {
    return argv.front() == profile_of(product).services_program;
  });
  return commands;
}

std::string commands_text(Product product) {
  std::vector<std::string> lines;
  for (const auto& argv : commands_of(product)) lines.push_back("`" + line_of(argv) + "`");
  return fmt::format(
      "{} (the documentation's `{} start` is left out: it would start telephony "
      "here)",
      fmt::join(lines, ", then "), profile_of(product).services_program);
}

std::string owner_text(const std::optional<Ownership>& owner) {
  return owner ? fmt::format("owned by {}:{}", owner->user, owner->group) : "absent";
}

// What the settings ask of the file, as changes. Absent: the node is no standby of another.
std::vector<Change> setting_changes(const CcReplication::Desired& want, const EnvFile& file) {
  std::vector<Change> changes;
  for (const Setting& setting : want.settings) {
    const auto value = file.value(setting.key);
    const bool right = setting.value ? value == setting.value : value != kYes;
    if (right) continue;
    changes.push_back({setting.key, value.value_or("absent"), setting.value.value_or("absent"),
                       kReadAtStart,
                       want.secondary ? "spec.interconnection says so for the secondary"
                                      : "this node is the standby of no other: it would not "
                                        "replicate its contact centre",
                       Reach::file});
  }
  return changes;
}

void plan_folder(Steps& steps, const CcReplication::Desired& want,
                 const CcReplication::Observed& seen) {
  const Profile::ContactCentre& paths = paths_of(want.product);
  constexpr const char* kWhy = "the contact centre's replication writes its log there as daemon";
  if (!seen.log_owner) {
    CcReplication::Step make{make_folder, paths.log_folder, {}, {}, {}, false, {}};
    make.changes = {{paths.log_folder, "absent", "a folder", "nothing", kWhy, Reach::file}};
    steps.push_back(std::move(make));
  }
  if (seen.log_owner == seen.wanted_log_owner) return;
  CcReplication::Step own{set_owner, paths.log_folder, *seen.wanted_log_owner, {}, {}, false, {}};
  own.changes = {{paths.log_folder + " owner", owner_text(seen.log_owner),
                  fmt::format("{} ({}:{})", paths.log_owner, own.owner.user, own.owner.group),
                  "nothing", kWhy, Reach::file}};
  steps.push_back(std::move(own));
}

void plan_settings(Steps& steps, const CcReplication::Desired& want,
                   const CcReplication::Observed& seen) {
  auto changes = setting_changes(want, EnvFile(seen.environment.value_or("")));
  if (changes.empty()) return;
  CcReplication::Step write{
      write_settings,    paths_of(want.product).env_file, {}, want.settings, {}, want.secondary,
      std::move(changes)};
  steps.push_back(std::move(write));
}

void plan_marker(Steps& steps, const CcReplication::Desired& want,
                 const CcReplication::Observed& seen) {
  if (seen.has_marker) return;
  const std::string& path = paths_of(want.product).marker;
  CcReplication::Step mark{create_marker, path, {}, {}, {}, true, {}};
  mark.changes = {{path, "absent", "present", kReadAtStart,
                   "spec.interconnection is there: the contact centre is in use", Reach::file}};
  steps.push_back(std::move(mark));
}

void plan_commands(Steps& steps, const CcReplication::Desired& want,
                   const CcReplication::Observed& seen) {
  const bool owes =
      seen.owes_commands ||
      std::any_of(steps.begin(), steps.end(), [](const auto& s) { return s.owes_commands; });
  if (!owes || !want.may_restart) return;
  CcReplication::Step run{run_commands, "", {}, {}, commands_of(want.product), false, {}};
  for (const auto& argv : run.commands)
    run.changes.push_back({line_of(argv), "owed", "run",
                           "the contact centre's containers of this node start anew; telephony "
                           "goes on, on the primary",
                           "the containers read their environment when they start",
                           Reach::telephony});
  steps.push_back(std::move(run));
}

Condition ready(Truth status, std::string reason, std::string message) {
  Condition condition;
  condition.type = "CcReplicationReady";
  condition.status = status;
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  return condition;
}

// What a declaration that is gone has left: only told, since it may have been there before.
std::vector<Condition> left_behind(const Goal& goal, const CcReplication::Observed& seen) {
  const auto value = EnvFile(seen.environment.value_or("")).value(kIsStandby);
  if (value != kYes) return {};
  const std::string& path = paths_of(goal.product).env_file;
  if (goal.role == Role::secondary)
    return {ready(Truth::yes, "NotDeclared",
                  fmt::format("{} has {}={}, which is left as it is: spec.interconnection is null",
                              path, kIsStandby, kYes))};
  return {ready(Truth::no, "StandbyKeyLeft",
                fmt::format("{} says {}={}, but this node is the standby of no other; remove the "
                            "line, or declare spec.interconnection",
                            path, kIsStandby, kYes))};
}

}  // namespace

std::set<std::string> CcReplication::watched(const Goal& goal) {
  const auto& centre = profile_of(goal.product).contact_centre;
  if (!centre) return {};
  if (!goal.interconnection) return {centre->env_file};
  return {centre->env_file, centre->log_folder, centre->marker};
}

CcReplication::Desired CcReplication::desired(const Goal& goal) {
  Desired want;
  want.product = goal.product;
  want.declared = goal.interconnection && profile_of(goal.product).contact_centre;
  if (!want.declared) return want;
  want.secondary = goal.role == Role::secondary;
  want.may_restart = want.secondary && goal.standing_by;
  if (want.secondary)
    want.settings = {{kReportingHost, goal.interconnection->reporting_db_host},
                     {kElasticsearch, goal.interconnection->elasticsearch},
                     {kIsStandby, kYes}};
  else
    want.settings = {{kIsStandby, std::nullopt}};
  return want;
}

Task<Result<CcReplication::Observed>> CcReplication::observe(const Goal& goal) {
  Observed seen;
  const auto& centre = profile_of(goal.product).contact_centre;
  if (!centre) co_return seen;
  const auto home = files_.status(parent_folder(centre->env_file));
  if (!home.ok()) co_return home.error();
  seen.has_containers = home.value().has_value();
  auto environment = files_.read(centre->env_file);
  if (environment.ok())
    seen.environment = std::move(environment).value();
  else if (environment.error().fault != Fault::not_found)
    co_return environment.error();
  if (!goal.interconnection || goal.role != Role::secondary) co_return seen;

  const auto folder = files_.status(centre->log_folder);
  if (!folder.ok()) co_return folder.error();
  if (folder.value()) seen.log_owner = Ownership{folder.value()->owner, folder.value()->group};
  const auto owner = find_ownership(files_, centre->log_owner);
  if (!owner.ok()) co_return in_context("the owner of " + centre->log_folder, owner.error());
  seen.wanted_log_owner = owner.value();
  const auto marker = files_.status(centre->marker);
  if (!marker.ok()) co_return marker.error();
  seen.has_marker = marker.value().has_value();
  const auto owed = owed_.names();
  if (!owed.ok()) co_return owed.error();
  seen.owes_commands = owed.value().contains(kOwed);
  co_return seen;
}

std::vector<CcReplication::Step> CcReplication::diff(const Desired& want, const Observed& seen) {
  Steps steps;
  if (!want.declared || !seen.has_containers) return steps;
  if (want.secondary) plan_folder(steps, want, seen);
  plan_settings(steps, want, seen);
  if (want.secondary) {
    plan_marker(steps, want, seen);
    plan_commands(steps, want, seen);
  }
  return steps;
}

Task<Status> CcReplication::apply(const Step& step) {
  if (step.owes_commands) {
    const Status noted = owed_.add(kOwed);
    if (!noted.ok()) co_return noted;
  }
  switch (step.verb) {
    case make_folder: co_return files_.make_directories(step.path);
    case set_owner: co_return files_.set_owner(step.path, step.owner.user, step.owner.group);
    case Step::Verb::write_settings: co_return write_settings(step);
    case create_marker: {
      const Status made = files_.make_directories(parent_folder(step.path));
      if (!made.ok()) co_return made;
      co_return files_.replace(step.path, "", kMarkerMode);
    }
    case Step::Verb::run_commands: {
      auto status = co_await run_commands(step);
      co_return status;
    }
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

// The file is read again: whatever somebody else put into it meanwhile is kept.
Status CcReplication::write_settings(const Step& step) {
  const auto text = files_.read(step.path);
  if (!text.ok() && text.error().fault != Fault::not_found) return text.error();
  EnvFile file(text.ok() ? text.value() : "");
  for (const Setting& setting : step.settings) {
    const auto value = file.value(setting.key);
    if (!setting.value) {
      if (value == kYes) file.remove(setting.key);
      continue;
    }
    if (value == setting.value) continue;
    const Status set = file.set(setting.key, *setting.value);
    if (!set.ok()) return in_context(step.path, set.error());
  }
  if (text.ok() && file.text() == text.value()) return success();
  return files_.replace(step.path, file.text(), kEnvironmentMode);
}

// All of them again after a stop in the middle: each does no harm when repeated.
Task<Status> CcReplication::run_commands(const Step& step) {
  for (const auto& argv : step.commands) {
    Command command;
    command.argv = argv;
    command.deadline = kCommandLimit;
    const auto outcome = co_await commands_.run(std::move(command));
    if (!outcome.ok()) co_return in_context(line_of(argv), outcome.error());
    if (outcome.value().succeeded()) continue;
    const std::string errors = outcome.value().errors.substr(0, kErrorTextMax);
    co_return Error{Fault::unavailable, fmt::format("`{}` ended with {}: {}", line_of(argv),
                                                    outcome.value().exit_status,
                                                    errors.empty() ? "it said nothing" : errors)};
  }
  co_return owed_.remove(kOwed);
}

std::vector<Condition> CcReplication::conditions(const Goal& goal, const Observed& seen) {
  const Desired want = desired(goal);
  if (!profile_of(goal.product).contact_centre) return {};
  if (!want.declared) return left_behind(goal, seen);
  const Profile::ContactCentre& paths = paths_of(goal.product);
  if (!seen.has_containers)
    return {ready(
        Truth::no, "NoContainers",
        fmt::format("{} is missing, where the containers of XiVO have their environment: this node "
                    "has none; set spec.interconnection to null, or install them as XiVO's "
                    "documentation says",
                    parent_folder(paths.env_file)))};
  for (const Step& step : diff(want, seen))
    if (step.verb != Step::Verb::run_commands)
      return {ready(Truth::no, "NotPrepared",
                    fmt::format("{} is {}, not {}; `tandem plan` shows all", step.changes[0].field,
                                step.changes[0].from, step.changes[0].to))};
  if (!want.secondary)
    return {ready(Truth::yes, "NoStandby", paths.env_file + " does not call this node a standby")};
  if (seen.owes_commands && !want.may_restart)
    return {
        ready(Truth::no, "CommandsWait",
              "the contact centre's containers have not read the change; while this node serves "
              "they are left alone. Once it stands by: tandem apply --now, which runs " +
                  commands_text(goal.product))};
  if (seen.owes_commands)
    return {ready(Truth::no, "CommandsOwed",
                  "the contact centre's containers have not read the change; tandem apply --now "
                  "runs " +
                      commands_text(goal.product))};
  return {ready(Truth::yes, "Prepared", "the contact centre knows the pair")};
}

std::vector<Change> describe(const CcReplication::Step& step) { return step.changes; }

}  // namespace tandem

#include "resources/after_role_change.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "pbx/ha_files.h"
#include "pbx/profile.h"
#include "pbx/service_groups.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t kNamedMax = 5;

std::string some_of(const std::vector<std::string>& names) {
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamedMax));
  return fmt::format("{}{}", fmt::join(names.begin(), end, ", "),
                     names.size() > kNamedMax ? ", ..." : "");
}

std::string clock_time(WallTime when) {
  return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(when)));
}

std::optional<Role> role_of(const HaConfReading& reading) {
  for (const Role role : {Role::off, Role::primary, Role::secondary})
    if (reading.node_type == node_type(role)) return role;
  if (reading.node_type == "missing") return Role::off;
  return std::nullopt;
}

Condition told(std::string type, Truth status, std::string reason, std::string message) {
  return {std::move(type), status, std::move(reason), std::move(message), false};
}

std::string restart_command(Product product) {
  return profile_of(product).services_program + " restart";
}

Condition restart_condition(const Goal& goal, const AfterRoleChange::Observed& seen) {
  constexpr const char* kType = "RestartRequired";
  if (!seen.record || !seen.record->changed)
    return told(kType, Truth::no, "NoRoleChange",
                "the node has had its role since before Tandem came, or has just been looked at");
  const RoleTaken& taken = *seen.record;
  const auto since = restart_since(goal.product, taken);
  if (!since)
    return told(kType, Truth::no, "NotAskedFor", "this change of role asks for no restart");
  if (seen.now < *since)
    return told(kType, Truth::no, "WaitsForFirstCopy",
                fmt::format("a new secondary is restarted after the vendor's first copy, which "
                            "should have ended at {}; Tandem can not see it end",
                            clock_time(*since)));
  if (seen.services_unknown)
    return told(kType, Truth::unknown, "ServicesNotSeen",
                fmt::format("since when the services run can not be told: {}; after a change of "
                            "role run: {}",
                            seen.services_unknown->message, restart_command(goal.product)));
  if (seen.old_services.empty())
    return told(kType, Truth::no, "Restarted",
                "every service was started after the change of role");
  return told(
      kType, Truth::yes, "RunsSinceBefore",
      fmt::format("{} services ({}) run since before the node became {} at {}; the vendor "
                  "asks for a restart, which interrupts what they do; at a quiet time run: "
                  "{}",
                  seen.old_services.size(), some_of(seen.old_services), role_name(taken.role),
                  clock_time(*taken.changed), restart_command(goal.product)));
}

Condition resync_condition(const Goal& goal, const AfterRoleChange::Observed& seen) {
  constexpr const char* kType = "ResyncRequired";
  constexpr const char* kCommand = "tandem resync-devices";
  if (!goal.backup_registrar_managed)
    return told(kType, Truth::no, "NotManaged", "spec.provisioning.backupRegistrar is unmanaged");
  if (goal.standing_by)
    return told(kType, Truth::no, "StandsBy", "phones are told by the node that serves");
  if (!seen.digest)
    return told(kType, Truth::unknown, "RegistrarsNotRead",
                "what phones should know is not known: " + seen.digest_unknown);
  if (!seen.phones)
    return told(kType, Truth::unknown, "NotNotedYet",
                "what the phones know has not been written down yet");
  if (seen.phones->digest != *seen.digest)
    return told(kType, Truth::yes, "PhonesKnowOldAddresses",
                fmt::format("the registrars have changed since the phones were last told ({}); a "
                            "phone learns its backup when it fetches its configuration; run: {}",
                            clock_time(seen.phones->at), kCommand));
  if (seen.phones->failures > 0)
    return told(kType, Truth::yes, "SomeNotReached",
                fmt::format("{} phones could not be told ({}); they learn it when they restart; "
                            "run {} again, or with --accept-failures",
                            seen.phones->failures, some_of(seen.phones->failed), kCommand));
  return told(kType, Truth::no, "PhonesKnow", "the phones were told of the registrars as they are");
}

std::vector<std::string> services_after(const Goal& goal) {
  const ServiceGroups groups = service_groups(goal);
  return goal.standing_by ? groups.standing : groups.telephony;
}

}  // namespace

std::optional<WallTime> restart_since(Product product, const RoleTaken& taken) {
  if (!taken.changed) return std::nullopt;
  const WallTime hour = std::chrono::floor<hours>(*taken.changed);
  switch (taken.role) {
    case Role::primary: return *taken.changed;
    case Role::secondary: return hour + hours{1} + AfterRoleChange::kCopyLimit;
    case Role::off:
      // Wazo's documentation asks for none there; XiVO's does, of the former primary.
      if (product == Product::xivo && taken.from == Role::primary) return *taken.changed;
      return std::nullopt;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

AfterRoleChange::AfterRoleChange(Filesystem& files, Process& commands, Units& units, Confd& confd,
                                 Clock& clock, Records records)
    : files_(files),
      commands_(commands),
      units_(units),
      confd_(confd),
      clock_(clock),
      records_(records) {}

std::set<std::string> AfterRoleChange::watched(const Goal&) { return {}; }

AfterRoleChange::Desired AfterRoleChange::desired(const Goal& goal) {
  Desired want;
  want.product = goal.product;
  want.role = goal.role;
  want.peer = goal.role == Role::off ? "" : goal.peer_address;
  want.standing_by = goal.standing_by;
  want.restarts = goal.restart == HAPair::Restart::perform;
  return want;
}

Task<Result<AfterRoleChange::Observed>> AfterRoleChange::observe(const Goal& goal) {
  Observed seen;
  seen.now = std::chrono::floor<seconds>(clock_.wall());
  const auto text = files_.read(profile_of(goal.product).ha_conf, kHaFileMax);
  if (text.ok()) {
    const HaConfReading reading = read_ha_conf(text.value());
    const auto role = role_of(reading);
    seen.readable = role.has_value();
    seen.found = role.value_or(Role::off);
    if (seen.found != Role::off) seen.found_peer = reading.remote_address;
  } else if (text.error().fault != Fault::not_found) {
    seen.readable = false;
  }
  const Status read = read_records(seen);
  if (!read.ok()) co_return read.error();
  co_await look_at_services(goal, seen);
  co_await look_at_registrars(goal, seen);
  co_return seen;
}

Status AfterRoleChange::read_records(Observed& seen) {
  auto role = records_.role.read();
  if (!role.ok()) return role.error();
  seen.record = std::move(role).value();
  auto phones = records_.phones.read();
  if (!phones.ok()) return phones.error();
  seen.phones = std::move(phones).value();
  return success();
}

Task<void> AfterRoleChange::look_at_services(const Goal& goal, Observed& seen) {
  if (!seen.record) co_return;
  const auto since = restart_since(goal.product, *seen.record);
  if (!since || seen.now < *since) co_return;
  const auto states = co_await units_.states(services_after(goal));
  if (!states.ok()) {
    seen.services_unknown = states.error();
    co_return;
  }
  for (const auto& [unit, state] : states.value())
    if (state.active == "active" && state.active_since && *state.active_since < *since)
      seen.old_services.push_back(unit);
}

Task<void> AfterRoleChange::look_at_registrars(const Goal& goal, Observed& seen) {
  if (goal.standing_by || !goal.backup_registrar_managed) co_return;
  const auto registrars = co_await confd_.registrars();
  if (registrars.ok())
    seen.digest = registrars_digest(registrars.value());
  else
    seen.digest_unknown = registrars.error().message;
}

// The notes come first: a restart that is cut must not be forgotten.
std::vector<AfterRoleChange::Step> AfterRoleChange::diff(const Desired& want,
                                                         const Observed& seen) {
  std::vector<Step> steps;
  Step step;
  step.product = want.product;
  step.standing_by = want.standing_by;
  const bool noted =
      seen.record && seen.record->role == want.role && seen.record->peer == want.peer;
  if (!noted) {
    const bool had_it =
        !seen.record && seen.readable && seen.found == want.role && seen.found_peer == want.peer;
    step.verb = Step::Verb::note_role;
    step.taken.role = want.role;
    step.taken.peer = want.peer;
    step.taken.from = seen.record ? seen.record->role : seen.found;
    if (!had_it) step.taken.changed = seen.now;
    steps.push_back(step);
  }
  if (!seen.phones && seen.digest) {
    step.verb = Step::Verb::note_phones;
    step.know.digest = *seen.digest;
    step.know.at = seen.now;
    steps.push_back(step);
  }
  if (noted && want.restarts && !seen.old_services.empty()) {
    step.verb = Step::Verb::restart;
    step.taken = *seen.record;
    step.services = some_of(seen.old_services);
    steps.push_back(step);
  }
  return steps;
}

Task<Status> AfterRoleChange::apply(const Step& step) {
  switch (step.verb) {
    case Step::Verb::note_role: co_return records_.role.write(step.taken);
    case Step::Verb::note_phones: co_return records_.phones.write(step.know);
    case Step::Verb::restart: break;
  }
  Command command;
  command.argv = {profile_of(step.product).services_program, "restart"};
  command.deadline = kRestartLimit;
  const auto ended = co_await commands_.run(std::move(command));
  if (!ended.ok()) co_return in_context("restart after a change of role", ended.error());
  if (!ended.value().succeeded())
    co_return Error{Fault::unavailable,
                    fmt::format("{} ended with status {}: {}", restart_command(step.product),
                                ended.value().exit_status, excerpt(ended.value().errors))};
  co_return success();
}

std::vector<Condition> AfterRoleChange::conditions(const Goal& goal, const Observed& seen) {
  return {restart_condition(goal, seen), resync_condition(goal, seen)};
}

std::optional<Error> AfterRoleChange::unseen(const Goal& goal, const Observed& seen) {
  if (goal.restart != HAPair::Restart::perform) return std::nullopt;
  return seen.services_unknown;
}

// The notes are our own bookkeeping, and no line of a plan.
std::vector<Change> describe(const AfterRoleChange::Step& step) {
  if (step.verb != AfterRoleChange::Step::Verb::restart) return {};
  return {{"services", "running since before the change of role: " + step.services, "restarted",
           step.standing_by ? "what still runs on a node that stands by"
                            : "all calls end, and telephony is away for some minutes",
           "spec.restart is do, and the vendor asks for it after a change of role",
           step.standing_by ? Reach::restart : Reach::telephony}};
}

}  // namespace tandem

#include "resources/services.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <utility>

#include "core/wording.h"
#include "pbx/firewall.h"
#include "pbx/profile.h"

namespace tandem {

using enum Services::Step::Verb;

namespace services {

bool is_up(const UnitState& unit) { return unit.active == "active" || unit.active == "reloading"; }

bool is_starting(const UnitState& unit) {
  return unit.active == "activating" || unit.job == "start" || unit.job == "restart";
}

bool is_down(const UnitState& unit) {
  return (unit.active == "inactive" || unit.active == "failed") && !is_starting(unit);
}

const UnitState& state_of(const Services::Observed& seen, const std::string& unit) {
  static const UnitState kUnknown;
  const auto found = seen.units.value().find(unit);
  return found == seen.units.value().end() ? kUnknown : found->second;
}

bool all_up(const Services::Observed& seen, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [&](const auto& name) { return is_up(state_of(seen, name)); });
}

bool all_down(const Services::Observed& seen, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [&](const auto& name) { return is_down(state_of(seen, name)); });
}

std::vector<std::string> installed(const Services::Observed& seen, const ServiceGroups& groups,
                                   const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const std::string& name : names)
    if (groups.verified || state_of(seen, name).load != "not-found") found.push_back(name);
  return found;
}

}  // namespace services

namespace {

using namespace services;

bool guard_is(const Services::Observed& seen, const ServiceGroups& groups, bool enabled) {
  const UnitState& guard = state_of(seen, groups.guard);
  return guard.load == "not-found" || guard.file.empty() || (guard.file == "enabled") == enabled;
}

std::string joined(const std::vector<std::string>& argv) {
  return fmt::format("{}", fmt::join(argv, " "));
}

std::string what_is(const Services::Observed& seen, const std::vector<std::string>& names) {
  if (!seen.units.ok()) return "not known";
  std::size_t up = 0;
  for (const auto& name : names) up += is_up(state_of(seen, name)) ? 1U : 0U;
  return fmt::format("{} of {} telephony units active{}", up, names.size(),
                     seen.disabled ? ", disabled" : "");
}

Services::Step step_of(Services::Step::Verb verb, const Services::Desired& want,
                       std::vector<std::string> argv, std::string from, std::string why) {
  Services::Step step;
  step.verb = verb;
  const bool secret = want.secret_commands && (verb == serve || verb == stand_by);
  step.shown = secret && !argv.empty() ? argv.front() + " ..." : joined(argv);
  step.argv = std::move(argv);
  step.from = std::move(from);
  step.why = std::move(why);
  step.want = want;
  return step;
}

// The vendor's start returns at once where all units are active: what else is amiss then has a
// command of its own.
std::vector<Services::Step> steps_to_serve(const Services::Desired& want,
                                           const Services::Observed& seen) {
  const ServiceGroups& groups = want.groups;
  const char* const why = "this node has to serve";
  std::vector<Services::Step> steps;
  const auto needed =
      seen.units.ok() ? installed(seen, groups, groups.telephony) : groups.telephony;
  const bool answers = seen.answer == Services::Answer::yes;
  const bool up = seen.units.ok() ? all_up(seen, needed) : answers;
  const bool guarded = !seen.units.ok() || guard_is(seen, groups, true);
  if (want.by_parts && !answers)
    steps.push_back(step_of(serve_by_parts, want, {}, what_is(seen, groups.essential),
                            "the vendor's command did not make it serve"));
  else if (!up)
    steps.push_back(step_of(serve, want, groups.serve, what_is(seen, needed), why));
  else if (seen.disabled || !guarded)
    steps.push_back(step_of(enable, want, groups.enable,
                            seen.disabled ? "disabled" : groups.guard + " disabled",
                            "a node that serves must come up again after a reboot"));
  else if (seen.port == Services::Port::blocked)
    steps.push_back(step_of(start, want, groups.start, "SIP is dropped by the firewall", why));
  if (!answers)
    steps.push_back(
        step_of(await_answer, want, {}, "no answer", "a node serves once Asterisk has answered"));
  return steps;
}

std::vector<Services::Step> steps_to_stand_by(const Services::Desired& want,
                                              const Services::Observed& seen) {
  const ServiceGroups& groups = want.groups;
  const bool down =
      seen.units.ok() ? all_down(seen, groups.telephony) : seen.answer != Services::Answer::yes;
  const bool unguarded = !seen.units.ok() || guard_is(seen, groups, false);
  if (down && seen.disabled && unguarded) return {};
  return {step_of(stand_by, want, groups.stand_by, what_is(seen, groups.telephony),
                  "the other node serves")};
}

// Nobody decided on telephony here: only what failed by itself is started again, where declared.
std::vector<Services::Step> steps_to_restart(const Services::Desired& want,
                                             const Services::Observed& seen) {
  if (seen.restart.empty()) return {};
  return {step_of(restart, want, restart_unit(seen.restart), seen.restart, seen.restart_why)};
}

}  // namespace

std::set<std::string> Services::watched(const Goal& goal) {
  return {profile_of(goal.product).standby_marker};
}

std::set<std::string> Services::watched_units(const Goal& goal) {
  const ServiceGroups groups = service_groups(goal);
  std::set<std::string> names(groups.telephony.begin(), groups.telephony.end());
  names.insert(groups.standing.begin(), groups.standing.end());
  names.insert(groups.essential.begin(), groups.essential.end());
  names.insert({groups.sip, groups.guard});
  return names;
}

Services::Desired Services::desired(const Goal& goal) {
  Desired want;
  want.stance = goal.stance;
  want.groups = service_groups(goal);
  want.own_address = goal.own_address;
  want.sip_port = goal.sip_port;
  want.by_parts = goal.by_parts;
  want.count_calls = goal.count_calls;
  want.start_limit = goal.activation_timeout;
  want.stop_limit = goal.deactivation_timeout;
  want.marker = profile_of(goal.product).standby_marker;
  want.secret_commands =
      is_declared(goal, want.groups.serve) || is_declared(goal, want.groups.stand_by);
  return want;
}

Task<Result<Services::Observed>> Services::observe(const Goal& goal) {
  Observed seen;
  const ServiceGroups groups = service_groups(goal);
  const std::string marker_path = profile_of(goal.product).standby_marker;
  const auto marker = ports_.files.status(marker_path);
  if (!marker.ok()) co_return in_context(marker_path, marker.error());
  seen.disabled = marker.value().has_value();

  const auto names = watched_units(goal);
  seen.units = co_await ports_.units.states(std::vector<std::string>(names.begin(), names.end()));
  const std::set<std::string> programs(groups.programs.begin(), groups.programs.end());
  const auto running = ports_.activity.running(programs);
  seen.command_runs = running.ok() && !running.value().empty();
  co_await ask_sip(goal, groups, seen);
  co_await look_at_port(goal, seen);
  if (goal.count_calls) co_await count_calls(seen);
  look_for_restart(goal, groups, seen);
  OwnServices own = summary(groups, seen);
  // A command that still runs may undo what is seen: that is no look to start or to stop them.
  own.looked_for = seen.command_runs ? Stance::as_is : goal.stance;
  if (told_) told_(own);
  co_return seen;
}

// A stopped Asterisk is not asked: the answer is known.
Task<void> Services::ask_sip(const Goal& goal, const ServiceGroups& groups, Observed& seen) {
  if (seen.units.ok() && !is_up(state_of(seen, groups.sip))) {
    seen.answer_note = groups.sip + " is not active";
    co_return;
  }
  SipQuestion question;
  question.own = question.address = goal.own_address;
  question.port = goal.sip_port;
  const auto answer = co_await ports_.sip.options(std::move(question));
  const Instant now = ports_.clock.now();
  if (answer.ok()) {
    seen.answer = Answer::yes;
  } else if (answer.error().fault == Fault::connection_refused) {
    seen.answer = Answer::refused;
  } else if (answer.error().fault == Fault::timed_out) {
    seen.answer = Answer::silence;
  } else {
    seen.answer_note = answer.error().message;
    if (now - answered_at_ < Sip::kWindow) seen.answer = last_answer_;
    co_return;
  }
  last_answer_ = seen.answer;
  answered_at_ = now;
}

// What arrives is not dropped, and a refusal has arrived as well: the firewall is looked at only
// where there is silence, and where Asterisk is down though it should not be.
Task<void> Services::look_at_port(const Goal& goal, Observed& seen) {
  if (seen.answer == Answer::yes || seen.answer == Answer::refused) {
    seen.port = Port::open;
    co_return;
  }
  if (seen.answer == Answer::not_asked && seen.disabled) co_return;
  Command list;
  list.argv = list_input_rules();
  const auto listed = co_await ports_.commands.run(std::move(list));
  if (!listed.ok() && listed.error().fault == Fault::not_found) {
    seen.port = Port::open;  // without the program the vendor can not have closed it
  } else if (!listed.ok()) {
    seen.port = Port::unknown;
    seen.port_note = listed.error().message;
  } else if (!listed.value().succeeded()) {
    seen.port = Port::unknown;
    seen.port_note = last_foreign_line(listed.value().errors);
  } else {
    seen.blocking_rules = blocking_rules(listed.value().output, goal.sip_port);
    seen.port = seen.blocking_rules > 0 ? Port::blocked : Port::open;
  }
}

std::vector<Services::Step> Services::diff(const Desired& want, const Observed& seen) {
  switch (want.stance) {
    case Stance::as_is: return steps_to_restart(want, seen);
    case Stance::serving: return steps_to_serve(want, seen);
    case Stance::standing_by: return steps_to_stand_by(want, seen);
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::vector<Change> describe(const Services::Step& step) {
  switch (step.verb) {
    case serve_by_parts:
      return {{"telephony", step.from, "serving",
               "calls and registrations start here: what calls need, one by one", step.why,
               Reach::telephony}};
    case serve:
      return {{"telephony", step.from, "serving",
               "calls and registrations start here: " + step.shown, step.why, Reach::telephony}};
    case stand_by:
      return {{"telephony", step.from, "standing by", "calls of this node end: " + step.shown,
               step.why, Reach::telephony}};
    case enable:
      return {{"telephony", step.from, "enabled", "nothing that runs: " + step.shown, step.why,
               Reach::telephony}};
    case start:
      return {{"SIP port", step.from, "open", "phones reach this node again: " + step.shown,
               step.why, Reach::telephony}};
    case restart:
      return {{"unit", step.from, "restarted", "calls of this node may end: " + step.shown,
               step.why, Reach::telephony}};
    case await_answer: return {{"own SIP", step.from, "answers", "nothing", step.why, Reach::none}};
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem

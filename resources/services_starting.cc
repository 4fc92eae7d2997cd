// How the services are started where the vendor's command does not do it: what calls need, one by
// one, whatever else fails.
#include "ports/task.h"
// keep the order
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "pbx/firewall.h"
#include "resources/services.h"

namespace tandem {

using namespace services;

namespace services {
namespace {

// Of what calls need beside Asterisk itself.
std::vector<std::string> needed_by_calls(const ServiceGroups& groups) {
  std::vector<std::string> names{"postgresql.service", "rabbitmq-server.service"};
  for (const std::string& name : groups.essential)
    if (name != groups.sip) names.push_back(name);
  return names;
}

ServiceTrouble trouble_of(const ServiceGroups& groups, const Services::Observed& seen) {
  if (seen.command_runs || seen.port == Services::Port::blocked) return ServiceTrouble::restarting;
  if (!seen.units.ok()) return ServiceTrouble::unknown;
  const UnitState& sip = state_of(seen, groups.sip);
  if (is_starting(sip)) return ServiceTrouble::restarting;
  // Whoever guards it will start it again within minutes.
  if (is_down(sip) && !is_up(state_of(seen, groups.guard))) return ServiceTrouble::failed;
  return ServiceTrouble::unknown;
}

}  // namespace

OwnServices summary(const ServiceGroups& groups, const Services::Observed& seen) {
  OwnServices own;
  own.known = seen.units.ok();
  own.disabled = seen.disabled;
  own.calls = seen.calls;
  own.calls_at = seen.calls_at;
  own.trouble = trouble_of(groups, seen);
  if (!own.known) return own;
  const UnitState& sip = state_of(seen, groups.sip);
  own.sip_unit_up = is_up(sip);
  own.sip_unit_starting = is_starting(sip);
  own.all_down = all_down(seen, groups.telephony);
  for (const std::string& name : needed_by_calls(groups)) {
    const UnitState& unit = state_of(seen, name);
    if (unit.load == "loaded" && !is_up(unit)) own.impaired.push_back(name);
  }
  return own;
}

}  // namespace services

Task<void> Services::start_if_not_begun(const Step& step, const UnderWay& command) {
  const std::string sip = step.want.groups.sip;
  Observed seen;
  std::vector<std::string> names{sip};
  seen.units = co_await ports_.units.states(std::move(names));
  if (!seen.units.ok() || command.done || is_contrary(step)) co_return;
  const UnitState& unit = state_of(seen, sip);
  if (is_up(unit) || is_starting(unit)) co_return;
  co_await start_by_parts(step);
}

// Each part is tried whatever became of the others. What counts is whether Asterisk comes up, which
// the next step waits for.
Task<Status> Services::start_by_parts(const Step& step) {
  const ServiceGroups& groups = step.want.groups;
  std::vector<std::string> regenerate = groups.regenerate;
  if (!regenerate.empty()) co_await attempt(std::move(regenerate));
  const Status unmarked = ports_.files.remove(step.want.marker);
  Observed seen;
  seen.units = co_await ports_.units.states(groups.essential);
  for (const std::string& essential : groups.essential) {
    if (is_contrary(step)) co_return Error{Fault::cancelled, "the node is to stand by"};
    const UnitState unit = seen.units.ok() ? state_of(seen, essential) : UnitState{};
    if (!is_up(unit)) {
      std::vector<std::string> start = start_unit(essential);
      co_await attempt(std::move(start));
      continue;
    }
    if (essential != groups.sip || (restarted_ && ports_.clock.now() - *restarted_ < kRestartPause))
      continue;
    restarted_ = ports_.clock.now();
    std::vector<std::string> restart = restart_unit(essential);  // it runs, and does not answer
    co_await attempt(std::move(restart));
  }
  co_await open_port(step.want.sip_port);
  if (!unmarked.ok()) co_return in_context(step.want.marker, unmarked.error());
  co_return success();
}

Task<void> Services::attempt(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  command.deadline = kUnitLimit;
  const auto outcome = co_await ports_.commands.run(std::move(command));
  static_cast<void>(outcome);
}

Task<void> Services::open_port(int port) {
  Command list;
  list.argv = list_input_rules();
  const auto listed = co_await ports_.commands.run(std::move(list));
  if (!listed.ok() || !listed.value().succeeded()) co_return;
  constexpr std::size_t kRulesMax = 16;  // each stop that was cut leaves one
  const std::size_t rules = std::min(blocking_rules(listed.value().output, port), kRulesMax);
  for (std::size_t rule = 0; rule < rules; ++rule) {
    std::vector<std::string> open = unblock(port);
    co_await attempt(std::move(open));
  }
}

// What failed, or runs and has been silent for a while. What somebody stopped ended cleanly, and is
// left alone; so is everything while a command of the vendor's runs.
void Services::look_for_restart(const Goal& goal, const ServiceGroups& groups, Observed& seen) {
  const Instant now = ports_.clock.now();
  const bool silent = seen.answer == Answer::silence || seen.answer == Answer::refused;
  if (!silent) silent_since_.reset();
  if (silent && !silent_since_) silent_since_ = now;
  while (!local_restarts_.empty() && now - local_restarts_.front() >= std::chrono::hours{1})
    local_restarts_.pop_front();
  const bool wanted = goal.role == Role::primary && goal.stance == Stance::as_is &&
                      !seen.disabled && !seen.command_runs && seen.units.ok();
  if (!wanted || static_cast<int>(local_restarts_.size()) >= goal.local_restarts) return;
  for (const std::string& unit : groups.telephony) {
    const UnitState& state = state_of(seen, unit);
    if (state.active != "failed" || is_starting(state)) continue;
    seen.restart = unit;
    seen.restart_why = "it failed, and spec.failover.localRestarts lets it be restarted";
    return;
  }
  if (!silent || now - *silent_since_ < kSilence) return;
  seen.restart = groups.sip;
  seen.restart_why =
      "it runs and does not answer SIP; spec.failover.localRestarts lets it be restarted";
}

Task<void> Services::count_calls(Observed& seen) {
  Command count;
  count.argv = count_channels();
  count.deadline = std::chrono::seconds{5};
  const Instant asked = ports_.clock.now();
  const auto counted = co_await ports_.commands.run(std::move(count));
  if (counted.ok() && counted.value().succeeded()) seen.calls = channels_of(counted.value().output);
  if (seen.calls) seen.calls_at = asked;
}

}  // namespace tandem

// What a person should know of the services, whatever the node is to do.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "pbx/firewall.h"
#include "pbx/profile.h"
#include "resources/services.h"

namespace tandem {
namespace {

using namespace services;
using Answer = Services::Answer;
using Names = std::vector<std::string>;
using Port = Services::Port;

// What all of it is judged by, worked out once.
struct View {
  const Goal& goal;
  const Services::Observed& seen;
  ServiceGroups groups;
  bool stands_by;  // by design: a primary does after a switchover alone
};

std::string without_suffix(const std::string& unit) { return unit.substr(0, unit.rfind('.')); }

std::string why_not(const UnitState& unit) {
  if (unit.load != "loaded") return unit.load;
  if (is_starting(unit)) return "starting";
  const bool told = unit.active == "failed" && !unit.result.empty() && unit.result != "success";
  return told ? fmt::format("{}, {}", unit.active, unit.result) : unit.active;
}

std::string with_reasons(const View& view, const Names& names) {
  std::vector<std::string> parts;
  for (const std::string& name : names)
    parts.push_back(
        fmt::format("{} ({})", without_suffix(name), why_not(state_of(view.seen, name))));
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A unit that is not installed is none of this release's, unless it is declared or calls need it.
bool counts(const View& view, const std::string& name) {
  if (state_of(view.seen, name).load != "not-found") return true;
  const bool declared = view.goal.services && !view.goal.services->units.empty();
  return (declared && contains(view.groups.telephony, name)) ||
         (view.groups.verified && contains(view.groups.essential, name));
}

Names missing(const View& view, const Names& names) {
  Names found;
  for (const std::string& name : names)
    if (counts(view, name) && !is_up(state_of(view.seen, name))) found.push_back(name);
  return found;
}

Condition not_readable(Condition condition, const Error& error) {
  condition.status = Truth::unknown;
  condition.reason = "UnitsNotReadable";
  condition.message = fmt::format(
      "systemd could not be asked for the state of the services: {}; "
      "an operator in a container needs the host's /run/dbus below the managed root",
      error.message);
  return condition;
}

Condition complete(std::string reason, std::string message, Truth status) {
  return {"ServicesComplete", status, std::move(reason), std::move(message), true};
}

// What must run in either case, and what must not while it stands by.
Condition complete_standing_by(const View& view) {
  const Names lacking = missing(view, view.groups.standing);
  if (!lacking.empty())
    return complete("UnitsMissing",
                    fmt::format("not active on this node, which stands by: {}; see `systemctl "
                                "status {}`",
                                with_reasons(view, lacking), lacking.front()),
                    Truth::no);
  const UnitState& guard = state_of(view.seen, view.groups.guard);
  if (guard.file == "enabled" || is_up(guard))
    return complete(
        "GuardActive",
        fmt::format("{0} is {1} on a node that stands by, and would start its "
                    "telephony: `systemctl disable --now {0}`",
                    without_suffix(view.groups.guard), is_up(guard) ? "active" : "enabled"),
        Truth::no);
  Names running;
  for (const std::string& name : view.groups.telephony)
    if (is_up(state_of(view.seen, name))) running.push_back(without_suffix(name));
  if (!running.empty() && !view.seen.command_runs)
    return complete(
        "TelephonyRuns",
        fmt::format("the node is marked as standing by ({}), and yet run: {}. If it is to "
                    "serve: `{}`; else stop them: `systemctl stop {}`",
                    profile_of(view.goal.product).standby_marker, fmt::join(running, ", "),
                    fmt::join(view.groups.enable, " "), fmt::join(running, " ")),
        Truth::no);
  return complete("StandsBy", "the node stands by; what runs there in any case runs", Truth::yes);
}

std::string start_hint(const View& view) {
  return fmt::format("`{}`", fmt::join(view.groups.start, " "));
}

Condition complete_serving(const View& view) {
  Names wanted = view.groups.standing;
  wanted.insert(wanted.end(), view.groups.telephony.begin(), view.groups.telephony.end());
  const UnitState& guard = state_of(view.seen, view.groups.guard);
  if (guard.load != "not-found") wanted.push_back(view.groups.guard);
  const Names lacking = missing(view, wanted);
  const bool starts = std::all_of(lacking.begin(), lacking.end(), [&](const auto& name) {
    return is_starting(state_of(view.seen, name));
  });
  if (!lacking.empty()) {
    const bool calls_fail = std::any_of(lacking.begin(), lacking.end(), [&](const auto& name) {
      return contains(view.groups.essential, name);
    });
    return complete(starts ? "Starting" : (calls_fail ? "EssentialUnitsMissing" : "UnitsMissing"),
                    fmt::format("not active: {}{}; see `systemctl status {}`, then {}",
                                with_reasons(view, lacking), calls_fail ? "; calls need it" : "",
                                lacking.front(), start_hint(view)),
                    Truth::no);
  }
  if (guard.load != "not-found" && !guard.file.empty() && guard.file != "enabled")
    return complete("GuardDisabled",
                    fmt::format("{} is {}: nothing restarts a service that fails, and after a "
                                "reboot nothing watches; run `{}`",
                                without_suffix(view.groups.guard), guard.file,
                                fmt::join(view.groups.enable, " ")),
                    Truth::no);
  if (view.seen.answer == Answer::silence || view.seen.answer == Answer::refused)
    return complete("SipSilent",
                    fmt::format("every unit is active, but {} port {} of this node does not answer "
                                "SIP: see `asterisk -rx 'pjsip show transports'`, the firewall, "
                                "and `fail2ban-client status`",
                                view.goal.own_address, view.goal.sip_port),
                    Truth::no);
  return complete("AllActive", "every service of the node is active", Truth::yes);
}

Condition services_complete(const View& view) {
  Condition condition = complete("", "", Truth::unknown);
  if (!view.seen.units.ok()) return not_readable(std::move(condition), view.seen.units.error());
  return view.stands_by ? complete_standing_by(view) : complete_serving(view);
}

Condition stopped(Truth status, std::string reason, std::string message) {
  return {"StoppedByHand", status, std::move(reason), std::move(message), false};
}

// Of a unit that failed somebody else knows, and restarts it; one that ended well was told to.
bool stopped_cleanly(const UnitState& unit) {
  return unit.load == "loaded" && unit.active == "inactive" && is_down(unit) &&
         (unit.result.empty() || unit.result == "success");
}

Condition stopped_by_hand(const View& view) {
  if (view.stands_by)
    return stopped(Truth::no, "StandsBy",
                   "the node stands by, with its telephony stopped by design");
  if (view.goal.stance == Stance::serving)
    return stopped(Truth::no, "TandemStarts", "what is stopped here is started by Tandem");
  if (view.seen.disabled)
    return stopped(Truth::yes, "Disabled",
                   fmt::format("this node should serve, but its services are disabled, by hand or "
                               "by an upgrade that did not end: {} is there. Tandem does not start "
                               "them: `{}`, then {}",
                               profile_of(view.goal.product).standby_marker,
                               fmt::join(view.groups.enable, " "), start_hint(view)));
  Condition unknown = stopped(Truth::unknown, "", "");
  if (!view.seen.units.ok()) return not_readable(std::move(unknown), view.seen.units.error());
  Names names;
  for (const std::string& name : view.groups.telephony)
    if (stopped_cleanly(state_of(view.seen, name))) names.push_back(without_suffix(name));
  if (names.empty())
    return stopped(Truth::no, "NotStopped", "no telephony service was stopped by hand");
  if (view.seen.command_runs)
    return stopped(Truth::no, "CommandRuns", "a command of the vendor's is changing the services");
  return stopped(Truth::yes, "Stopped",
                 fmt::format("stopped, and not failed: {}. Tandem does not start what somebody "
                             "stopped: {}",
                             fmt::join(names, ", "), start_hint(view)));
}

Condition port(Truth status, std::string reason, std::string message) {
  return {"SipPortBlocked", status, std::move(reason), std::move(message), false};
}

Condition sip_port_blocked(const View& view) {
  const auto& seen = view.seen;
  switch (seen.port) {
    case Port::open: return port(Truth::no, "Open", "the firewall lets SIP in");
    case Port::not_looked:
      return port(Truth::no, "StandsBy",
                  "Asterisk is stopped; a rule that the vendor's stop left goes with its start");
    case Port::unknown:
      return port(
          Truth::unknown, "RulesNotReadable",
          fmt::format("the rules of the firewall could not be read: {}. It needs `commands: "
                      "systemd`, or CAP_NET_ADMIN",
                      seen.port_note));
    case Port::blocked: break;
  }
  if (view.stands_by)
    return port(Truth::no, "StandsBy",
                "this node stands by: a rule that the vendor's stop left goes with its start");
  if (seen.command_runs)
    return port(
        Truth::no, "CommandRuns",
        "a command of the vendor's is changing the services, with the port closed meanwhile");
  return port(Truth::yes, "RuleLeft",
              fmt::format("{} of the firewall drop{} every SIP message over UDP, as the vendor's "
                          "stop leaves it: no phone reaches this node. {}, or `{}` for each rule",
                          seen.blocking_rules == 1 ? "a rule"
                                                   : fmt::format("{} rules", seen.blocking_rules),
                          seen.blocking_rules == 1 ? "s" : "", start_hint(view),
                          unblock_command(view.goal.sip_port)));
}

}  // namespace

std::vector<Condition> Services::conditions(const Goal& goal, const Observed& seen) {
  const bool by_design = goal.role != Role::primary || goal.stance == Stance::standing_by;
  const bool stands_by = seen.disabled && by_design;
  const View view{goal, seen, service_groups(goal), stands_by};
  return {services_complete(view), stopped_by_hand(view), sip_port_blocked(view)};
}

}  // namespace tandem

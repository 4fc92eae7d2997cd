#include "resources/probe_allowed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/json_text.h"
#include "pbx/json.h"

namespace tandem {
namespace {

using enum ProbeAllowed::Step::Verb;
using Server = ProbeAllowed::Observed::Server;

constexpr mode_t kMode = 0600;
constexpr const char* kNothing = "nothing";

Condition probes_allowed(Truth status, std::string reason, std::string message) {
  return {"ProbesAllowed", status, std::move(reason), std::move(message), true};
}

// fail2ban's own words for one step, for a person who does it by hand.
std::string command_of(const ProbeAllowed::Step& step) {
  const char* verb = step.verb == ignore  ? "addignoreip"
                     : step.verb == unban ? "unbanip"
                                          : "delignoreip";
  return fmt::format("fail2ban-client set {} {} {}", step.jail, verb, step.address);
}

}  // namespace

std::set<std::string> ProbeAllowed::watched(const Goal&) {
  return {Fail2ban::kSocket, Fail2ban::kPidFile};
}

ProbeAllowed::Desired ProbeAllowed::desired(const Goal& goal) {
  Desired want;
  want.role = goal.role;
  if (goal.role != Role::off) want.addresses = goal.peer_addresses;
  return want;
}

Task<Result<ProbeAllowed::Observed>> ProbeAllowed::observe(const Goal& goal) {
  Observed seen;
  const auto socket = files_.status(Fail2ban::kSocket);
  if (!socket.ok()) co_return socket.error();
  if (!socket.value()) {
    const auto client = files_.status(Fail2ban::kClient);
    if (!client.ok()) co_return client.error();
    seen.server = client.value() ? Server::stopped : Server::not_installed;
    co_return seen;
  }
  seen.server = Server::running;
  seen.added = read_added();
  // Before the question: what changes meanwhile is seen the next time.
  const auto stamp = stamp_of_server();
  seen.jails = known_;
  if (spared_.stands(stamp, clock_.now()) && diff(desired(goal), seen).empty()) co_return seen;
  spared_.forget();
  auto jails = co_await fail2ban_.jails();
  if (!jails.ok()) co_return jails.error();
  seen.jails = std::move(jails).value();
  if (diff(desired(goal), seen).empty()) {
    known_ = seen.jails;
    spared_.keep(stamp, clock_.now() + kAskEvery);
  }
  co_return seen;
}

std::vector<ProbeAllowed::Step> ProbeAllowed::diff(const Desired& want, const Observed& seen) {
  std::vector<Step> steps;
  for (const auto& [name, jail] : seen.jails) {
    for (const std::string& address : want.addresses) {
      if (!ignores(jail, address)) steps.push_back({ignore, name, address, want.role});
      if (jail.banned.contains(address)) steps.push_back({unban, name, address, want.role});
    }
    const auto added = seen.added.find(name);
    if (added == seen.added.end()) continue;
    for (const std::string& address : added->second)
      if (std::ranges::find(want.addresses, address) == want.addresses.end() &&
          jail.ignored.contains(address))
        steps.push_back({stop_ignoring, name, address, want.role});
  }
  return steps;
}

// What is added is written down before, so that a kill in between leaves nothing of ours unknown.
// Where it can not be written down it is added all the same, since a ban is worse; the failure is
// told.
Task<Status> ProbeAllowed::apply(const Step& step) {
  Status done = success();
  switch (step.verb) {
    case ignore: {
      const Status kept = remember(step, true);
      done = co_await fail2ban_.ignore(step.jail, step.address);
      co_return done.ok() ? kept : done;
    }
    case unban: co_return co_await fail2ban_.unban(step.jail, step.address);
    case stop_ignoring:
      done = co_await fail2ban_.stop_ignoring(step.jail, step.address);
      co_return done.ok() ? remember(step, false) : done;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

// Every ban and every reload is a line of its log. Where there is no log, or it is elsewhere,
// nothing is known without the client.
std::optional<std::string> ProbeAllowed::stamp_of_server() {
  const auto log = files_.status(Fail2ban::kLog);
  if (!log.ok() || !log.value()) return std::nullopt;
  return file_stamp(run_of_server(), *log.value());
}

// What tells one run of the server from the next; what was added does not outlive it.
std::string ProbeAllowed::run_of_server() {
  const auto pid = files_.read(Fail2ban::kPidFile, 64);
  const auto socket = files_.status(Fail2ban::kSocket);
  const auto made = socket.ok() && socket.value()
                        ? socket.value()->modified.time_since_epoch().count()
                        : std::chrono::system_clock::rep{0};
  std::string number = pid.ok() ? pid.value() : "";
  while (number.ends_with('\n')) number.pop_back();
  return fmt::format("{} {}", number, made);
}

// A file that is not there, damaged or of an earlier run holds nothing. What we added in this run
// then stays until the server restarts: it lets nobody in, and only keeps one node from a ban.
ProbeAllowed::Added ProbeAllowed::read_added() {
  Added added;
  const auto text = disk_.read(memory_);
  const Json json = text.ok() ? read_json(text.value()) : Json();
  if (!json.is_object() || json.value("run", Json()) != run_of_server()) return added;
  const Json jails = json.value("jails", Json());
  if (!jails.is_object()) return added;
  for (const auto& [jail, addresses] : jails.items())
    for (const Json& address : addresses)
      if (address.is_string()) added[jail].insert(address.get<std::string>());
  return added;
}

Status ProbeAllowed::remember(const Step& step, bool added) {
  Added all = read_added();
  if (added)
    all[step.jail].insert(step.address);
  else if (all[step.jail].erase(step.address); all[step.jail].empty())
    all.erase(step.jail);
  if (all.empty()) return disk_.remove(memory_);
  const Json json = {{"run", run_of_server()}, {"jails", all}};
  return disk_.replace(memory_, to_text(json) + "\n", kMode);
}

std::vector<Condition> ProbeAllowed::conditions(const Goal& goal, const Observed& seen) {
  if (goal.role == Role::off) return {};
  switch (seen.server) {
    case Server::not_installed:
      return {probes_allowed(
          Truth::yes, "NotInstalled",
          fmt::format("there is no {}: nobody bans the other node", Fail2ban::kClient))};
    case Server::stopped:
      return {probes_allowed(Truth::yes, "NotRunning",
                             fmt::format("fail2ban does not run ({} is missing): nobody bans the "
                                         "other node; it is told when it starts",
                                         Fail2ban::kSocket))};
    case Server::running: break;
  }
  Desired want = desired(goal);
  for (const Step& step : diff(want, seen)) {
    if (step.verb == unban)
      return {probes_allowed(Truth::no, "PeerBanned",
                             fmt::format("jail {} of fail2ban has banned the other node ({}); "
                                         "lift it: {}",
                                         step.jail, step.address, command_of(step)))};
    if (step.verb == ignore && !seen.jails.at(step.jail).banned.contains(step.address))
      return {probes_allowed(Truth::no, "PeerNotIgnored",
                             fmt::format("jail {} of fail2ban may ban the other node ({}), which "
                                         "then looks dead from here: {}",
                                         step.jail, step.address, command_of(step)))};
  }
  return {probes_allowed(
      Truth::yes, "PeerIgnored",
      fmt::format("{} of fail2ban {} the addresses of the other node",
                  seen.jails.size() == 1 ? std::string("the jail")
                                         : fmt::format("all {} jails", seen.jails.size()),
                  seen.jails.size() == 1 ? "ignores" : "ignore"))};
}

// What is changed is the running server, not a file of its.
std::vector<Change> describe(const ProbeAllowed::Step& step) {
  const std::string field = step.jail + "." + step.address;
  switch (step.verb) {
    case ignore:
      return {{field, "may be banned", "ignored", kNothing,
               "fail2ban would ban the other node for its questions", Reach::reload}};
    case unban:
      return {{field, "banned", "not banned", kNothing,
               "the other node looks dead from here while it is banned", Reach::reload}};
    case stop_ignoring:
      return {{field, "ignored", "as for everybody", kNothing,
               step.role == Role::off ? "spec.enabled is false"
                                      : "it is no longer an address of the other node",
               Reach::reload}};
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem

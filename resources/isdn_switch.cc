#include "resources/isdn_switch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "pbx/profile.h"

namespace tandem {
namespace {

constexpr const char* kAsterisk = "asterisk.service";

bool is_ours(const Goal& goal) { return goal.role == Role::secondary && goal.isdn_switch; }

// The marker says what is meant, Asterisk what is; between the two telephony starts or stops.
IsdnSwitches::Serving serving_of(bool marked, const UnitState& asterisk) {
  if (marked && (asterisk.active == "inactive" || asterisk.active == "failed"))
    return {LinesTo::primary, "", false};
  if (!marked && asterisk.active == "active" && asterisk.job.empty())
    return {LinesTo::secondary, "", false};
  return {LinesTo::unknown,
          fmt::format("the marker of a node that stands by is {}, and {} is {}",
                      marked ? "there" : "absent", kAsterisk, asterisk.active),
          false};
}

std::string names_of(const std::vector<IsdnSwitches::Device>& devices) {
  std::vector<std::string> names;
  for (const IsdnSwitches::Device& device : devices) names.push_back(device.device.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

const IsdnSwitches::Device* find(const std::vector<IsdnSwitches::Device>& devices,
                                 bool (*holds)(const IsdnSwitches::Device&)) {
  const auto at = std::find_if(devices.begin(), devices.end(), holds);
  return at == devices.end() ? nullptr : &*at;
}

Condition follows(Truth status, std::string reason, std::string message) {
  return {"IsdnSwitchFollows", status, std::move(reason), std::move(message), true};
}

// The first sentence that holds; nullopt: no switch is in trouble.
std::optional<Condition> trouble(const Goal& goal, const IsdnSwitches::Observed& seen) {
  const Profile& profile = profile_of(goal.product);
  using Device = IsdnSwitches::Device;
  if (seen.devices.empty())
    return follows(Truth::no, "NoDevice",
                   fmt::format("{} names no device [fosN]; on this node run: bnfos --scan -x, or "
                               "set spec.isdnSwitch to null",
                               profile.bnfos_conf));
  if (const Device* lost =
          find(seen.devices, [](const Device& d) { return !d.unreachable.empty(); }))
    return follows(Truth::no, "Unreachable",
                   fmt::format("{} at {} could not be set: {}. See that it has power and network; "
                               "by hand: bnfos --set mode={} -f {}",
                               lost->device.name,
                               lost->device.host.empty() ? "an unknown address" : lost->device.host,
                               lost->unreachable, seen.serving.node == LinesTo::secondary ? 0 : 1,
                               lost->device.name));
  if (seen.serving.node == LinesTo::unknown)
    return follows(Truth::unknown, "ServingUnknown",
                   "the switches are left as they are: it is not known which node serves: " +
                       seen.serving.why);
  return std::nullopt;
}

Condition follows(const Goal& goal, const IsdnSwitches::Observed& seen) {
  using Device = IsdnSwitches::Device;
  if (auto found = trouble(goal, seen)) return *std::move(found);
  for (const Device& device : seen.devices) {
    if (device.lines == seen.serving.node || !device.unreadable.empty()) continue;
    const std::string message =
        fmt::format("the lines of {} go to {}, and {} serves", device.device.name,
                    lines_text(device.lines), lines_text(seen.serving.node));
    if (device.dwells.count() > 0)
      return follows(Truth::no, "Dwells",
                     fmt::format("{}; it was switched just now and is left alone for {} s more "
                                 "(spec.isdnSwitch.dwell)",
                                 message, device.dwells.count()));
    return follows(Truth::no, "Differs", message + "; it is set as soon as this node may act");
  }
  if (const Device* blind =
          find(seen.devices, [](const Device& d) { return !d.unreadable.empty(); }))
    return follows(Truth::unknown, "NotReadable",
                   fmt::format("{} was set to {}, but spec.isdnSwitch.readCommand does not tell "
                               "where it is: {}",
                               blind->device.name, lines_text(blind->lines), blind->unreadable));
  const bool read = std::all_of(seen.devices.begin(), seen.devices.end(),
                                [](const Device& device) { return device.was_read; });
  return follows(Truth::yes, "Follows",
                 fmt::format("the lines of {} go to {}, {}", names_of(seen.devices),
                             lines_text(seen.serving.node), read ? "as read" : "as last set"));
}

Condition second_writer(const IsdnSwitches::Observed& seen) {
  Condition condition{"IsdnSecondWriter", Truth::no, "NoneSeen",
                      "nobody else was seen to set the ISDN switches", false};
  for (const IsdnSwitches::Device& device : seen.devices) {
    if (device.undone < IsdnSwitches::kUndoneTold) continue;
    condition.status = Truth::yes;
    condition.reason = "SetByOthers";
    condition.message = fmt::format(
        "{} was set otherwise {} times within an hour after Tandem had set it; find who does: "
        "grep -rl bnfos /etc/cron* /usr/sbin /usr/local/sbin, or the watchdog of the device "
        "(bnfos --set wdog=0 -f {})",
        device.device.name, device.undone, device.device.name);
    break;
  }
  return condition;
}

}  // namespace

std::set<std::string> IsdnSwitches::watched(const Goal& goal) {
  if (!is_ours(goal)) return {};
  const Profile& profile = profile_of(goal.product);
  return {profile.bnfos_conf, profile.standby_marker};
}

std::set<std::string> IsdnSwitches::watched_units(const Goal& goal) {
  if (!is_ours(goal)) return {};
  return {kAsterisk};
}

IsdnSwitches::Desired IsdnSwitches::desired(const Goal& goal) {
  return {is_ours(goal), profile_of(goal.product).bnfos_program};
}

Task<Result<IsdnSwitches::Observed>> IsdnSwitches::observe(const Goal& goal) {
  Observed seen;
  if (!is_ours(goal)) co_return seen;
  const std::string& path = profile_of(goal.product).bnfos_conf;
  const auto text = files_.read(path);
  if (!text.ok() && text.error().fault != Fault::not_found) co_return text.error();
  const auto devices = parse_bnfos_conf(text.ok() ? text.value() : "");
  if (!devices.ok()) co_return in_context(path, devices.error());
  const auto kept = memory_.entries();
  if (!kept.ok()) co_return kept.error();
  seen.serving = co_await who_serves(goal);
  for (const IsdnDevice& found : devices.value()) {
    Device device;
    device.device = found;
    Own& own = own_[found.name];
    std::optional<RelayMemory::Entry> last = own.set;
    if (const auto at = kept.value().find(found.name); !last && at != kept.value().end())
      last = at->second;
    if (last) device.lines = last->lines;
    auto argv = read_command(goal.isdn_switch->read_command, found.name);
    if (!argv.empty()) co_await read_position(std::move(argv), device);
    note_undone(device, own);
    if (device.lines == seen.serving.node) own.unreachable.clear();
    device.dwells = dwell_left(own, last, goal.isdn_switch->dwell);
    device.unreachable = own.unreachable;
    device.undone = own.undone.size();
    seen.devices.push_back(std::move(device));
  }
  co_return seen;
}

Task<IsdnSwitches::Serving> IsdnSwitches::who_serves(const Goal& goal) {
  Serving serving;
  if (goal.stance != Stance::as_is) {
    serving.node = goal.stance == Stance::serving ? LinesTo::secondary : LinesTo::primary;
    co_return serving;
  }
  const auto marker = files_.status(profile_of(goal.product).standby_marker);
  if (!marker.ok()) {
    serving.why = marker.error().message;
    serving.unasked = true;
    co_return serving;
  }
  std::vector<std::string> names;
  names.emplace_back(kAsterisk);
  const auto units = co_await units_.states(std::move(names));
  if (!units.ok()) {
    serving.why = units.error().message;
    serving.unasked = true;
    co_return serving;
  }
  const auto asterisk = units.value().find(kAsterisk);
  if (asterisk == units.value().end()) {
    serving.why = fmt::format("the state of {} was not told", kAsterisk);
    serving.unasked = true;
    co_return serving;
  }
  co_return serving_of(marker.value().has_value(), asterisk->second);
}

// Whatever is not a clear answer leaves what we last set.
Task<void> IsdnSwitches::read_position(std::vector<std::string> argv, Device& device) {
  Command command;
  command.argv = std::move(argv);
  command.deadline = kReadLimit;
  const auto outcome = co_await commands_.run(std::move(command));
  if (!outcome.ok()) {
    device.unreadable = outcome.error().message;
    co_return;
  }
  const LinesTo lines = lines_in(outcome.value().output);
  if (!outcome.value().succeeded())
    device.unreadable = fmt::format("it ended with {}", outcome.value().exit_status);
  else if (lines == LinesTo::unknown)
    device.unreadable = "it printed neither 1 (A to B) nor 0 (A to D)";
  else
    device.lines = lines;
  device.was_read = device.unreadable.empty();
}

// A setting counts as undone once, however often it is looked at.
void IsdnSwitches::note_undone(const Device& device, Own& own) const {
  const Instant now = clock_.now();
  std::erase_if(own.undone, [&](Instant at) { return at + kUndoneWindow < now; });
  if (!own.set || !device.was_read || own.undone_counted) return;
  if (device.lines == own.set->lines || own.undone.size() == kUndoneKept) return;
  own.undone_counted = true;
  own.undone.push_back(now);
}

// By the steady clock for what this process has set. After a restart the wall clock must do: where
// it has gone back, the time is over.
std::chrono::seconds IsdnSwitches::dwell_left(const Own& own,
                                              const std::optional<RelayMemory::Entry>& kept,
                                              Duration dwell) const {
  using std::chrono::ceil, std::chrono::seconds;
  if (own.set)
    return ceil<seconds>(std::max(own.set_since + dwell - clock_.now(), Instant::duration{}));
  if (!kept) return seconds{0};
  const auto since = clock_.wall() - kept->at;
  if (since < since.zero() || since >= dwell) return seconds{0};
  return ceil<seconds>(dwell - since);
}

std::vector<IsdnSwitches::Step> IsdnSwitches::diff(const Desired& want, const Observed& seen) {
  std::vector<Step> steps;
  if (!want.is_ours || seen.serving.node == LinesTo::unknown) return steps;
  // Where the declared command tells nothing, nobody knows what a switching would cut.
  for (const Device& device : seen.devices)
    if (device.unreadable.empty() && device.lines != seen.serving.node &&
        device.dwells.count() == 0)
      steps.push_back({device.device.name, device.lines, seen.serving.node, want.program});
  return steps;
}

Task<Status> IsdnSwitches::apply(const Step& step) {
  Command command;
  command.argv = switch_command(step.program, step.device, step.to);
  command.deadline = kSetLimit;
  Own& own = own_[step.device];
  const auto outcome = co_await commands_.run(std::move(command));
  // Its words are not told: they could repeat the login.
  own.unreachable = !outcome.ok() ? outcome.error().message
                    : outcome.value().succeeded()
                        ? ""
                        : fmt::format("bnfos ended with {}", outcome.value().exit_status);
  if (!own.unreachable.empty()) {
    const Fault fault = outcome.ok() ? Fault::unavailable : outcome.error().fault;
    const char* remedy = fault == Fault::not_found ? "; install it: apt-get install bntools" : "";
    co_return Error{fault, step.device + ": " + own.unreachable + remedy};
  }
  own.set = RelayMemory::Entry{step.to, clock_.wall()};
  own.set_since = clock_.now();
  own.undone_counted = false;
  const Status kept = memory_.keep(step.device, *own.set);
  if (!kept.ok()) co_return in_context(step.device + " is set, but this is not kept", kept.error());
  co_return success();
}

std::vector<Condition> IsdnSwitches::conditions(const Goal& goal, const Observed& seen) {
  if (!is_ours(goal)) return {};
  std::vector<Condition> conditions{follows(goal, seen)};
  // Without a reading nobody else's hand is ever seen.
  if (!goal.isdn_switch->read_command.empty()) conditions.push_back(second_writer(seen));
  return conditions;
}

std::optional<Error> IsdnSwitches::unseen(const Goal& goal, const Observed& seen) {
  if (!is_ours(goal)) return std::nullopt;
  if (seen.serving.unasked)
    return Error{Fault::unavailable, "it is not known which node serves: " + seen.serving.why};
  for (const Device& device : seen.devices)
    if (!device.unreadable.empty())
      return Error{Fault::unavailable, device.device.name +
                                           ": spec.isdnSwitch.readCommand does not tell where it "
                                           "is: " +
                                           device.unreadable};
  return std::nullopt;
}

std::vector<Change> describe(const IsdnSwitches::Step& step) {
  const bool to_primary = step.to == LinesTo::primary;
  return {{step.device, std::string(lines_text(step.from)), std::string(lines_text(step.to)),
           "ISDN calls through it are cut", to_primary ? "the primary serves" : "this node serves",
           Reach::telephony}};
}

}  // namespace tandem

#include "tests/pair_sim/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/goal.h"

namespace tandem::sim {
namespace {

constexpr std::array<std::string_view, kFaultKinds> kNames = {
    "power cut",
    "Asterisk can not run",
    "Asterisk crashes",
    "Asterisk hangs",
    "503",
    "wazo-service restart",
    "stopped by hand",
    "started by hand",
    "upgrade",
    "starts fail",
    "parts fail",
    "stops hang",
    "units unknown",
    "operator dies",
    "operator dies deciding",
    "operator stalls",
    "disk refuses",
    "clock jumps",
    "loss",
    "loss one way",
    "cut",
    "cut one way",
    "own cable out",
    "own switch dead",
    "loss around",
    "witness dead",
    "SIP filtered",
    "peer link down",
};

}  // namespace

std::string_view fault_name(FaultKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

bool Scenario::has(FaultKind kind) const {
  return std::any_of(faults.begin(), faults.end(),
                     [&](const Trouble& fault) { return fault.kind == kind; });
}

Scenario without_jumps(const Scenario& scenario) {
  Scenario other = scenario;
  for (Trouble& fault : other.faults)
    if (fault.kind == FaultKind::clock_jumps) fault.level = 0;
  return other;
}

std::string clock_text(Instant at) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(at - kBegin).count();
  return fmt::format("{:02}:{:02}.{:03}", passed / 60000, passed / 1000 % 60, passed % 1000);
}

std::string describe(const Trouble& fault) {
  std::string text = fmt::format("{} {} {}", clock_text(fault.at), fault.node == kA ? 'A' : 'B',
                                 fault_name(fault.kind));
  if (fault.level != 0) text += fmt::format(" {:g}", fault.level);
  if (fault.lasts.count() > 0)
    text += fmt::format(", until {}", clock_text(fault.at + fault.lasts));
  return text;
}

std::string describe(const Scenario& scenario) {
  const Failover& failover = scenario.pair.failover;
  const auto seconds_of = [](Duration duration) { return duration.count() / 1000; };
  constexpr std::string_view kModes[] = {"automatic", "advise", "manual"};
  std::string text = fmt::format(
      "seed {}: owner {}, mode {}, failback {}, confirm {}/{}/{}/{} s, hold {} s, calls {} s, "
      "maxTakeovers {}, bootGrace {} s, witnesses {}, peer link {}{}{}{}{}\n",
      scenario.seed, failover.owner == Owner::tandem ? "tandem" : "vendor",
      kModes[static_cast<std::size_t>(failover.mode)],
      failover.failback.mode == Failover::Failback::Mode::automatic ? "automatic" : "manual",
      seconds_of(failover.confirm_host_down), seconds_of(failover.confirm_service_failed),
      seconds_of(failover.confirm_service_restarting), seconds_of(failover.confirm_service_unknown),
      seconds_of(failover.failback.hold), seconds_of(failover.failback.wait_for_calls),
      failover.max_takeovers, seconds_of(failover.boot_grace), scenario.witnesses,
      scenario.peer_link ? "yes" : "no", scenario.both_primary ? ", both declared primary" : "",
      scenario.wizard_passed ? "" : ", wizard not passed",
      scenario.replicated ? "" : ", never replicated",
      scenario.window_open ? "" : ", outside of failback.window");
  text += fmt::format("  starts {}/{} s, stops {}/{} s, healed at {}, ends at {}\n",
                      seconds_of(scenario.start_time[kA]), seconds_of(scenario.start_time[kB]),
                      seconds_of(scenario.stop_time[kA]), seconds_of(scenario.stop_time[kB]),
                      clock_text(scenario.heal_at), clock_text(scenario.end_at));
  for (const Trouble& fault : scenario.faults) text += "  fault: " + describe(fault) + "\n";
  for (const Ordered& order : scenario.orders)
    text += fmt::format(
        "  order: {} {} {}{}{}\n", clock_text(order.at), order.node == kA ? 'A' : 'B',
        order_name(order.kind),
        order.lasts.count() > 0 ? fmt::format(" until {}", clock_text(order.at + order.lasts)) : "",
        order.take_over ? ", the other takes over" : "");
  return text;
}

}  // namespace tandem::sim

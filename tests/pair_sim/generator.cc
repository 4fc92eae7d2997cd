// A scenario from its seed. The mix leans towards what decides: a primary that dies, in a network
// that is not well, while something else goes wrong as well.
#include <algorithm>
#include <cstdlib>

#include "tests/pair_sim/dice.h"
#include "tests/pair_sim/scenario.h"

namespace tandem::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum FaultKind;

// Each story is at least so long, and ends with so much quiet beside the hold.
constexpr minutes kLeast{30};
constexpr minutes kQuiet{13};
constexpr minutes kTroubleBegins{2};

void declare(Scenario& scenario, Dice& dice) {
  HAPair& pair = scenario.pair;
  pair.name = "pair";
  pair.primary = {"a", "192.0.2.10", {}};
  pair.secondary = {"b", "192.0.2.11", {}};
  Failover& failover = pair.failover;
  failover.owner = dice.chance(0.04) ? Owner::vendor : Owner::tandem;
  const int mode = dice.below(100);
  failover.mode = mode < 86   ? Failover::Mode::automatic
                  : mode < 93 ? Failover::Mode::advise
                              : Failover::Mode::manual;
  if (dice.chance(0.08)) failover.failback.mode = Failover::Failback::Mode::manual;
  failover.failback.hold = dice.chance(0.4) ? minutes{5} : dice.between(seconds{45}, minutes{3});
  failover.failback.wait_for_calls =
      dice.chance(0.5) ? minutes{30} : dice.between(seconds{0}, minutes{2});
  if (dice.chance(0.5)) {
    failover.confirm_host_down = dice.between(seconds{5}, seconds{45});
    failover.confirm_service_failed = dice.between(seconds{10}, minutes{1});
    failover.confirm_service_unknown = dice.between(seconds{30}, minutes{2});
    failover.confirm_service_restarting = dice.between(seconds{190}, minutes{5});
  }
  if (dice.chance(0.5)) {
    failover.activation_timeout = dice.between(seconds{90}, minutes{3});
    failover.deactivation_timeout = dice.between(seconds{70}, minutes{2});
  }
  failover.max_takeovers = dice.between(1, 4);
  failover.boot_grace = dice.chance(0.5) ? minutes{5} : dice.between(seconds{0}, minutes{3});
  scenario.peer_link = dice.chance(0.75);
  const int witnesses = dice.below(100);
  scenario.witnesses = witnesses < 15 ? 0 : witnesses < 80 ? 1 : 2;
  scenario.both_primary = dice.chance(0.03);
  scenario.wizard_passed = !dice.chance(0.02);
  scenario.replicated = !dice.chance(0.02);
  scenario.window_open = !dice.chance(0.04);
  scenario.aligned = !dice.chance(0.3);
}

void furnish(Scenario& scenario, Dice& dice) {
  for (int node = 0; node < kNodes; ++node) {
    const auto place = static_cast<std::size_t>(node);
    scenario.start_time[place] = dice.between(seconds{10}, seconds{70});
    scenario.stop_time[place] = dice.between(seconds{5}, seconds{60});
  }
  scenario.boot_time = dice.between(seconds{20}, seconds{100});
  const int phones = dice.between(3, 8);
  for (int i = 0; i < phones; ++i)
    scenario.expiries.push_back(dice.between(seconds{60}, minutes{5}));
}

// How long a fault lasts: many are short, and some last until the end of all trouble.
Duration some_time(Dice& dice) {
  const int kind = dice.below(10);
  if (kind < 3) return dice.between(seconds{1}, seconds{20});
  if (kind < 7) return dice.between(seconds{15}, minutes{3});
  return dice.between(minutes{2}, minutes{12});
}

// What takes the primary away, one way or another.
Trouble primary_goes(Dice& dice) {
  static constexpr FaultKind kWays[] = {
      power_cut,      power_cut,      power_cut,      asterisk_crash,  asterisk_crash,
      asterisk_stops, asterisk_hangs, vendor_restart, stopped_by_hand, upgrade,
      answers_badly,  own_switch,     own_cable,      power_cut};
  Trouble fault;
  fault.kind = kWays[dice.below(static_cast<int>(std::size(kWays)))];
  fault.node = kA;
  fault.lasts = some_time(dice);
  if (fault.kind == vendor_restart) fault.lasts = dice.between(seconds{20}, minutes{2});
  if (fault.kind == upgrade) fault.lasts = dice.between(minutes{1}, minutes{6});
  return fault;
}

Trouble anything(Dice& dice) {
  Trouble fault;
  fault.kind = static_cast<FaultKind>(dice.below(kFaultKinds));
  fault.node = dice.chance(0.5) ? kA : kB;
  fault.lasts = some_time(dice);
  switch (fault.kind) {
    case loss:
    case loss_one_way:
    case network_loss: {
      static constexpr double kShares[] = {0.01, 0.05, 0.1, 0.2, 0.2, 0.5};
      fault.level = kShares[dice.below(6)];
      break;
    }
    case clock_jumps: {
      static constexpr double kJumps[] = {-86400, -3600, -60, -2, 3, 90, 3600, 30000, 86400};
      fault.level = kJumps[dice.below(9)];
      break;
    }
    case operator_stalls: fault.lasts = dice.between(seconds{1}, seconds{40}); break;
    case vendor_restart: fault.lasts = dice.between(seconds{20}, minutes{2}); break;
    case upgrade: fault.lasts = dice.between(minutes{1}, minutes{6}); break;
    case started_by_hand:
    case starts_fail:
    case parts_fail:
    case stops_hang: fault.node = dice.chance(0.85) ? kB : kA; break;
    case sip_filtered: fault.node = dice.chance(0.8) ? kB : kA; break;
    default: break;
  }
  return fault;
}

Ordered some_order(Dice& dice) {
  static constexpr Order::Kind kKinds[] = {
      Order::Kind::takeover,    Order::Kind::takeover,        Order::Kind::failback,
      Order::Kind::switchover,  Order::Kind::switchover,      Order::Kind::suspend,
      Order::Kind::suspend,     Order::Kind::resume,          Order::Kind::maintenance,
      Order::Kind::maintenance, Order::Kind::end_maintenance, Order::Kind::ack};
  Ordered order;
  order.kind = kKinds[dice.below(static_cast<int>(std::size(kKinds)))];
  const bool of_primary = order.kind == Order::Kind::switchover ||
                          (order.kind == Order::Kind::maintenance && dice.chance(0.7));
  // One in ten goes to the node that has no use for it.
  order.node = of_primary != dice.chance(0.1) ? kA : kB;
  order.lasts = dice.between(minutes{1}, minutes{6});
  order.take_over = dice.chance(0.5);
  order.twice = dice.chance(0.2);
  return order;
}

// The primary fails again and again, until the brake catches; what then?
void flap(Scenario& scenario, Dice& dice) {
  scenario.pair.failover.failback.hold = dice.between(seconds{20}, seconds{60});
  scenario.pair.failover.failback.wait_for_calls = seconds{0};
  scenario.pair.failover.max_takeovers = dice.between(1, 3);
  Instant at = kBegin + kTroubleBegins;
  const int times = scenario.pair.failover.max_takeovers + dice.between(0, 2);
  for (int i = 0; i < times; ++i) {
    Trouble fault;
    fault.kind = dice.chance(0.5) ? power_cut : asterisk_crash;
    fault.at = at;
    fault.lasts = dice.between(minutes{2}, seconds{150});
    scenario.faults.push_back(fault);
    at += fault.lasts + dice.between(seconds{230}, minutes{6});
  }
}

// The secondary does not come up for longer than its time, while the primary stays away.
void fail_to_start(Scenario& scenario, Dice& dice) {
  scenario.pair.failover.activation_timeout = dice.between(seconds{80}, seconds{100});
  const Instant at = kBegin + kTroubleBegins + dice.between(seconds{0}, minutes{3});
  scenario.faults.push_back({power_cut, kA, at, minutes{16}, 0});
  scenario.faults.push_back({starts_fail, kB, at, dice.between(minutes{3}, minutes{5}), 0});
  if (dice.chance(0.5))
    scenario.faults.push_back({parts_fail, kB, at, dice.between(minutes{3}, minutes{6}), 0});
}

void break_things(Scenario& scenario, Dice& dice) {
  const auto when = [&] { return kBegin + kTroubleBegins + dice.between(seconds{0}, minutes{12}); };
  if (dice.chance(0.07)) flap(scenario, dice);
  const int goes = dice.below(10) < 8 ? dice.between(1, 2) : 0;
  for (int i = 0; i < goes; ++i) {
    Trouble fault = primary_goes(dice);
    fault.at = when();
    scenario.faults.push_back(fault);
  }
  const int others = dice.between(goes == 0 ? 1 : 0, 4);
  for (int i = 0; i < others; ++i) {
    Trouble fault = anything(dice);
    fault.at = when();
    // What happens at about the same time is the hard part.
    if (i > 0 && dice.chance(0.4))
      fault.at = std::max(kBegin + kTroubleBegins,
                          scenario.faults.back().at + dice.between(seconds{-30}, minutes{2}));
    scenario.faults.push_back(fault);
  }
  if (dice.chance(0.35)) {
    const int orders = dice.between(1, 3);
    for (int i = 0; i < orders; ++i) {
      Ordered order = some_order(dice);
      order.at = when();
      scenario.orders.push_back(order);
    }
  }
  if (dice.chance(0.02)) fail_to_start(scenario, dice);
}

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
  Scenario scenario;
  scenario.seed = seed;
  Dice dice(seed * 0x2545f4914f6cdd1dU + 1);
  declare(scenario, dice);
  furnish(scenario, dice);
  break_things(scenario, dice);
  scenario.heal_at = kBegin + minutes{8};
  for (const Trouble& fault : scenario.faults)
    scenario.heal_at = std::max(scenario.heal_at, fault.at + fault.lasts);
  for (const Ordered& order : scenario.orders)
    scenario.heal_at = std::max(scenario.heal_at, order.at + order.lasts);
  scenario.end_at =
      std::max(kBegin + kLeast, scenario.heal_at + kQuiet + scenario.pair.failover.failback.hold);
  return scenario;
}

}  // namespace tandem::sim

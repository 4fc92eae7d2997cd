// What an operator does to its node, and what must become of it all.
#include <fmt/format.h>

#include <algorithm>

#include "tests/pair_sim/oracles.h"

namespace tandem::sim {
namespace {

using std::chrono::seconds;
using enum NodeState;

double seconds_of(Instant::duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

Complaint is_on_disk(const World& world, const Act& act) {
  const Node& node = world.node(act.node);
  const FailoverMemory& meant = node.engine->memory();
  const auto& synced = node.disk.synced();
  const auto kept = synced ? memory_of_text(*synced) : Result<FailoverMemory>(FailoverMemory{});
  if (!kept.ok()) return "what is on the disk can not be read";
  const FailoverMemory& found = kept.value();
  const bool same = found.epoch == meant.epoch && found.state == meant.state;
  if (act.command == Command::stop)
    return same ? std::nullopt : Complaint("it stops what the disk does not tell it to");
  const bool told = found.epoch == meant.epoch &&
                    (serves(found.state) || found.state == faulted || found.start_again);
  // A confirmed HostDown does not wait for the disk, and what is served already goes on.
  const bool excused =
      node.disk.refusals > 0 &&
      (meant.cause == TakeoverCause::host_down || meant.cause == TakeoverCause::by_hand ||
       node.acted_epoch == meant.epoch || found.epoch == meant.epoch);
  if (told || excused) return std::nullopt;
  return fmt::format("it starts by epoch {} in {}, and the disk has epoch {} in {}", meant.epoch,
                     state_name(meant.state), found.epoch, state_name(found.state));
}

Complaint has_a_mandate(const World& world, const Act& act) {
  const NodeState state = world.node(act.node).engine->state();
  if (act.node == kA) return std::nullopt;
  if (act.command == Command::stop)
    return state == deactivating ? std::nullopt
                                 : Complaint(fmt::format("it stops in {}", state_name(state)));
  if (world.truth().mandate && serves(state)) return std::nullopt;
  return fmt::format("it starts in {}, and no takeover was decided", state_name(state));
}

Complaint primary_stops_by_switchover(const World& world, const Act& act) {
  if (act.node != kA || act.command != Command::stop) return std::nullopt;
  const auto& until = world.truth().switchover_until;
  if (!until) return "the primary stops, and nobody ordered a switchover";
  constexpr seconds kToldLate{12};
  const auto& served = world.truth().b_served_last;
  if (!served || world.now() - *served > kToldLate)
    return "the primary stops, and the secondary does not serve";
  return std::nullopt;
}

Complaint conflict_changes_nothing(const World& world, const Act& act) {
  if (!world.scenario().both_primary) return std::nullopt;
  return fmt::format("both are declared primary, and {} gives: {}", act.node == kA ? 'A' : 'B',
                     command_name(act.command));
}

Complaint advice_is_no_act(const World& world, const Act& act) {
  const Failover& failover = world.scenario().pair.failover;
  const FailoverMemory& memory = world.node(act.node).engine->memory();
  const bool ordered =
      memory.cause == TakeoverCause::ordered || memory.cause == TakeoverCause::announced;
  if (failover.owner == Owner::vendor) return "the vendor's mechanism has the failover";
  if (failover.mode == Failover::Mode::automatic || act.node == kA || ordered) return std::nullopt;
  if (world.truth().released || act.command == Command::stop) return std::nullopt;
  return fmt::format("nobody ordered it: {}", command_name(act.command));
}

Complaint epoch_grows(const World& world, int node) {
  const auto durable = world.truth().epoch_durable[static_cast<std::size_t>(node)];
  const auto epoch = world.node(node).engine->memory().epoch;
  if (epoch >= durable) return std::nullopt;
  return fmt::format("epoch {} after {} had been kept", epoch, durable);
}

Complaint goes_on_after_a_start(const World& world, int which) {
  const Node& node = world.node(which);
  if (!node.kept || which != kB || world.scenario().both_primary) return std::nullopt;
  if (world.scenario().pair.failover.owner != Owner::tandem) return std::nullopt;
  const NodeState kept = node.kept->state;
  if (kept != activating && kept != active && kept != failback_hold && kept != latched)
    return std::nullopt;
  const FailoverMemory& memory = node.engine->memory();
  if (serves(memory.state) && memory.epoch == node.kept->epoch && memory.cause == node.kept->cause)
    return std::nullopt;
  return fmt::format("it was {} in epoch {}, and goes on as {} in epoch {}", state_name(kept),
                     node.kept->epoch, state_name(memory.state), memory.epoch);
}

Complaint does_not_flutter(const World& world, int) {
  constexpr int kTransitionsAMinute = 60;
  if (world.truth().transitions_in_minute <= kTransitionsAMinute) return std::nullopt;
  return "more than 60 transitions within a minute";
}

Complaint serves_in_time(const World& world) {
  const auto& since = world.truth().must_serve_since;
  if (!since || world.node(kB).host.answers_sip()) return std::nullopt;
  const Duration bound = serving_bound(world);
  if (world.now() - *since <= bound) return std::nullopt;
  return fmt::format(
      "A is dead and B well since {}, and B, {}, does not serve after {} s (attempt {})",
      clock_text(*since), state_name(world.node(kB).engine->state()), bound.count() / 1000,
      world.node(kB).engine->attempts());
}

Complaint phones_within_the_bound(const World& world) {
  const auto& since = world.truth().must_serve_since;
  if (!since) return std::nullopt;
  const auto& expiries = world.scenario().expiries;
  const Duration longest = *std::max_element(expiries.begin(), expiries.end());
  const Duration bound = std::max(longest, serving_bound(world)) +
                         world.scenario().pair.objectives.phone_switch + seconds{12};
  if (world.now() - *since <= bound) return std::nullopt;
  for (const Phone& phone : world.phones())
    if (!world.is_served(phone))
      return fmt::format("a phone with {} s of registration has no server {:.0f} s after the end",
                         phone.expiry().count() / 1000, seconds_of(world.now() - *since));
  return std::nullopt;
}

// A state in which only a person goes on, by what a person did or declared.
bool waits_for_a_person(const World& world) {
  const Scenario& scenario = world.scenario();
  const Failover& failover = scenario.pair.failover;
  const FailoverMemory& memory = world.node(kB).engine->memory();
  if (failover.owner != Owner::tandem || failover.mode != Failover::Mode::automatic ||
      failover.failback.mode == Failover::Failback::Mode::manual || !scenario.window_open ||
      scenario.both_primary)
    return true;
  if (memory.state == latched || memory.state == faulted) return true;
  // A takeover that a person ordered, or services that a person started.
  const bool ordered =
      world.truth().takeover_ordered && memory.cause == TakeoverCause::ordered && memory.held;
  // Asterisk that comes up by itself, as monit has it, is another hand to a node that stands by.
  const bool comes_back = world.scenario().has(FaultKind::asterisk_crash);
  // So are services of a takeover that the disk never took, to an operator that was started since.
  const bool unexplained =
      world.truth().hand_or_upgrade || comes_back || world.truth().takeover_forgotten;
  const bool by_hand = unexplained && memory.cause == TakeoverCause::by_hand && memory.held;
  return ordered || by_hand;
}

Complaint comes_to_rest(const World& world) {
  const Node& a = world.node(kA);
  const Node& b = world.node(kB);
  if (!a.engine || !b.engine) return "an operator does not run";
  // A clock that was set back makes what has an end longer, until a person ends it.
  if (world.scenario().has(FaultKind::clock_jumps) && !world.scenario().orders.empty())
    return std::nullopt;
  if (!a.host.answers_sip())
    return fmt::format("A does not serve, its operator is {}", state_name(a.engine->state()));
  if (waits_for_a_person(world)) return std::nullopt;
  const NodeState state = b.engine->state();
  if (b.host.asterisk_runs() || state != standby)
    return fmt::format("B is {}, cause {}{}, and its Asterisk {}", state_name(state),
                       cause_name(b.engine->memory().cause),
                       b.engine->memory().held ? ", held" : "",
                       b.host.asterisk_runs() ? "runs" : "is stopped");
  return std::nullopt;
}

constexpr OnAct kActs[] = {
    {"WrittenBeforeActed",
     "the decision is on the disk before the act; only a confirmed HostDown goes without",
     is_on_disk},
    {"OnlyByDecision",
     "no operator starts or stops services because it was stopped, killed or started",
     has_a_mandate},
    {"PrimaryNeverStops",
     "the primary stops telephony by a switchover only, while the secondary serves",
     primary_stops_by_switchover},
    {"ConflictChangesNothing", "where both are declared primary no service changes",
     conflict_changes_nothing},
    {"AdviceIsNoAct", "in advise and manual nothing is started without an order", advice_is_no_act},
};

constexpr OnTurn kTurns[] = {
    {"EpochOnlyGrows", "an epoch that was kept is never undercut", epoch_grows},
    {"TakeoverIsFinished",
     "an operator that starts goes on with the takeover that it finds, in its epoch",
     goes_on_after_a_start},
    {"NoLivelock", "states do not chase each other", does_not_flutter},
};

constexpr Always kLasting[] = {
    {"ServesInTime",
     "with the primary dead and the secondary well it serves within the confirm time and its start "
     "time",
     serves_in_time},
    {"PhonesWithinTheBound", "phones are served again within the bound that the status tells",
     phones_within_the_bound},
};

constexpr Always kFinal[] = {
    {"ComesToRest", "after enough quiet exactly the primary serves, or a person is waited for",
     comes_to_rest},
};

}  // namespace

Duration serving_bound(const World& world) {
  // Until the silence shows, a failback that began a moment before, own SIP, and the loop's pause.
  constexpr seconds kMargin{45};
  const Scenario& scenario = world.scenario();
  return world.truth().confirm_max + scenario.start_time[kB] + scenario.stop_time[kB] + kMargin +
         world.truth().extra;
}

std::span<const OnAct> act_oracles() { return kActs; }
std::span<const OnTurn> turn_oracles() { return kTurns; }
std::span<const Always> lasting_oracles() { return kLasting; }
std::span<const Always> final_oracles() { return kFinal; }

}  // namespace tandem::sim

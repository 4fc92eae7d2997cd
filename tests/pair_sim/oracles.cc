#include "tests/pair_sim/oracles.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::sim {
namespace {

using std::chrono::seconds;
using enum NodeState;

double seconds_of(Instant::duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

// A takeover that no order began.

Complaint is_allowed(const World& world, const Transition&) {
  const Scenario& scenario = world.scenario();
  const Failover& failover = scenario.pair.failover;
  if (failover.owner != Owner::tandem) return "the vendor's mechanism has the failover";
  if (failover.mode != Failover::Mode::automatic) return "the mode is not automatic";
  if (!scenario.wizard_passed) return "the wizard of B has not passed";
  if (!scenario.replicated) return "B never had a copy";
  if (world.node(kB).host.upgrading()) return "an upgrade runs on B";
  return std::nullopt;
}

Complaint is_silent_long_enough(const World& world, const Transition& transition) {
  const Truth& truth = world.truth();
  const Duration needed = confirm_time(world, transition.cause);
  Instant heard = kBegin - std::chrono::hours{1};
  if (truth.sip_good_last) heard = std::max(heard, *truth.sip_good_last);
  if (truth.vouched_last) heard = std::max(heard, *truth.vouched_last);
  if (world.now() - heard >= needed) return std::nullopt;
  return fmt::format(
      "SIP of A was answered, or vouched for, {:.1f} s ago, and the confirm time is {} s",
      seconds_of(world.now() - heard), needed.count() / 1000);
}

Complaint is_no_stall(const World& world, const Transition& transition) {
  const auto& stall = world.truth().stall_end;
  const Duration needed = confirm_time(world, transition.cause);
  if (!stall || world.now() - *stall >= needed) return std::nullopt;
  return fmt::format("B's loop stood still until {:.1f} s ago", seconds_of(world.now() - *stall));
}

// B is truly cut off: without a carrier, or without the witness that answered until A fell silent.
Complaint is_not_cut_off(const World& world, const Transition& transition) {
  const Truth& truth = world.truth();
  if (world.network().no_carrier[kB] > 0) return "B's own cable is out";
  const Duration needed = confirm_time(world, transition.cause);
  if (truth.isolated_last && world.now() - *truth.isolated_last < needed)
    return fmt::format("B was Isolated {:.1f} s ago",
                       seconds_of(world.now() - *truth.isolated_last));
  if (!truth.heard_last || transition.cause != TakeoverCause::host_down) return std::nullopt;
  constexpr seconds kSurelyFresh{50}, kSurelySilent{7};
  bool fresh = false, answers = false;
  for (const auto& last : truth.witness_last) {
    // After a boot of B a witness may be gone for good: it is not waited for for ever.
    if (!last || *last < world.node(kB).grace_from) continue;
    fresh = fresh || *last >= *truth.heard_last - kSurelyFresh;
    answers = answers || world.now() - *last <= kSurelySilent;
  }
  if (fresh && !answers) return "no witness answers B either, and one did until A fell silent";
  return std::nullopt;
}

Complaint is_not_suspended(const World& world, const Transition&) {
  const Truth& truth = world.truth();
  if (!truth.suspended_until[kB] || world.now() >= *truth.suspended_until[kB]) return std::nullopt;
  return fmt::format("suspended for {:.0f} s more",
                     seconds_of(*truth.suspended_until[kB] - world.now()));
}

Complaint respects_maintenance(const World& world, const Transition&) {
  const auto& announced = world.truth().announced;
  if (!announced || announced->take_over || world.now() >= announced->until) return std::nullopt;
  // What could not be written down may be forgotten.
  if (world.scenario().has(FaultKind::disk_refuses)) return std::nullopt;
  return fmt::format("A announced a maintenance that lasts {:.0f} s more",
                     seconds_of(announced->until - world.now()));
}

Complaint is_no_restart(const World& world, const Transition&) {
  const Truth& truth = world.truth();
  if (!truth.restart_since || !world.scenario().peer_link) return std::nullopt;
  const Network& network = world.network();
  if (!network.is_good(kA, kB) || network.peer_link_down > 0 || !world.operator_runs(kA))
    return std::nullopt;
  if (world.node(kA).started_at > *truth.restart_since) return std::nullopt;
  return fmt::format("A's wazo-service restart began {:.0f} s ago",
                     seconds_of(world.now() - *truth.restart_since));
}

// B begins to leave.

Complaint answered_for_the_hold(const World& world, const Transition&) {
  const Truth& truth = world.truth();
  const Failover& failover = world.scenario().pair.failover;
  const Duration hold = failover.failback.hold;
  if (!truth.sip_good_since) return "A does not answer SIP without a miss";
  if (world.now() - *truth.sip_good_since < hold)
    return fmt::format("A has answered for {:.1f} s, and the hold is {} s",
                       seconds_of(world.now() - *truth.sip_good_since), hold.count() / 1000);
  if (world.now() - *truth.sip_good_last > Hearing::kPeriodsValid * failover.sip.period)
    return "A has not been asked for three periods";
  return std::nullopt;
}

Complaint failbacks_are_bounded(const World& world, const Transition& transition) {
  const Truth& truth = world.truth();
  const bool automatic = transition.cause == TakeoverCause::host_down ||
                         transition.cause == TakeoverCause::service_down;
  if (!automatic || truth.released) return std::nullopt;
  const auto allowed = world.scenario().pair.failover.max_takeovers - 1;
  if (static_cast<int>(truth.failbacks.size()) < allowed) return std::nullopt;
  return fmt::format("automatic failback number {} within the window", truth.failbacks.size() + 1);
}

Complaint failback_not_suspended(const World& world, const Transition& transition) {
  return is_not_suspended(world, transition);
}

Complaint hand_started_stays(const World& world, const Transition&) {
  if (!world.truth().hand_started) return std::nullopt;
  return "a person started these services, and nobody let them go";
}

constexpr OnTakeover kTakeover[] = {
    {"OnlyWhereAllowed",
     "no automatic takeover for owner vendor, in advise or manual, before the wizard or a copy",
     is_allowed},
    {"SilentForTheConfirmTime",
     "SIP of the primary was really silent towards the secondary for the confirm time",
     is_silent_long_enough},
    {"StallVoidsEvidence", "nothing that was gathered before a stall counts for a takeover",
     is_no_stall},
    {"NeverFromIsolated", "a node that is cut off never takes over by itself", is_not_cut_off},
    {"SuspensionHolds",
     "no automatic takeover or failback for as long as a suspension was ordered, whatever the "
     "clock does",
     is_not_suspended},
    {"MaintenanceIsRespected", "no takeover from a primary that announced to be back",
     respects_maintenance},
    {"RestartIsNoTakeover",
     "a wazo-service restart of two minutes causes no takeover where the peer link is up",
     is_no_restart},
};

constexpr OnFailback kFailback[] = {
    {"AnsweredForTheHold",
     "the secondary never begins to stop before the primary has really answered SIP for the whole "
     "hold",
     answered_for_the_hold},
    {"FailbacksAreBounded",
     "automatic failbacks within the window stay below maxTakeovers, over crashes and reboots",
     failbacks_are_bounded},
    {"SuspensionHolds",
     "no automatic takeover or failback for as long as a suspension was ordered, whatever the "
     "clock does",
     failback_not_suspended},
    {"HandStartedStays", "what a person started is not stopped before a person lets it go",
     hand_started_stays},
};

}  // namespace

Duration confirm_time(const World& world, TakeoverCause cause) {
  const Failover& failover = world.scenario().pair.failover;
  if (cause == TakeoverCause::host_down) return failover.confirm_host_down;
  const Truth& truth = world.truth();
  const bool told = truth.told_last &&
                    world.now() - *truth.told_last <= Hearing::kPeriodsValid * failover.peer.period;
  return service_confirmation(failover, told ? truth.told_trouble : ServiceTrouble::unknown);
}

std::span<const OnTakeover> takeover_oracles() { return kTakeover; }
std::span<const OnFailback> failback_oracles() { return kFailback; }

std::vector<Named> all_oracles() {
  std::vector<Named> all;
  const auto add = [&](std::string_view name, std::string_view sentence) {
    if (std::none_of(all.begin(), all.end(),
                     [&](const Named& known) { return known.name == name; }))
      all.push_back({name, sentence});
  };
  for (const auto& oracle : takeover_oracles()) add(oracle.name, oracle.sentence);
  for (const auto& oracle : failback_oracles()) add(oracle.name, oracle.sentence);
  for (const auto& oracle : act_oracles()) add(oracle.name, oracle.sentence);
  for (const auto& oracle : turn_oracles()) add(oracle.name, oracle.sentence);
  for (const auto& oracle : lasting_oracles()) add(oracle.name, oracle.sentence);
  for (const auto& oracle : final_oracles()) add(oracle.name, oracle.sentence);
  add(kJumpsChangeNothing, kJumpsSentence);
  return all;
}

}  // namespace tandem::sim

#include "reconciler/failover/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace tandem {
namespace {

using enum NodeState;

bool is_down(PrimaryVerdict verdict) {
  return verdict == PrimaryVerdict::host_down || verdict == PrimaryVerdict::service_down;
}

// Whoever served because of this leaves by itself.
bool is_automatic(TakeoverCause cause) {
  return cause == TakeoverCause::host_down || cause == TakeoverCause::service_down;
}

bool host_down_confirmed(const Situation& now) {
  const Weighed& heard = now.weighed();
  return heard.verdict == PrimaryVerdict::host_down && heard.host_down_since &&
         now.now - *heard.host_down_since >= now.pair->failover.confirm_host_down;
}

bool service_down_confirmed(const Situation& now) {
  const Weighed& heard = now.weighed();
  if (!is_down(heard.verdict) || !now.memory->sip_seen || !heard.service_down_since) return false;
  const Failover& failover = now.pair->failover;
  // One word that says otherwise, or one that was lost, must not make an old silence count by a
  // shorter time; and troubles that take turns must not keep the longest from counting.
  const Instant since = std::max(*heard.service_down_since, heard.trouble_since);
  const Duration longest =
      std::max({failover.confirm_service_failed, failover.confirm_service_restarting,
                failover.confirm_service_unknown});
  return now.now - since >= service_confirmation(failover, heard.trouble) ||
         now.now - *heard.service_down_since >= longest;
}

// The primary said that it goes, and that this node should serve meanwhile.
bool takeover_announced(const Situation& now) {
  return now.weighed().verdict == PrimaryVerdict::maintenance && now.hearing->announced() &&
         now.hearing->announced()->take_over;
}

bool hold_over(const Situation& now) {
  const auto since = hold_since(now);
  return since && now.now - *since >= now.pair->failover.failback.hold;
}

bool calls_over(const Situation& now) {
  if (calls_counted(now) && *now.own.calls == 0) return true;
  const auto since = hold_since(now);
  const auto& failback = now.pair->failover.failback;
  return since && now.now - *since >= failback.hold + failback.wait_for_calls;
}

bool all_hold(std::span<const Guard> guards, const Situation& now) {
  return std::all_of(guards.begin(), guards.end(), [&](Guard guard) { return holds(guard, now); });
}

// Which of the guards that stand before every act of ours hold.
bool may_act(const Situation& now) {
  return holds(Guard::owner, now) && holds(Guard::gate, now) && holds(Guard::suspension, now) &&
         holds(Guard::no_conflict, now);
}

bool runs(const Situation& now) {
  if (now.own.known) return now.own.sip_unit_up;
  return now.weighed().own_sip == OwnSip::answers;
}

// Own SIP, silent since it is believed to be; in a state that was entered a moment ago it may still
// be on its way up.
bool own_silence_lasts(const Situation& now) {
  const auto& silent = now.weighed().own_sip_silent_since;
  return silent && now.now - std::max(*silent, now.since) >= kOwnSilence;
}

// Where the units can not be read, silence must have lasted: what was to be stopped a moment ago
// may just have crashed, and come up again.
bool is_stopped(const Situation& now) {
  return now.own.known ? now.own.all_down : own_silence_lasts(now);
}

// An operator before this one was to stop the services of a takeover, and some of them run on.
bool failback_cut_short(const Situation& now) {
  const TakeoverCause cause = now.memory->cause;
  return now.memory->state == rejoining && now.undecided && holds(Guard::owner, now) &&
         cause != TakeoverCause::none && cause != TakeoverCause::by_hand && now.own.known &&
         !now.own.all_down;
}

// Its stop may still be under way, and ends it then; else it is undone, and begins with the hold
// anew. What is half stopped must not stay so, to come up later as if by another hand.
bool failback_undone(const Situation& now) {
  const PrimaryVerdict verdict = now.weighed().verdict;
  const bool gone = verdict != PrimaryVerdict::unknown && verdict != PrimaryVerdict::serving;
  return failback_cut_short(now) &&
         (gone || now.now - now.since >= now.pair->failover.deactivation_timeout);
}

// A node that starts must end up somewhere, also where some of its units run.
bool counts_as_stopped(const Situation& now) {
  if (failback_cut_short(now)) return false;
  if (now.memory->state != rejoining) return is_stopped(now);
  return now.own.known ? !now.own.sip_unit_up && !now.own.sip_unit_starting : is_stopped(now);
}

// Whoever started the services stopped them: the vendor's mechanism, or a person.
bool stopped_by_other(const Situation& now) {
  if (now.pair->failover.owner == Owner::vendor) return is_stopped(now);
  return now.memory->cause == TakeoverCause::by_hand && now.own.known && now.own.all_down;
}

// Services that we stopped ourselves are started by us. A stop of ours may still be under way, and
// one look before it found all well: what counts is a look that was made to start them.
bool started_again(const Situation& now) {
  if (!now.memory->start_again) return true;
  const bool looked = now.own.looked_for == Stance::serving && now.own_seen > now.since;
  return looked && !now.own.disabled && (!now.own.known || now.own.sip_unit_up);
}

// A maintenance does not stop the services: those of a takeover are its own still, also where one
// of them has crashed meanwhile.
bool takeover_goes_on(const Situation& now) {
  if (now.memory->cause == TakeoverCause::none) return false;
  return now.own.known ? !now.own.all_down : runs(now);
}

bool retry_is_due(const Situation& now) {
  const FailoverMemory& memory = *now.memory;
  const bool wanted = now.pair->failover.mode == Failover::Mode::automatic ||
                      (memory.fault_of_activation && !is_automatic(memory.cause));
  const PrimaryVerdict verdict = now.weighed().verdict;
  const bool gone = is_down(verdict) || verdict == PrimaryVerdict::maintenance;
  // A start that failed was confirmed before it; after a stop that failed the primary served.
  const bool sure =
      memory.fault_of_activation || (holds(Guard::confirmed, now) && holds(Guard::grace, now));
  return may_act(now) && wanted && gone && sure && holds(Guard::wizard, now) &&
         now.now - now.since >= retry_pause(now.attempts);
}

bool flaps(const Situation& now) {
  const FailoverMemory& memory = *now.memory;
  if (memory.failback_ordered || !is_automatic(memory.cause)) return false;
  const Failover& failover = now.pair->failover;
  return failbacks_within(memory, failover.flapping_window, now.wall) + 1 >=
         static_cast<std::size_t>(failover.max_takeovers);
}

bool ordered(const Situation& now, Order::Kind kind) {
  return now.order && now.order->kind == kind;
}

void enter_activating(const Situation& now, const Row& row, FailoverMemory& memory,
                      Decision& decision) {
  // The services of a takeover that lasts are started again, or its last attempt is repeated.
  const bool goes_on =
      row.from == active || row.from == latched ||
      (row.from == faulted && memory.fault_of_activation && row.when != When::takeover_ordered);
  if (goes_on) return;
  ++memory.epoch;
  memory.cause = row.when == When::takeover_ordered ? TakeoverCause::ordered
                 : takeover_announced(now)          ? TakeoverCause::announced
                 : host_down_confirmed(now)         ? TakeoverCause::host_down
                                                    : TakeoverCause::service_down;
  memory.held = !is_automatic(memory.cause);
  memory.failback_ordered = false;
  decision.cause = memory.cause;
}

// What is remembered of a state that is entered.
void enter(const Situation& now, const Row& row, Decision& decision) {
  FailoverMemory& memory = decision.memory;
  switch (row.to) {
    case activating: enter_activating(now, row, memory, decision); break;
    case active:
      memory.maintenance.reset();
      // A failback that was cut short is none of another hand: it begins with the hold anew.
      if (row.when == When::services_run && memory.cause == TakeoverCause::none) {
        ++memory.epoch;
        memory.cause = decision.cause = TakeoverCause::by_hand;
        // The vendor's upgrade ends with a start of everything, on a node that stood by as well.
        memory.held = !(now.own_upgraded && now.now - *now.own_upgraded < kUpgradeStarts);
        memory.failback_ordered = false;
      }
      break;
    case faulted: memory.fault_of_activation = row.from == activating; break;
    case failback_hold:
      // Whoever lets a latched failback go on empties the window.
      if (row.from == latched) memory.failbacks.clear();
      break;
    case deactivating:
      if (memory.failback_ordered)
        memory.failbacks.clear();
      else if (is_automatic(memory.cause))
        memory.note_failback(now.wall);
      break;
    case standby:
      memory.cause = TakeoverCause::none;
      memory.held = memory.failback_ordered = memory.fault_of_activation = false;
      break;
    case maintenance:
      memory.maintenance = now.order->maintenance;
      // What a switchover before this one stopped has not come up yet.
      memory.start_again =
          memory.start_again || (now.role == Role::primary && now.order->maintenance.stopped);
      break;
    case rejoining: memory.maintenance.reset(); break;
    case serving: memory.start_again = false; break;
    case suspect: decision.evidence_anew = row.from == isolated; break;
    case off:
    case isolated:
    case latched:
    case degraded: break;
  }
}

}  // namespace

bool holds(Guard guard, const Situation& now) {
  const Failover& failover = now.pair->failover;
  const FailoverMemory& memory = *now.memory;
  switch (guard) {
    case Guard::owner: return failover.owner == Owner::tandem;
    case Guard::mode: return failover.mode == Failover::Mode::automatic || takeover_announced(now);
    case Guard::gate: return now.gate_open;
    case Guard::suspension: return !now.suspended;
    case Guard::no_conflict: return !now.role_conflict;
    case Guard::wizard: return now.fit.wizard_passed;
    case Guard::replicated: return now.fit.replicated;
    case Guard::grace: return now.grace_over || takeover_announced(now);
    case Guard::confirmed:
      return host_down_confirmed(now) || service_down_confirmed(now) || takeover_announced(now);
    case Guard::durable: return now.durable || now.weighed().verdict == PrimaryVerdict::host_down;
    case Guard::held: return !memory.held || memory.failback_ordered;
    case Guard::hold: return hold_over(now);
    case Guard::failback_mode:
      return memory.failback_ordered ||
             (failover.mode == Failover::Mode::automatic &&
              failover.failback.mode == Failover::Failback::Mode::automatic);
    case Guard::upgrade: return !now.upgraded || *now.upgraded != now.now;
    case Guard::calls: return calls_over(now);
    case Guard::window: return now.in_window || memory.failback_ordered;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::chrono::seconds retry_pause(int attempts) {
  const auto last = static_cast<int>(std::size(kRetryPauses)) - 1;
  return kRetryPauses[std::clamp(attempts - 1, 0, last)];
}

std::size_t failbacks_within(const FailoverMemory& memory, Duration window, WallTime wall) {
  return static_cast<std::size_t>(
      std::count_if(memory.failbacks.begin(), memory.failbacks.end(),
                    [&](WallTime when) { return wall - when < window; }));
}

// Every one of these starts it anew.
std::optional<Instant> hold_since(const Situation& now) {
  const auto& answering = now.weighed().answering_since;
  if (!answering) return std::nullopt;
  const Instant upgraded = now.upgraded.value_or(Instant::min());
  return std::max({*answering, now.since, upgraded});
}

bool secondary_serves(const Situation& now) {
  const PeerWord* word = now.hearing->word();
  return word && word->role == Role::secondary && word->sip == OwnSip::answers &&
         (word->state == active || word->state == failback_hold || word->state == latched);
}

Facts facts_of(const Situation& now) {
  const Weighed& heard = now.weighed();
  const PrimaryVerdict verdict = heard.verdict;
  const FailoverMemory& memory = *now.memory;
  const Failover& failover = now.pair->failover;
  const bool cut_off = verdict == PrimaryVerdict::isolated;
  const bool known = verdict != PrimaryVerdict::unknown;
  const bool answers = heard.own_sip == OwnSip::answers;
  const bool failback_due = memory.state == failback_hold && all_hold(now.rules->failback, now);

  Facts facts;
  facts[When::services_run] = runs(now);
  facts[When::failback_undone] = failback_undone(now);
  facts[When::services_stopped] = counts_as_stopped(now);
  facts[When::stopped_by_other] = stopped_by_other(now);
  facts[When::own_sip_answers] = answers && (now.role != Role::primary || started_again(now));
  facts[When::own_sip_silent] = own_silence_lasts(now);
  facts[When::recovered] = answers && (memory.fault_of_activation || is_down(verdict));
  // After a start that failed silence alone tells nothing: an Asterisk that hangs may come up yet,
  // and would then be taken for somebody else's.
  facts[When::standing_by_after_all] = verdict == PrimaryVerdict::serving && is_stopped(now) &&
                                       (now.own.known || !memory.fault_of_activation);
  facts[When::primary_suspected] = known && verdict != PrimaryVerdict::serving;
  facts[When::primary_answers_again] = heard.serving_in_a_row >= now.rules->answers_in_a_row;
  facts[When::primary_serves] = heard.answering_since && holds(Guard::held, now);
  facts[When::primary_missed] = !heard.answering_since;
  facts[When::cut_off] = cut_off;
  facts[When::reachable_again] = known && !cut_off && verdict != PrimaryVerdict::serving;
  facts[When::takeover_due] = memory.state == suspect && all_hold(now.rules->takeover, now);
  facts[When::takeover_ordered] = ordered(now, Order::Kind::takeover) && may_act(now);
  facts[When::activation_overdue] = now.now - now.since >= failover.activation_timeout;
  facts[When::retry_due] = memory.state == faulted && retry_is_due(now);
  facts[When::would_flap] = failback_due && flaps(now);
  facts[When::failback_due] = failback_due;
  facts[When::failback_released] = memory.failback_ordered || ordered(now, Order::Kind::ack);
  facts[When::deactivation_overdue] = now.now - now.since >= failover.deactivation_timeout;
  facts[When::acknowledged] = ordered(now, Order::Kind::ack);
  facts[When::maintenance_ordered] = ordered(now, Order::Kind::maintenance);
  facts[When::switchover_ready] =
      ordered(now, Order::Kind::switchover) && secondary_serves(now) && may_act(now);
  const bool over = now.maintenance_over || ordered(now, Order::Kind::end_maintenance);
  facts[When::takeover_goes_on] = over && takeover_goes_on(now);
  facts[When::maintenance_over] = over;
  return facts;
}

Decision decide(const Situation& now) {
  Decision decision;
  const Row* row = next_row(now.rules->rows_of(now.role), now.memory->state, facts_of(now));
  if (row == nullptr) return decision;
  decision.memory = *now.memory;
  decision.row = row;
  decision.memory.state = row->to;
  decision.memory.state_since = now.wall;
  decision.carries_out_order =
      row->when == When::takeover_ordered || row->when == When::acknowledged ||
      row->when == When::maintenance_ordered || row->when == When::switchover_ready ||
      (row->when == When::failback_released && ordered(now, Order::Kind::ack)) ||
      (row->from == maintenance && ordered(now, Order::Kind::end_maintenance));
  enter(now, *row, decision);
  return decision;
}

Start start_from(const Rules& rules, Role role, const HAPair& pair, FailoverMemory kept,
                 WallTime wall) {
  Start start;
  // What the vendor's mechanism starts and stops is only followed.
  const bool followed = pair.failover.owner == Owner::vendor && kept.state != maintenance;
  start.row = &start_row(rules.starts_of(role), followed ? rejoining : kept.state);
  start.memory = std::move(kept);
  if (start.memory.state != start.row->to) start.memory.state_since = wall;
  start.memory.state = start.row->to;
  return start;
}

Stance stance_of(Role role, const HAPair& pair, const FailoverMemory& memory) {
  if (pair.failover.owner == Owner::vendor || role == Role::off) return Stance::as_is;
  if (role == Role::primary) {
    if (memory.state == maintenance && memory.maintenance && memory.maintenance->stopped)
      return Stance::standing_by;
    return memory.start_again && memory.state != maintenance ? Stance::serving : Stance::as_is;
  }
  if (memory.state == deactivating) return Stance::standing_by;
  // What somebody else started is theirs to keep going.
  const bool started_again =
      memory.state == activating && pair.failover.mode == Failover::Mode::automatic;
  const bool ours = memory.cause != TakeoverCause::by_hand || started_again;
  return serves(memory.state) && ours ? Stance::serving : Stance::as_is;
}

bool calls_counted(const Situation& now) {
  return now.own.calls && now.own.calls_at && now.now - *now.own.calls_at <= kCallsFresh;
}

bool waits_for_calls(const Situation& now) {
  if (now.memory->state != failback_hold || calls_over(now)) return false;
  const auto guards = now.rules->failback;
  return std::all_of(guards.begin(), guards.end(),
                     [&](Guard guard) { return guard == Guard::calls || holds(guard, now); });
}

// The vendor's command has run where the node served already: what does not answer any more is
// restarted by us alone.
bool starts_by_parts(const Situation& now) {
  return now.memory->state == activating && (now.attempts >= 2 || now.served);
}

std::string pair_key(const HAPair& pair, std::string_view node) {
  return fmt::format("{} primary={}/{} secondary={}/{}", node, pair.primary.name,
                     pair.primary.address, pair.secondary.name, pair.secondary.address);
}

bool same_role(std::string_view key, std::string_view other) {
  const auto has = [](std::string_view text, std::string_view role) {
    const auto node = text.substr(0, text.find(' '));
    return !node.empty() && text.find(fmt::format(" {}={}/", role, node)) != text.npos;
  };
  return (has(key, "primary") && has(other, "primary")) ||
         (has(key, "secondary") && has(other, "secondary"));
}

}  // namespace tandem

// What really happened is noted here, beside the nodes, and handed to the oracles.
#include <algorithm>
#include <iterator>

#include "tests/pair_sim/oracles.h"
#include "tests/pair_sim/world.h"

namespace tandem::sim {
namespace {

using std::chrono::seconds;
using enum NodeState;

bool is_automatic(TakeoverCause cause) {
  return cause == TakeoverCause::host_down || cause == TakeoverCause::service_down;
}

// What may stand in the way of the state in which B is when it has to serve: the longest pause of
// the retries, and a command under way that comes to nothing.
Duration extra_of(NodeState state, const Scenario& scenario) {
  if (state != activating && state != deactivating && state != faulted) return {};
  return kRetryPauses[std::size(kRetryPauses) - 1] + scenario.start_time[kB] +
         scenario.stop_time[kB];
}

}  // namespace

void World::note_heard(ProbeKind kind, const Sample& sample) {
  const bool answers = sample.heard == Heard::answers;
  switch (kind) {
    case ProbeKind::icmp:
    case ProbeKind::peer:
      if (answers) truth_.heard_last = now_;
      return;
    case ProbeKind::sip:
      if (answers) truth_.heard_last = now_;
      truth_.sip_poor = answers && sample.poor;
      if (!answers || sample.poor) {
        truth_.sip_good_since.reset();
        return;
      }
      truth_.sip_good_last = now_;
      if (!truth_.sip_good_since) truth_.sip_good_since = now_;
      return;
    case ProbeKind::witness_first:
    case ProbeKind::witness_second:
      if (answers) truth_.witness_last[kind == ProbeKind::witness_first ? 0 : 1] = now_;
      return;
    case ProbeKind::own_sip: return;
  }
}

void World::note_word(const PeerWord& word) {
  truth_.told_last = now_;
  truth_.told_trouble = word.trouble;
  // Who answers 503 does not serve, whatever it says of itself.
  if (word.sip == OwnSip::answers && !truth_.sip_poor) truth_.vouched_last = now_;
  if (!word.maintenance) {
    truth_.announced.reset();
    return;
  }
  const auto left = word.maintenance->until - wall(kB);
  if (!truth_.announced || truth_.announced->told != word.maintenance->until)
    truth_.announced = Announcement{word.maintenance->until,
                                    now_ + std::max<std::chrono::nanoseconds>(left, seconds{0}),
                                    word.maintenance->take_over};
}

// Before a turn: whether its loop was away for too long.
void World::note_turn(int which) {
  if (which != kB) return;
  const Node& b = node(kB);
  if (b.turned_at && now_ - *b.turned_at > Listening{}.stall) {
    truth_.stall_end = now_;
    truth_.sip_good_since.reset();
  }
  const auto is_recent = [&](const std::optional<Instant>& last) {
    return last && now_ - *last <= seconds{3};
  };
  const bool hears = is_recent(truth_.heard_last) || is_recent(truth_.witness_last[0]) ||
                     is_recent(truth_.witness_last[1]);
  if (b.engine->state() == isolated && !hears) truth_.isolated_last = now_;
  if (b.host.upgrading()) truth_.upgraded_last = now_;
  if (network_.no_carrier[kB] == 0) truth_.no_carrier_since.reset();
  if (network_.no_carrier[kB] > 0 && !truth_.no_carrier_since) truth_.no_carrier_since = now_;
}

void World::note_transition(int which, const Transition& transition, bool at_start) {
  trace_.mix((static_cast<std::uint64_t>(transition.from) << 8U) ^
             static_cast<std::uint64_t>(transition.to) ^ static_cast<std::uint64_t>(which) << 16U);
  trace_.mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  if (trace_.told())
    trace_.line(now_, which,
                fmt::format("{} -> {}: {} (verdict {}, epoch {})", state_name(transition.from),
                            state_name(transition.to), transition.why,
                            verdict_name(node(which).engine->hearing().weighed().verdict),
                            transition.epoch));
  if (!truth_.minute || now_ - *truth_.minute >= seconds{60}) {
    truth_.minute = now_;
    truth_.transitions_in_minute = 0;
  }
  ++truth_.transitions_in_minute;
  if (which != kB) return;
  const bool begins = transition.to == activating && !at_start && transition.from != active &&
                      transition.from != latched && !(transition.from == faulted && truth_.mandate);
  if (begins || (transition.to == active && transition.from != activating &&
                 transition.from != failback_hold))
    ++outcome_.takeovers[static_cast<std::size_t>(transition.cause)];
  if (begins && is_automatic(transition.cause)) {
    const bool at_work = node(kA).host.answers_sip() && !network_.is_cut(kA, kPhones);
    if (at_work) ++outcome_.false_takeovers;
    for (const OnTakeover& oracle : takeover_oracles())
      report(oracle.name, oracle.judge(*this, transition));
  }
  if (begins || transition.to == active) truth_.mandate = true;
  if (begins) truth_.released = truth_.hand_started = false;
  // What a person started and what then failed is taken over anew by an order, and is the order's.
  const bool by_order = transition.cause == TakeoverCause::ordered && truth_.takeover_ordered &&
                        now_ - *truth_.takeover_ordered <= FailoverEngine::kOrderLimit;
  if (transition.from == faulted && transition.to == activating && by_order)
    truth_.hand_started = false;
  if (transition.to == deactivating) {
    for (const OnFailback& oracle : failback_oracles())
      report(oracle.name, oracle.judge(*this, transition));
    if (is_automatic(transition.cause) && !truth_.released) {
      truth_.failbacks.push_back(now_);
      ++outcome_.failbacks;
    }
  }
  if (transition.to == standby)
    truth_.mandate = truth_.hand_started = truth_.takeover_forgotten = false;
}

void World::note_order(int which, const Order& order) {
  const Instant until = now_ + std::chrono::duration_cast<Duration>(order.until - wall(which));
  switch (order.kind) {
    case Order::Kind::suspend:
      truth_.suspended_until[static_cast<std::size_t>(which)] = until;
      return;
    case Order::Kind::resume:
      truth_.suspended_until[static_cast<std::size_t>(which)].reset();
      return;
    case Order::Kind::switchover:
      if (which == kA) truth_.switchover_until = until;
      return;
    case Order::Kind::takeover:
      if (which == kB) truth_.takeover_ordered = now_;
      return;
    case Order::Kind::failback:
    case Order::Kind::ack:
      if (which != kB) return;
      truth_.released = true;
      truth_.hand_started = false;
      truth_.failbacks.clear();
      return;
    case Order::Kind::maintenance:
    case Order::Kind::end_maintenance: return;
  }
}

void World::forget_failbacks() {
  if (!truth_.failbacks.empty()) outcome_.failback_after_long_jump = true;
  truth_.failbacks.clear();
}

// The confirm time that the declaration gives for what is wrong with A now.
Duration World::confirmation_due() const {
  const Failover& failover = scenario_.pair.failover;
  const Host& a = node(kA).host;
  if (!a.is_up()) return failover.confirm_host_down;
  if (!scenario_.peer_link || network_.peer_link_down > 0 || !operator_runs(kA))
    return failover.confirm_service_unknown;
  return service_confirmation(failover, a.trouble());
}

// Whether everything is there that B needs to serve for A, and A does not.
bool World::b_should_serve() const {
  const Node& b = node(kB);
  const Host::Broken& broken = b.host.broken;
  const Failover& failover = scenario_.pair.failover;
  const bool allowed = failover.owner == Owner::tandem &&
                       failover.mode == Failover::Mode::automatic && !scenario_.both_primary &&
                       scenario_.wizard_passed && scenario_.replicated &&
                       !(truth_.suspended_until[kB] && now_ < *truth_.suspended_until[kB]) &&
                       !(truth_.announced && !truth_.announced->take_over);
  const bool healthy =
      b.host.is_up() && operator_runs(kB) && !b.kept && b.disk.refusals == 0 &&
      b.engine->durable() && b.engine->state() != maintenance && broken.asterisk == 0 &&
      broken.hangs == 0 && broken.answers_badly == 0 && broken.starts == 0 && broken.parts == 0 &&
      broken.stops == 0 && broken.units == 0 && b.host.command() != Command::restart &&
      b.host.command() != Command::upgrade && now_ >= b.grace_from + failover.boot_grace;
  bool hears = scenario_.witnesses == 0;
  for (int i = 0; i < scenario_.witnesses; ++i)
    hears = hears || (network_.witness_dead[static_cast<std::size_t>(i)] == 0 &&
                      network_.is_good(kB, kWitness + i));
  const bool connected = hears && network_.no_carrier[kB] == 0 && network_.is_good(kA, kB) &&
                         network_.sip_filtered[kB] == 0 && network_.is_good(kB, kPhones);
  return !node(kA).host.answers_sip() && allowed && healthy && connected &&
         truth_.sip_good_last.has_value();
}

void World::look_around() {
  if (node(kB).host.answers_sip()) truth_.b_served_last = now_;
  if (!b_should_serve()) {
    truth_.must_serve_since.reset();
  } else {
    const Duration due = confirmation_due();
    if (!truth_.must_serve_since) {
      truth_.must_serve_since = now_;
      truth_.confirm_max = due;
      truth_.extra = extra_of(node(kB).engine->state(), scenario_);
    }
    truth_.confirm_max = std::max(truth_.confirm_max, due);
  }
  for (const Always& oracle : lasting_oracles()) report(oracle.name, oracle.judge(*this));
}

bool World::is_served(const Phone& phone) const {
  for (int which = 0; which < kNodes; ++which)
    if (phone.is_registered_at(which, now_) && node(which).host.answers_sip() &&
        !network_.is_cut(which, kPhones))
      return true;
  return false;
}

void World::follow_phones() {
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    auto& since = outages_[i];
    const bool served = is_served(phones_[i]);
    if (!served && !since) since = now_;
    if (!served || !since) continue;
    const auto lasted = std::chrono::duration_cast<Duration>(now_ - *since);
    since.reset();
    // Nobody had registered before the story began.
    if (now_ < kBegin + std::chrono::minutes{2}) continue;
    ++outcome_.outages;
    outcome_.outage_sum += lasted;
    outcome_.outage_worst = std::max(outcome_.outage_worst, lasted);
  }
}

void World::phone(std::uint32_t index) {
  Phone& phone = phones_[index];
  const int server = phone.asks();
  const Host& host = at(server).host;
  Reply reply = Reply::nothing;
  const bool arrives = network_.round_trip(kPhones, server);
  if (arrives && host.answers_sip()) reply = Reply::answered;
  if (arrives && host.refuses_sip()) reply = Reply::refused;
  phone.replied(reply, now_);
  events_.add({.at = phone.next_at(), .kind = EventKind::phone, .index = index});
}

void World::report(std::string_view oracle, std::optional<std::string> complaint) {
  if (!complaint) return;
  // One complaint of a kind is enough: the rest follows from it.
  for (const Violation& known : outcome_.violations)
    if (known.oracle == oracle) return;
  if (trace_.told()) trace_.line(now_, -1, fmt::format("VIOLATION {}: {}", oracle, *complaint));
  outcome_.violations.push_back({scenario_.seed, oracle, now_, std::move(*complaint)});
}

void World::finish() {
  follow_phones();
  for (const Always& oracle : final_oracles()) report(oracle.name, oracle.judge(*this));
  outcome_.trace_hash = trace_.hash();
  outcome_.lines = trace_.lines();
  outcome_.simulated = std::chrono::duration_cast<Duration>(scenario_.end_at - kBegin);
}

}  // namespace tandem::sim

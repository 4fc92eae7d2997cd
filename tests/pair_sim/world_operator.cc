// The operators of both nodes: probes with their periods and timeouts, the loop that turns, and the
// vendor's commands that follow from the stance.
#include <algorithm>

#include "tests/pair_sim/oracles.h"
#include "tests/pair_sim/world.h"

namespace tandem::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAnswerTime{3};
constexpr seconds kTurnAtLeast{1};
// The loop gives a command again no earlier, whatever became of the last one.
constexpr seconds kActPause{10};
constexpr seconds kSipLimitSpan{5};
// A packet of TCP is sent again within the time-out of a question to the other operator.
constexpr int kPeerTries = 2;

ProbeKind kind_of(std::size_t index) { return static_cast<ProbeKind>(index); }

const std::string& witness_name(ProbeKind kind) {
  static const std::string kNames[] = {"192.0.2.1", "192.0.2.2"};
  return kNames[kind == ProbeKind::witness_first ? 0 : 1];
}

int witness_of(ProbeKind kind) { return kind == ProbeKind::witness_first ? 0 : 1; }

}  // namespace

void World::start_operator(int which) {
  Node& node = at(which);
  if (node.engine || node.deaths > 0 || !node.host.is_up()) return;
  node.keeper = std::make_unique<MemoryKeeper>(node.disk);
  auto kept = node.keeper->load();
  node.kept = kept.ok() && kept.value() ? *kept.value() : FailoverMemory{};
  if (node.kept->boot_id != node.host.boot_id()) node.grace_from = now_;
  if (which == kB && node.kept->epoch < node.acted_epoch &&
      truth_.epoch_durable[kB] < node.acted_epoch)
    truth_.takeover_forgotten = true;
  node.engine =
      std::make_unique<FailoverEngine>(*node.keeper, node.host.boot_id(), mutation_.rules);
  node.started_at = now_;
  node.turned_at.reset();
  node.stalls_until.reset();
  node.dies_deciding = false;
  const Failover& failover = scenario_.pair.failover;
  const auto use = [&](ProbeKind kind, Duration period, Duration timeout, bool used) {
    Probe& probe = node.probes[static_cast<std::size_t>(kind)];
    const auto offset = scenario_.aligned ? milliseconds{0} : milliseconds{100 * dice_.below(10)};
    probe = {used, period, timeout, now_ + milliseconds{100} + offset, {}, {}};
  };
  const bool watches = which == kB;
  use(ProbeKind::icmp, failover.icmp.period, failover.icmp.timeout, watches);
  use(ProbeKind::sip, failover.sip.period, failover.sip.timeout, watches);
  use(ProbeKind::peer, failover.peer.period, failover.peer.timeout, scenario_.peer_link);
  use(ProbeKind::witness_first, Hearing::kWitnessPeriod, milliseconds{800},
      watches && scenario_.witnesses > 0);
  use(ProbeKind::witness_second, Hearing::kWitnessPeriod, milliseconds{800},
      watches && scenario_.witnesses > 1);
  use(ProbeKind::own_sip, Hearing::kOwnSipPeriod, milliseconds{1500}, true);
  if (trace_.told()) trace_.line(now_, which, "the operator starts");
  schedule_tick(which);
}

void World::stop_operator(int which) {
  Node& node = at(which);
  if (!node.engine) return;
  node.engine.reset();
  node.keeper.reset();
  ++node.ticket;
  if (trace_.told()) trace_.line(now_, which, "the operator is gone");
}

void World::schedule_tick(int which) {
  Node& node = at(which);
  Instant next = now_ + kTurnAtLeast;
  for (const Probe& probe : node.probes) {
    if (!probe.used) continue;
    if (!probe.gives_up_at) next = std::min(next, probe.asks_at);
    if (probe.gives_up_at) next = std::min(next, *probe.gives_up_at);
  }
  if (node.stalls_until) next = *node.stalls_until;
  events_.add({.at = std::max(next, now_ + milliseconds{1}),
               .kind = EventKind::operator_tick,
               .node = static_cast<std::uint8_t>(which),
               .ticket = ++node.ticket});
}

void World::tick(int which) {
  Node& node = at(which);
  if (!node.engine) return;
  node.stalls_until.reset();
  // After a stall, what is overdue may be read before the loop notices, or after.
  if (node.turned_at && now_ - *node.turned_at > seconds{2} && dice_.chance(0.5)) turn(which);
  if (!node.engine) return;
  for (std::size_t i = 0; i < kProbes; ++i) {
    Probe& probe = node.probes[i];
    if (!probe.used || !probe.gives_up_at || now_ < *probe.gives_up_at) continue;
    probe.gives_up_at.reset();
    hear(which, kind_of(i), {Heard::silent, false, now_, now_ - probe.asked_at, {}});
  }
  for (std::size_t i = 0; i < kProbes; ++i) {
    Probe& probe = node.probes[i];
    if (!probe.used || probe.gives_up_at || now_ < probe.asks_at) continue;
    probe.asks_at += probe.period;
    if (probe.asks_at <= now_) probe.asks_at = now_ + probe.period;
    ask(which, kind_of(i));
  }
  turn(which);
  if (node.engine) schedule_tick(which);
}

// One transaction: a request, and one more where the limit allows it.
bool World::answers_sip_probe(int which) {
  Node& node = at(which);
  const Host& other = at(1 - which).host;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (attempt > 0 && now_ - node.sip_sent[0] < kSipLimitSpan) return false;
    std::rotate(node.sip_sent.begin(), node.sip_sent.begin() + 1, node.sip_sent.end());
    node.sip_sent.back() = now_;
    if (network_.sip_filtered[static_cast<std::size_t>(which)] > 0) continue;
    if (network_.round_trip(which, 1 - which) && other.answers_sip()) return true;
  }
  return false;
}

void World::ask(int which, ProbeKind kind) {
  Node& node = at(which);
  Node& other = at(1 - which);
  Probe& probe = node.probes[static_cast<std::size_t>(kind)];
  probe.asked_at = now_;
  const bool no_carrier = network_.no_carrier[static_cast<std::size_t>(which)] > 0;
  bool answers = false, refused = false, poor = false;
  switch (kind) {
    case ProbeKind::icmp:
      answers = other.host.is_up() && network_.round_trip(which, 1 - which);
      break;
    case ProbeKind::sip:
      answers = answers_sip_probe(which);
      poor = !other.host.answers_well();
      refused = other.host.refuses_sip() && network_.is_good(which, 1 - which);
      break;
    case ProbeKind::peer:
      for (int i = 0; i < kPeerTries && !answers; ++i)
        answers = network_.peer_link_down == 0 && other.host.is_up() && operator_runs(1 - which) &&
                  other.turned_at && network_.round_trip(which, 1 - which);
      refused = other.host.is_up() && !other.engine && network_.is_good(which, 1 - which);
      break;
    case ProbeKind::witness_first:
    case ProbeKind::witness_second:
      answers = network_.witness_dead[static_cast<std::size_t>(witness_of(kind))] == 0 &&
                network_.round_trip(which, kWitness + witness_of(kind));
      break;
    case ProbeKind::own_sip:
      answers = node.host.answers_sip();
      poor = !node.host.answers_well();
      refused = !answers;
      break;
  }
  if (answers) return hear(which, kind, {Heard::answers, poor, now_, kAnswerTime, {}});
  // Some kernels refuse to send without a carrier: it could not be asked.
  if (no_carrier && kind != ProbeKind::own_sip && scenario_.seed % 2 == 0)
    return hear(which, kind, {Heard::unknown, false, now_, {}, {}});
  if (refused) return hear(which, kind, {Heard::silent, false, now_, kAnswerTime, {}});
  probe.gives_up_at = now_ + probe.timeout;
}

void World::hear(int which, ProbeKind kind, const Sample& sample) {
  static const std::string kPath = "192.0.2.10";
  Hearing& hearing = at(which).engine->hearing();
  if (which == kB) note_heard(kind, sample);
  switch (kind) {
    case ProbeKind::icmp: return hearing.icmp(kPath, sample);
    case ProbeKind::sip: return hearing.sip(sample);
    case ProbeKind::own_sip: return hearing.own_sip(sample);
    case ProbeKind::witness_first:
    case ProbeKind::witness_second: return hearing.witness(witness_name(kind), sample);
    case ProbeKind::peer: break;
  }
  if (sample.heard != Heard::answers) return hearing.peer(sample, std::nullopt);
  Node& other = at(1 - which);
  std::optional<PeerWord> word = other.engine->word(now_, wall(1 - which));
  if (which == kB) note_word(*word);
  if (mutation_.announcements_ignored) word->maintenance.reset();
  hearing.peer(sample, word);
}

void World::turn(int which) {
  Node& node = at(which);
  Host& host = node.host;
  FailoverEngine& engine = *node.engine;
  auto& own = node.inputs.own;
  own.known = host.broken.units == 0;
  own.sip_unit_up = host.asterisk_runs();
  own.sip_unit_starting = host.is_starting();
  own.all_down = host.all_down();
  own.disabled = host.marked();
  // A look is made between two commands, by what the turn before decided.
  if (host.command() == Command::none) {
    own.looked_for = engine.stance();
    node.inputs.own_seen = now_;
  }
  // Before all is healed somebody is on the telephone most of the time.
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(now_.time_since_epoch());
  const bool calls = now_ < scenario_.heal_at && minute.count() % 4 != 0 && host.answers_sip();
  own.calls = calls ? 1 : 0;
  own.trouble = host.trouble();
  node.inputs.upgrading = host.upgrading();
  node.inputs.closed = host.upgrading() ? "an upgrade runs" : "";
  engine.hearing().link(network_.no_carrier[static_cast<std::size_t>(which)] > 0
                            ? OwnLink::no_carrier
                            : OwnLink::good);
  const Instant told = mutation_.decides_by_wall ? now_ + node.clock_offset : now_;
  own.calls_at = told;
  note_turn(which);
  const int writes = node.disk.writes;
  const auto transitions = engine.turn(node.inputs, told, wall(which));
  bool first = node.kept.has_value();
  for (const Transition& transition : transitions) {
    note_transition(which, transition, first && transition.from == node.kept->state);
    first = false;
  }
  for (const OnTurn& oracle : turn_oracles()) report(oracle.name, oracle.judge(*this, which));
  if (engine.durable()) {
    auto& durable = truth_.epoch_durable[static_cast<std::size_t>(which)];
    durable = std::max(durable, engine.memory().epoch);
  }
  node.kept.reset();
  node.turned_at = now_;
  if (node.dies_deciding && !transitions.empty() && node.disk.writes > writes) {
    node.dies_deciding = false;
    stop_operator(which);
    events_.add({.at = now_ + seconds{dice_.between(1, 30)},
                 .kind = EventKind::operator_start,
                 .node = static_cast<std::uint8_t>(which)});
    return;
  }
  act(which);
}

void World::forward_order(int which) {
  const auto order = at(which).engine->order_for_peer();
  if (!order) return;
  const bool arrives =
      scenario_.peer_link && network_.peer_link_down == 0 && network_.round_trip(which, 1 - which);
  if (!arrives || !take(1 - which, *order, true)) at(which).engine->drop_order(order->id);
}

// The loop makes the node what the stance says.
void World::act(int which) {
  Node& node = at(which);
  const Host& host = node.host;
  if (!node.inputs.closed.empty() || host.command() != Command::none || now_ < node.acts_at) return;
  Stance stance = node.engine->stance();
  if (mutation_.primary_acts_alone && node.inputs.role == Role::primary &&
      !node.engine->hearing().weighed().peer_heard)
    stance = Stance::standing_by;
  switch (stance) {
    case Stance::as_is: return;
    case Stance::serving:
      if (!host.serves_whole())
        act_now(which, node.engine->starts_by_parts() ? Command::start_parts : Command::start);
      return;
    case Stance::standing_by:
      if (!host.all_down()) act_now(which, Command::stop);
      return;
  }
}

void World::act_now(int which, Command command) {
  Node& node = at(which);
  for (const OnAct& oracle : act_oracles())
    report(oracle.name, oracle.judge(*this, {which, command}));
  trace_.mix(static_cast<std::uint64_t>(command) * 1000 +
             static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  if (trace_.told())
    trace_.line(now_, which, fmt::format("the operator gives: {}", command_name(command)));
  node.acted_epoch = node.engine->memory().epoch;
  node.acts_at = now_ + kActPause;
  this->command(which, command);
}

}  // namespace tandem::sim

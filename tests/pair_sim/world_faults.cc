// What breaks and heals, and what persons do.
#include "tests/pair_sim/world.h"

namespace tandem::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using enum FaultKind;

bool is_of_network(FaultKind kind) { return kind >= loss; }
bool is_of_operator(FaultKind kind) { return kind >= operator_dies && kind <= clock_jumps; }

}  // namespace

void World::begin_fault(const Trouble& fault) {
  if (trace_.told())
    trace_.line(now_, fault.node, fmt::format("{} begins", fault_name(fault.kind)));
  // A restart that something else happens in is no plain restart.
  truth_.restart_since.reset();
  if (fault.node != kA || is_of_network(fault.kind)) truth_.must_serve_since.reset();
  if (is_of_network(fault.kind)) return change_network(fault, 1);
  if (is_of_operator(fault.kind)) return change_operator(fault, 1);
  change_host(fault, 1);
}

void World::end_fault(const Trouble& fault) {
  if (trace_.told())
    trace_.line(now_, fault.node, fmt::format("{} is over", fault_name(fault.kind)));
  if (fault.node != kA || is_of_network(fault.kind)) truth_.must_serve_since.reset();
  if (is_of_network(fault.kind)) return change_network(fault, -1);
  if (is_of_operator(fault.kind)) return change_operator(fault, -1);
  change_host(fault, -1);
}

// A command of the vendor's, by whoever gives it.
void World::command(int which, Command command, Duration lasts) {
  if (at(which).host.begin(command, now_, lasts)) follow_host(which);
}

void World::follow_host(int which) {
  Node& node = at(which);
  if (const auto next = node.host.next_step())
    events_.add(
        {.at = *next, .kind = EventKind::host_step, .node = static_cast<std::uint8_t>(which)});
  if (node.host.is_up()) start_operator(which);
}

void World::change_host(const Trouble& fault, int change) {
  Node& node = at(fault.node);
  Host& host = node.host;
  const bool begins = change > 0;
  switch (fault.kind) {
    case power_cut:
      if (begins) {
        stop_operator(fault.node);
        node.disk.lose_power();
        host.power_off();
      } else {
        host.power_on(now_);
        follow_host(fault.node);
      }
      return;
    case asterisk_crash: host.broken.asterisk += change; return;
    case asterisk_stops:
      if (begins) return host.crash_asterisk();
      // monit comes by.
      if (!host.marked() && !host.asterisk_runs()) command(fault.node, Command::start);
      return;
    case asterisk_hangs: host.broken.hangs += change; return;
    case answers_badly: host.broken.answers_badly += change; return;
    case vendor_restart:
      if (!begins || host.marked()) return;
      if (fault.node == kA && host.answers_well() && host.command() == Command::none &&
          host.broken.starts == 0)
        truth_.restart_since = now_;
      if (fault.node == kB) truth_.hand_or_upgrade = true;
      return command(fault.node, Command::restart, fault.lasts);
    case stopped_by_hand:
      // A person stops what serves, and starts it again; a node that stands by is left alone.
      if (begins ? !host.marked() : host.marked() && fault.node == kA && !truth_.switchover_until)
        command(fault.node, begins ? Command::stop : Command::start);
      return;
    case started_by_hand:
      if (!begins || host.asterisk_runs()) return;
      if (fault.node == kB && host.command() == Command::none && host.is_up()) {
        truth_.hand_or_upgrade = true;
        // What starts soon after an upgrade counts as started by that.
        const bool upgraded =
            truth_.upgraded_last && now_ - *truth_.upgraded_last < kUpgradeStarts + seconds{90};
        if (node.engine && !truth_.mandate && !upgraded) truth_.hand_started = true;
      }
      return command(fault.node, Command::start);
    case upgrade:
      if (!begins) return;
      if (fault.node == kB) truth_.hand_or_upgrade = true;
      return command(fault.node, Command::upgrade, fault.lasts);
    case starts_fail: host.broken.starts += change; return;
    case parts_fail: host.broken.parts += change; return;
    case stops_hang: host.broken.stops += change; return;
    case units_unknown: host.broken.units += change; return;
    default: return;
  }
}

void World::change_operator(const Trouble& fault, int change) {
  Node& node = at(fault.node);
  switch (fault.kind) {
    case operator_dies:
      node.deaths += change;
      if (change > 0) stop_operator(fault.node);
      if (change < 0) start_operator(fault.node);
      return;
    case operator_dies_deciding: node.dies_deciding = change > 0; return;
    case operator_stalls:
      if (change < 0 || !node.engine) return;
      node.stalls_until = now_ + fault.lasts;
      // What was asked a moment before is not read before the end.
      for (Probe& probe : node.probes)
        if (probe.used && !probe.gives_up_at && dice_.chance(0.5)) {
          probe.asked_at = now_;
          probe.gives_up_at = now_ + probe.timeout;
        }
      return schedule_tick(fault.node);
    case disk_refuses: node.disk.refusals += change; return;
    case clock_jumps:
      if (change < 0) return;
      node.clock_offset += milliseconds{static_cast<std::int64_t>(fault.level * 1000)};
      // A clock that is set back makes a suspension longer: deadline.h.
      if (auto& until = truth_.suspended_until[static_cast<std::size_t>(fault.node)];
          fault.level < 0 && until && now_ < *until)
        *until += milliseconds{static_cast<std::int64_t>(-fault.level * 1000)};
      if (fault.level * 1000 >=
          static_cast<double>(scenario_.pair.failover.flapping_window.count()))
        forget_failbacks();
      return;
    default: return;
  }
}

void World::change_network(const Trouble& fault, int change) {
  const int node = fault.node;
  const int other = 1 - node;
  const auto place = static_cast<std::size_t>(node);
  const double share = fault.level * change;
  switch (fault.kind) {
    case loss: network_.lose(kA, kB, share), network_.lose(kB, kA, share); return;
    case loss_one_way: network_.lose(node, other, share); return;
    case cut: network_.cut(kA, kB, change), network_.cut(kB, kA, change); return;
    case cut_one_way: network_.cut(node, other, change); return;
    case own_cable:
      network_.no_carrier[place] += change;
      network_.cut_off(node, change);
      return;
    case own_switch: network_.cut_off(node, change); return;
    case network_loss: network_.lose_around(node, share); return;
    case witness_dead: network_.witness_dead[place] += change; return;
    case sip_filtered: network_.sip_filtered[place] += change; return;
    case peer_link_down: network_.peer_link_down += change; return;
    default: return;
  }
}

// When all is over somebody looks whether the primary serves, as often as it takes.
void World::mend() {
  const Node& a = node(kA);
  if (now_ < scenario_.heal_at || a.host.answers_sip() || !a.host.is_up()) return;
  const bool stopped_on_order = a.engine && a.engine->state() == NodeState::maintenance;
  if (!stopped_on_order) command(kA, Command::start);
}

void World::give(const Ordered& ordered, const std::string& id) {
  Order order;
  order.kind = ordered.kind;
  order.id = id;
  order.reason = "a person says so";
  order.by = "root";
  order.at = wall(ordered.node);
  order.until = wall(ordered.node) + ordered.lasts;
  order.take_over = ordered.take_over;
  if (!take(ordered.node, order, false)) return;
  // A suspension is of the pair; the other node learns it over the link.
  const bool shared = order.kind == Order::Kind::suspend || order.kind == Order::Kind::resume;
  if (!shared || !scenario_.peer_link || !network_.is_good(kA, kB)) return;
  order.until = wall(1 - ordered.node) + ordered.lasts;
  take(1 - ordered.node, order, true);
}

OrderFacts World::order_facts(int which) const {
  const Node& node = this->node(which);
  const Situation& seen = node.engine->situation();
  const PeerWord* word = node.engine->hearing().word();
  OrderFacts facts;
  facts.node = which == kA ? "a" : "b";
  facts.peer = which == kA ? "b" : "a";
  facts.now = wall(which);
  facts.role = node.inputs.role;
  facts.ours = scenario_.pair.failover.owner == Owner::tandem;
  facts.state = node.engine->state();
  facts.cause = node.engine->memory().cause;
  facts.verdict = seen.weighed().verdict;
  facts.peer_link = word != nullptr;
  if (word != nullptr) facts.peer_state = word->state;
  facts.peer_fit = word != nullptr && !word->upgrading && !word->maintenance;
  facts.suspension = node.engine->memory().suspension;
  facts.maintenance = node.engine->memory().maintenance;
  facts.closed = node.inputs.closed;
  facts.suspended = node.engine->suspended(now_, wall(which));
  facts.role_conflict = seen.role_conflict;
  if (const auto& waiting = node.engine->waiting())
    facts.waiting = {waiting->order.kind, waiting->order.id};
  return facts;
}

// The way of an order: judged, passed on to the node that carries it out, accepted.
bool World::take(int which, const Order& order, bool forwarded) {
  Node& node = at(which);
  if (!operator_runs(which) || !node.turned_at) return false;
  const OrderAnswer judged = judge(order, order_facts(which));
  if (trace_.told())
    trace_.line(now_, which, fmt::format("order {}: {}", order_name(order.kind), judged.sentence));
  if (judged.kind == OrderAnswer::Kind::elsewhere && !forwarded && scenario_.peer_link &&
      network_.peer_link_down == 0 && network_.round_trip(which, 1 - which))
    return take(1 - which, order, true);
  if (judged.kind != OrderAnswer::Kind::accepted) return judged.good();
  const bool known = node.engine->memory().result_of(order.id) != nullptr;
  const auto answer = node.engine->accept(order, now_, wall(which));
  if (answer.ok() && !known) note_order(which, order);
  if (answer.ok()) forward_order(which);
  return answer.ok();
}

}  // namespace tandem::sim

// The orders of the engine: what is done at once, what waits, and what becomes of it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/formats.h"
#include "core/spec.h"
#include "core/wording.h"
#include "reconciler/failover/failover.h"
#include "reconciler/failover/order_words.h"
#include "reconciler/failover/orders.h"

namespace tandem {
namespace {

using enum NodeState;
using Kind = Order::Kind;

// Of a failback that an operator finds in its memory: who ordered it is in the events.
constexpr const char* kBeforeRestart = "ordered before the operator was started";

std::string peer_name(const HAPair& pair, Role role) {
  return role == Role::primary ? pair.secondary.name : pair.primary.name;
}

// What stands before every act of ours, where it does not hold.
std::string hindrance(const Situation& now) {
  if (!holds(Guard::owner, now)) return "spec.failover.owner is vendor";
  if (!holds(Guard::gate, now)) return "this node may not be changed; `tandem status` tells why";
  if (!holds(Guard::suspension, now)) return "nothing is changed while the pair is suspended";
  if (!holds(Guard::no_conflict, now)) return "the nodes do not agree on their roles";
  return "";
}

std::string why_it_waited(const Order& order, const Situation& now, bool durable) {
  if (std::string told = hindrance(now); !told.empty()) return told;
  if (!durable) return "the state directory can not be written";
  if (order.kind != Kind::switchover)
    return fmt::format("this node was {}", state_name(now.memory->state));
  const PeerWord* word = now.hearing->word();
  const std::string peer = peer_name(*now.pair, now.role);
  if (word == nullptr) return fmt::format("{} was not heard to serve", peer);
  return fmt::format("{} did not serve in time: it is {}", peer, state_name(word->state));
}

// Why a switchover will come to nothing, by what the other node says of the takeover in it. One
// that it took and did not begin must not stop this node later, when that one serves for another
// reason.
std::string why_not_begun(const Order& order, const PeerWord& word, Instant::duration waited,
                          const std::string& peer) {
  if (word.last_order == takeover_within(order).id && was_not_carried_out(word.last_order_result))
    return fmt::format("{}: {}", peer, word.last_order_result);
  if (waited < kTakeoverBegins || has_begun_to_serve(word.state)) return "";
  return fmt::format(
      "{0} did not begin to take over within {1}: it is {2}. Nothing was stopped; `tandem why` on "
      "{0} tells what keeps it, then order it again",
      peer, to_string(Duration{kTakeoverBegins}), state_name(word.state));
}

std::string failing_failback_guards(const Situation& now) {
  std::string names;
  for (const Guard guard : failback_guards())
    if (!holds(guard, now))
      names += fmt::format("{}{}", names.empty() ? "" : "; ", guard_name(guard));
  return names.empty() ? "the services did not stop" : "these did not hold: " + names;
}

Duration failback_limit(const Failover& failover) {
  return failover.failback.hold + failover.failback.wait_for_calls +
         FailoverEngine::kFailbackMargin;
}

}  // namespace

bool seen_stopped(const Situation& now) {
  const OwnSip sip = now.weighed().own_sip;
  return sip == OwnSip::silent || (now.own.known && now.own.all_down && sip != OwnSip::answers);
}

Result<std::string> FailoverEngine::accept(const Order& order, Instant now, WallTime wall) {
  if (!begun_)
    return Error{Fault::unavailable, "no declaration is in force on this node yet: no orders"};
  expire_orders(now);
  if (const std::string* known = memory_.result_of(order.id)) {
    if (was_not_carried_out(*known)) return Error{Fault::invalid, *known};
    return *known;
  }
  if (waiting_ && waiting_->order.id == order.id) return waiting_->answer;
  const bool at_once = is_done_at_once(order);
  if (!at_once && waiting_)
    return Error{
        Fault::unavailable,
        fmt::format("a {} is under way here since {} (`tandem get events order/{}`): order "
                    "it again when that is over",
                    order_name(waiting_->order.kind), to_string(waiting_->since),
                    order_name(waiting_->order.kind))};
  if (!at_once) {
    std::string answer = take_to_wait(order, now, wall);
    write_down(memory_);
    return answer;
  }
  const FailoverMemory memory = memory_;
  const auto waiting = waiting_;
  const auto failback = std::pair(failback_, failback_until_);
  const auto lost = lost_;
  std::string answer = take_at_once(order, now);
  memory_.note_order(order.id, answer);
  // An order that could be forgotten is not taken; it can be given again. But for the one that lets
  // the node act again: where it is forgotten, the node is suspended as before.
  const bool written = write_down(memory_);
  if (!written && order.kind == Kind::resume)
    answer += "; it can not be written down, and a restart of the operator forgets it";
  if (!written && order.kind != Kind::resume) {
    memory_ = memory;
    waiting_ = waiting;
    std::tie(failback_, failback_until_) = failback;
    lost_ = lost;
    return Error{Fault::unavailable,
                 "the order can not be written down: the state directory can not be written"};
  }
  absorb(inputs_, now, wall);
  return answer;
}

// The others wait for the tables, one of them at a time.
bool FailoverEngine::is_done_at_once(const Order& order) const {
  switch (order.kind) {
    case Kind::failback:
    case Kind::suspend:
    case Kind::resume: return true;
    case Kind::ack: return memory_.state != latched && memory_.state != faulted;
    case Kind::maintenance: return memory_.state == maintenance;
    case Kind::end_maintenance: return waiting_ && waiting_->order.kind == Kind::switchover;
    case Kind::takeover:
    case Kind::switchover: return false;
  }
  return false;  // unreachable: -Wswitch keeps the list complete
}

std::string FailoverEngine::take_at_once(const Order& order, Instant now) {
  switch (order.kind) {
    case Kind::failback:
      memory_.failback_ordered = true;
      failback_ = order;
      failback_until_ = now + failback_limit(pair_.failover);
      return fmt::format("this node leaves once {} has answered SIP for failback.hold",
                         pair_.primary.name);
    case Kind::suspend:
      if (!is_of_loss(memory_)) memory_.suspension = Suspension{order.reason, order.until};
      break;
    case Kind::resume: memory_.suspension.reset(); return "the suspension by order is over";
    case Kind::ack: memory_.held = false; return "acknowledged";
    case Kind::maintenance: {
      // Another end makes no other maintenance of it: a switchover stays one.
      const Maintenance before = memory_.maintenance.value_or(Maintenance{});
      memory_.maintenance = Maintenance{order.reason, order.until,
                                        order.take_over || before.take_over, before.stopped};
      return "the maintenance lasts until then";
    }
    case Kind::end_maintenance: withdraw(); return "the switchover that waited is withdrawn";
    case Kind::takeover:
    case Kind::switchover: break;  // never at once
  }
  return "suspended";
}

std::string FailoverEngine::take_to_wait(const Order& order, Instant now, WallTime wall) {
  WaitingOrder waiting{order, {order.kind, {}}, "", now + kOrderLimit, wall, now};
  switch (order.kind) {
    case Kind::switchover:
      waiting.decides.maintenance = {order.reason, order.until, true, true};
      waiting.until = now + pair_.failover.activation_timeout + kSwitchoverMargin;
      for_peer_ = takeover_within(order);
      waiting.answer =
          fmt::format("{} takes over; this node stops once it serves", peer_name(pair_, role_));
      break;
    case Kind::maintenance:
      waiting.decides.maintenance = {order.reason, order.until, order.take_over, false};
      waiting.answer = "this node is out of service until then";
      break;
    case Kind::end_maintenance: waiting.answer = "the maintenance is over"; break;
    case Kind::ack: waiting.answer = "acknowledged"; break;
    default: waiting.answer = "this node takes over"; break;
  }
  waiting_ = std::move(waiting);
  return waiting_->answer;
}

std::optional<Order> FailoverEngine::order_for_peer() { return std::exchange(for_peer_, {}); }

void FailoverEngine::drop_order(const std::string& id) {
  if (waiting_ && waiting_->order.id == id) waiting_.reset();
}

void FailoverEngine::withdraw() {
  const Order order = waiting_->order;
  waiting_.reset();
  lose(order, "it was withdrawn");
}

void FailoverEngine::carried_out() {
  if (waiting_ && waiting_->order.kind == Kind::switchover) stopping_ = waiting_->order;
  waiting_.reset();
}

std::vector<FailoverEngine::LostOrder> FailoverEngine::lost_orders() {
  return std::exchange(lost_, {});
}

void FailoverEngine::lose(const Order& order, const std::string& why) {
  if (!order.id.empty()) memory_.note_order(order.id, not_carried_out(why));
  if (lost_.size() >= kLostMax) lost_.erase(lost_.begin());
  lost_.push_back({order, why});
}

// What was accepted and can not come to its end any more is told, never forgotten in silence.
void FailoverEngine::expire_orders(Instant now) {
  expire_failback(now);
  if (waiting_) {
    const Order order = waiting_->order;
    const PeerWord* word = hearing_.word();
    std::string why;
    if (now > waiting_->until)
      why = why_it_waited(order, situation_, durable_);
    else if (order.kind == Kind::switchover && word != nullptr)
      why = why_not_begun(order, *word, now - waiting_->taken, peer_name(pair_, role_));
    if (!why.empty()) {
      waiting_.reset();
      lose(order, why);
    }
  }
  if (!stopping_) return;
  if (memory_.state != maintenance || seen_stopped(situation_)) return stopping_.reset();
  if (now - since_ < pair_.failover.deactivation_timeout) return;
  lose(*stopping_, fmt::format("the services of this node did not stop within {}; both nodes serve",
                               to_string(pair_.failover.deactivation_timeout)));
  stopping_.reset();
}

// An ordered failback passes by what an automatic one waits for, so it must not do so weeks later.
// How long it has waited is not on the disk: a start of the operator gives it its time once more.
void FailoverEngine::expire_failback(Instant now) {
  if (!memory_.failback_ordered) {
    if (failback_ && memory_.state == activating) lose(*failback_, "this node took over anew");
    return failback_.reset();
  }
  if (!failback_) {
    failback_ = Order{};
    failback_->kind = Kind::failback;
    failback_->reason = kBeforeRestart;
    failback_until_ = now + failback_limit(pair_.failover);
  }
  if (memory_.state == deactivating || now <= failback_until_) return;
  memory_.failback_ordered = false;
  const Order order = *std::exchange(failback_, {});
  lose(order, fmt::format("not within {}: {}", to_string(failback_limit(pair_.failover)),
                          failing_failback_guards(situation_)));
}

}  // namespace tandem

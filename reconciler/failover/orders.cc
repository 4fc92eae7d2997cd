#include "reconciler/failover/orders.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats.h"
#include "core/history.h"
#include "core/wording.h"
#include "reconciler/failover/memory.h"
#include "reconciler/failover/order_words.h"

namespace tandem {
namespace {

using enum NodeState;
using AnswerKind = OrderAnswer::Kind;

constexpr std::size_t kIdMin = 8;
constexpr std::size_t kByMax = 200;
constexpr std::size_t kWhyMax = 200;

template <class... Args>
OrderAnswer answer(AnswerKind kind, fmt::format_string<Args...> text, Args&&... args) {
  return {kind, fmt::format(text, std::forward<Args>(args)...)};
}

// How many characters; nullopt: one that steers a terminal or turns a text, or no UTF-8.
std::optional<std::size_t> characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const std::size_t length = utf8_length(text, at);
    if (!is_shown(text.substr(at, length))) return std::nullopt;
    at += length;
  }
  return count;
}

bool is_id(std::string_view text) {
  return text.size() >= kIdMin && text.size() <= kOrderIdCharactersMax &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-';
         });
}

// The role that carries out orders of this kind; nullopt: whoever gets it.
std::optional<Role> carrier(Order::Kind kind) {
  switch (kind) {
    case Order::Kind::takeover:
    case Order::Kind::failback: return Role::secondary;
    case Order::Kind::switchover: return Role::primary;
    case Order::Kind::suspend:
    case Order::Kind::resume:
    case Order::Kind::maintenance:
    case Order::Kind::end_maintenance:
    case Order::Kind::ack: return std::nullopt;
  }
  return std::nullopt;  // unreachable: -Wswitch keeps the list complete
}

const std::string& primary_of(const OrderFacts& f) {
  return f.role == Role::primary ? f.node : f.peer;
}
const std::string& secondary_of(const OrderFacts& f) {
  return f.role == Role::primary ? f.peer : f.node;
}

// Of the primary, as the secondary holds it.
std::string about_primary(const OrderFacts& f) {
  switch (f.verdict) {
    case PrimaryVerdict::serving: return f.peer + " answers";
    case PrimaryVerdict::service_down: return f.peer + " is up, but its SIP does not answer";
    case PrimaryVerdict::host_down: return f.peer + " does not answer at all";
    case PrimaryVerdict::isolated: return "this node is cut off, and hears nobody";
    case PrimaryVerdict::maintenance: return in_maintenance(f.peer, f.peer_maintenance);
    case PrimaryVerdict::unknown: return "it is not known whether " + f.peer + " serves";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

// What keeps this node from starting or stopping anything, whatever is ordered; "": nothing.
std::string hindrance(const OrderFacts& f) {
  if (f.role_conflict)
    return fmt::format("both nodes are declared to be the {}; `tandem status` on each tells more",
                       role_name(f.role));
  if (!f.closed.empty())
    return fmt::format("{} may not be changed now: {}", f.node, one_line(f.closed, kWhyMax));
  if (!f.suspended) return "";
  if (f.suspended_by_declaration)
    return "spec.suspend in pair.yaml holds, and nothing is changed meanwhile; set it to null "
           "first";
  return fmt::format(
      "suspended by order{}, and nothing is changed meanwhile; `tandem resume --reason REASON` "
      "first",
      f.suspension ? " " + until_text(f.suspension->until) : "");
}

OrderAnswer takeover(const OrderFacts& f) {
  switch (f.state) {
    case activating: return answer(AnswerKind::needless, "{} takes over already", f.node);
    case active:
    case failback_hold:
    case latched:
    case serving:
    case degraded: return answer(AnswerKind::needless, "{} serves already", f.node);
    case deactivating:
      return answer(AnswerKind::refused,
                    "{} is giving the service back just now; order it again when that is over",
                    f.node);
    case rejoining:
      return answer(AnswerKind::refused,
                    "{} has just started and is still finding out what runs; order it again in a "
                    "few seconds",
                    f.node);
    case maintenance:
      return answer(AnswerKind::refused, "{}", in_maintenance(f.node, f.maintenance));
    case off: return answer(AnswerKind::refused, "{} is in no pair", f.node);
    case standby:
    case suspect:
    case isolated:
    case faulted: break;
  }
  if (std::string why = hindrance(f); !why.empty()) return {AnswerKind::refused, std::move(why)};
  if (f.verdict == PrimaryVerdict::serving)
    return answer(AnswerKind::accepted,
                  "{} takes over. {} serves too: phones stay with it until it stops; "
                  "`tandem switchover --reason REASON` moves them",
                  f.node, f.peer);
  return answer(AnswerKind::accepted, "{} takes over", f.node);
}

OrderAnswer failback(const OrderFacts& f) {
  switch (f.state) {
    case off:
    case rejoining:
    case standby:
    case suspect:
    case isolated:
    case maintenance:
    case serving:
    case degraded: return answer(AnswerKind::needless, "{} does not serve", f.node);
    case deactivating:
      return answer(AnswerKind::needless, "{} is giving the service back already", f.node);
    case activating:
      return answer(AnswerKind::refused, "{} is still taking over; order it again when it serves",
                    f.node);
    case faulted:
      return answer(
          AnswerKind::refused,
          "{} is Faulted: mend what `tandem why` tells, then `tandem ack --reason REASON`", f.node);
    case active:
    case failback_hold:
    case latched: break;
  }
  if (f.verdict != PrimaryVerdict::serving)
    return answer(AnswerKind::refused, "nobody would serve: {}", about_primary(f));
  if (std::string why = hindrance(f); !why.empty()) return {AnswerKind::refused, std::move(why)};
  return answer(AnswerKind::accepted, "{} gives the service back to {}", f.node, f.peer);
}

OrderAnswer switchover(const Order& order, const OrderFacts& f) {
  if (f.state == maintenance && f.maintenance) {
    const bool enough = f.maintenance->stopped && order.until <= f.maintenance->until;
    return answer(enough ? AnswerKind::needless : AnswerKind::refused, "{} is {} already, {}{}",
                  f.node, f.maintenance->stopped ? "stopped" : "in maintenance",
                  maintenance_text(*f.maintenance, f.node),
                  enough ? "" : ". It is not made longer: order it again once that is over");
  }
  if (f.state != serving && f.state != degraded)
    return answer(AnswerKind::refused, "{} is {}, not Serving", f.node, state_name(f.state));
  if (std::string why = hindrance(f); !why.empty()) return {AnswerKind::refused, std::move(why)};
  if (!f.peer_link)
    return answer(AnswerKind::refused,
                  "the operator of {} is not heard, so it can not be made to serve first", f.peer);
  if (serves(f.peer_state))
    return answer(AnswerKind::accepted, "{} serves already; {} stops {}", f.peer, f.node,
                  until_text(order.until));
  if (f.peer_state == maintenance)
    return answer(AnswerKind::refused, "{}", in_maintenance(f.peer, f.peer_maintenance));
  if (f.peer_state == deactivating || f.peer_state == rejoining)
    return answer(AnswerKind::refused, "{} is {} and can not take over now", f.peer,
                  state_name(f.peer_state));
  if (!f.peer_fit)
    return answer(AnswerKind::refused,
                  "{} is not fit to serve; `tandem status` there tells why (SecondaryFit)", f.peer);
  return answer(AnswerKind::accepted, "{} takes over; {} stops once it serves, {}", f.peer, f.node,
                until_text(order.until));
}

OrderAnswer suspend(const Order& order, const OrderFacts& f) {
  if (is_of_loss(f.suspension))
    return answer(AnswerKind::needless,
                  "{} is suspended already, and without an end: {}, then `tandem resume --reason "
                  "REASON` on it",
                  f.node, kMemoryLost);
  if (f.suspension && f.suspension->until == order.until && f.suspension->reason == order.reason)
    return answer(AnswerKind::needless, "suspended so already, {}", until_text(order.until));
  return answer(AnswerKind::accepted, "nothing is changed by itself, and no takeover happens, {}",
                until_text(order.until));
}

OrderAnswer resume(const OrderFacts& f) {
  const char* more = f.suspended_by_declaration
                         ? "; spec.suspend in pair.yaml still holds, and is ended there"
                         : "";
  if (!f.suspension)  // by the host's clock its time may be over, and it lasts all the same
    return answer(AnswerKind::needless, "not suspended by an order{}", more);
  return answer(AnswerKind::accepted, "the suspension by order is over{}", more);
}

// On the secondary somebody else has to serve meanwhile; on the primary the person who takes it out
// is the one who stops it, and what counts is that the other node is told.
OrderAnswer begin_maintenance(const Order& order, const OrderFacts& f) {
  if (f.state == maintenance && f.maintenance && f.maintenance->until == order.until &&
      f.maintenance->reason == order.reason)
    return answer(AnswerKind::needless, "{} is in maintenance already, {}", f.node,
                  maintenance_text(*f.maintenance, f.node));
  if (f.state == activating || f.state == deactivating)
    return answer(AnswerKind::refused, "{} is {}; order it again when that is over", f.node,
                  state_name(f.state));
  if (f.role == Role::secondary) {
    if (f.verdict != PrimaryVerdict::serving)
      return answer(AnswerKind::refused, "nobody would serve: {}", about_primary(f));
    return answer(AnswerKind::accepted, "{} takes over nothing {}", f.node,
                  until_text(order.until));
  }
  if (f.peer_state == maintenance)
    return answer(AnswerKind::refused, "nobody would serve: {}",
                  in_maintenance(f.peer, f.peer_maintenance));
  if (order.take_over && !serves(f.peer_state)) {
    if (!f.peer_link)
      return answer(AnswerKind::refused,
                    "the operator of {} is not heard, so it can not be told to take over", f.peer);
    if (!f.peer_fit)
      return answer(AnswerKind::refused,
                    "{} is not fit to serve; `tandem status` there tells why (SecondaryFit)",
                    f.peer);
    if (f.suspended) return {AnswerKind::refused, hindrance(f)};
    return answer(AnswerKind::accepted, "{} takes over at once; {} is out of service {}", f.peer,
                  f.node, until_text(order.until));
  }
  if (!f.peer_link)
    return answer(AnswerKind::accepted,
                  "{} is announced to be out of service {}, but the operator of {} is not heard: "
                  "it may take over",
                  f.node, until_text(order.until), f.peer);
  return answer(AnswerKind::accepted, "{} waits for {} {}", f.peer, f.node,
                until_text(order.until));
}

// Also the way to take a switchover back while it waits for the other node.
OrderAnswer end_maintenance(const OrderFacts& f) {
  if (f.waiting && f.waiting->kind == Order::Kind::switchover)
    return answer(AnswerKind::accepted,
                  "the switchover is withdrawn: {} goes on. {} may serve as well by now: `tandem "
                  "failback` ends that",
                  f.node, f.peer);
  if (f.state != maintenance && !f.maintenance) {
    if (f.peer_state == maintenance || f.peer_maintenance)
      return answer(AnswerKind::elsewhere, "{} is not in maintenance; {}: order it there", f.node,
                    in_maintenance(f.peer, f.peer_maintenance));
    return answer(AnswerKind::needless, "{} is not in maintenance{}", f.node,
                  f.peer_link ? ""
                              : fmt::format("; whether {0} is can not be told here: order it there "
                                            "if it is",
                                            f.peer));
  }
  return answer(AnswerKind::accepted, "the maintenance of {} is over", f.node);
}

// Latched, Faulted, or serving because somebody else's hand started the services.
bool waits_for_ack(NodeState state, TakeoverCause cause) {
  return state == latched || state == faulted ||
         (state == active && cause == TakeoverCause::by_hand);
}

OrderAnswer ack(const OrderFacts& f) {
  if (waits_for_ack(f.state, f.cause))
    return answer(AnswerKind::accepted, "acknowledged: {} goes on from {}", f.node,
                  state_name(f.state));
  if (waits_for_ack(f.peer_state, f.peer_cause))
    return answer(AnswerKind::elsewhere,
                  "there is nothing to acknowledge on {}; {} is {}: order "
                  "it there",
                  f.node, f.peer, state_name(f.peer_state));
  // A primary never waits for it, and does not know of the other node what it does not hear.
  if (f.role == Role::primary && f.peer_state == off)
    return answer(AnswerKind::elsewhere,
                  "there is nothing to acknowledge on {}, and whether {} waits for it can not be "
                  "told here: order it on {}",
                  f.node, f.peer, f.peer);
  return answer(AnswerKind::needless, "there is nothing to acknowledge on {}{}", f.node,
                f.peer_state == off ? "" : " or " + f.peer);
}

}  // namespace

bool has_end(Order::Kind kind) {
  return kind == Order::Kind::suspend || kind == Order::Kind::switchover ||
         kind == Order::Kind::maintenance;
}

bool disturbs(const Order& order) {
  return order.kind == Order::Kind::failback || order.kind == Order::Kind::switchover ||
         (order.kind == Order::Kind::maintenance && order.take_over);
}

Status well_formed(const Order& order, WallTime now) {
  const auto bad = [](std::string why) { return Error{Fault::invalid, std::move(why)}; };
  if (!is_id(order.id)) return bad("id must be 8 to 64 letters, digits or hyphens");
  const auto length = characters(order.reason);
  const bool blank = order.reason.find_first_not_of(' ') == std::string::npos;
  if (!length || blank || *length > kReasonCharactersMax)
    return bad(
        fmt::format("reason must be one line of 1 to {} characters, without any that steers a "
                    "terminal or turns a text",
                    kReasonCharactersMax));
  if (order.by.size() > kByMax || !characters(order.by))
    return bad(
        fmt::format("by must be one line of at most {} bytes, without any character that steers a "
                    "terminal or turns a text",
                    kByMax));
  if (order.take_over && order.kind != Order::Kind::maintenance)
    return bad("takeOver must be given with maintenance only");
  if (!has_end(order.kind)) {
    if (order.until != WallTime{})
      return bad(fmt::format("{} must not have an end", order_name(order.kind)));
    return success();
  }
  if (order.until == WallTime{})
    return bad(fmt::format("{} must have an end: for or until (--for 30m, or --until TIME)",
                           order_name(order.kind)));
  if (order.until <= now)
    return bad(fmt::format("the end of {} must be in the future", order_name(order.kind)));
  if (order.until - now > kOrderLastsMax)
    return bad(fmt::format("the end of {} must be at most 7 days away", order_name(order.kind)));
  return success();
}

OrderAnswer judge(const Order& order, const OrderFacts& f) {
  if (f.role == Role::off)
    return answer(AnswerKind::refused,
                  "{} is in no pair that is in force; `tandem status` tells what is declared, and "
                  "whether it waits for `tandem apply --structural --reason REASON`",
                  f.node);
  if (const auto role = carrier(order.kind); role && *role != f.role)
    return answer(AnswerKind::elsewhere, "{} is for the {}: order it on {}", order_name(order.kind),
                  role_name(*role), f.peer);
  const bool stands = order.kind == Order::Kind::suspend || order.kind == Order::Kind::resume;
  if (!f.ours && !stands)
    return answer(AnswerKind::refused, "{}",
                  vendors_duty(order.kind, f.product, primary_of(f), secondary_of(f)));
  switch (order.kind) {
    case Order::Kind::takeover: return takeover(f);
    case Order::Kind::failback: return failback(f);
    case Order::Kind::switchover: return switchover(order, f);
    case Order::Kind::suspend: return suspend(order, f);
    case Order::Kind::resume: return resume(f);
    case Order::Kind::maintenance: return begin_maintenance(order, f);
    case Order::Kind::end_maintenance: return end_maintenance(f);
    case Order::Kind::ack: return ack(f);
  }
  return {};  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem

// What a person may order: which node carries it out, and whether it makes sense now. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/failover.h"
#include "core/result.h"

namespace tandem {

// The longest that a suspension, a switchover or a maintenance may last.
inline constexpr std::chrono::hours kOrderLastsMax{7 * 24};
// So long after a takeover was accepted the secondary must have begun it: the order's own limit,
// and some words of the peer link.
inline constexpr std::chrono::seconds kTakeoverBegins{15};
inline constexpr std::size_t kReasonCharactersMax = 200;  // characters

// What is known on the node where the order is judged.
struct OrderFacts {
  std::string node, peer;  // names
  Role role = Role::off;
  bool ours = true;  // spec.failover.owner is tandem
  NodeState state = NodeState::off;
  TakeoverCause cause = TakeoverCause::none;  // of the takeover that lasts
  PrimaryVerdict verdict = PrimaryVerdict::unknown;
  NodeState peer_state = NodeState::off;  // off: not known
  bool peer_link = false;                 // the other operator is heard
  bool peer_fit = false;                  // as far as it tells, the other node could serve
  WallTime now{};
  std::optional<Suspension> suspension;  // by order
  bool suspended_by_declaration = false;
  std::optional<Maintenance> maintenance;  // of this node
  std::string closed;                      // why the loop may not act on this node; "": it may
  bool suspended = false;                  // by order or by the declaration
  bool role_conflict = false;              // the nodes do not agree on their roles
  // The order that waits on this node for what it needs.
  struct Waiting {
    Order::Kind kind = Order::Kind::ack;
    std::string id;
  };
  std::optional<Waiting> waiting;

  // For how far an order is. Telephony of a node is seen to be away.
  bool stopped = false, peer_stopped = false;
  std::string peer_order, peer_result;  // the last one of the other node, by id
  Product product = Product::wazo;
  TakeoverCause peer_cause = TakeoverCause::none;
  std::optional<Maintenance> peer_maintenance;  // as it said last
};

struct OrderAnswer {
  enum class Kind {
    accepted,   // to be carried out here, or was
    needless,   // it is so already
    refused,    // not as things are
    elsewhere,  // the other node's to carry out
  };
  Kind kind = Kind::refused;
  std::string sentence;

  bool good() const { return kind == Kind::accepted || kind == Kind::needless; }
  bool operator==(const OrderAnswer&) const = default;
};

// Whether the order is well-formed, whoever judges it. Ids are 8 to 64 letters, digits and hyphens;
// a reason is of 1 to 200 characters in one line; an end is in the future, at most kOrderLastsMax
// away, and there exactly where its kind has one.
Status well_formed(const Order& order, WallTime now);

// Whether orders of this kind have an end.
bool has_end(Order::Kind kind);
// Whether telephony stops for a moment, so that a person is asked.
bool disturbs(const Order& order);

// Of an order that is well-formed.
OrderAnswer judge(const Order& order, const OrderFacts& facts);

// How far an accepted order is, as seen from a node of the pair.
struct OrderProgress {
  enum class Kind { under_way, done, failed };
  Kind kind = Kind::under_way;
  std::string sentence;
  bool operator==(const OrderProgress&) const = default;
};
// `result`: what this node remembers of it, if anything.
OrderProgress progress_of(const Order& order, const OrderFacts& facts,
                          const std::optional<std::string>& result = std::nullopt);

}  // namespace tandem

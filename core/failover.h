// The words of takeover and failback that several layers share: what a node does now, what it knows
// of the primary, and what a person may order.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/goal.h"
#include "core/pair.h"

namespace tandem {

// What a node does now. `off`: it is in no pair. `serving` and `degraded` are the primary's own,
// `rejoining` and `maintenance` both nodes', the others the secondary's.
enum class NodeState {
  off,
  rejoining,
  standby,
  suspect,
  isolated,
  activating,
  active,
  failback_hold,
  latched,
  deactivating,
  faulted,
  maintenance,
  serving,
  degraded,
};
inline constexpr std::size_t kNodeStates = 14;

// "Off", "Standby", "FailbackHold", ...
std::string_view state_name(NodeState state);
std::optional<NodeState> state_of_name(std::string_view name);
// Whether a node in this state means to answer phones.
bool serves(NodeState state);
// Whether the secondary has begun to take over, whatever became of it.
bool has_begun_to_serve(NodeState state);

// What the secondary holds of the primary.
enum class PrimaryVerdict { unknown, serving, service_down, host_down, isolated, maintenance };
inline constexpr std::size_t kPrimaryVerdicts = 6;
// "Unknown", "Serving", "ServiceDown", "HostDown", "Isolated", "Maintenance"
std::string_view verdict_name(PrimaryVerdict verdict);

// What made the secondary serve.
enum class TakeoverCause { none, host_down, service_down, ordered, announced, by_hand };
// "None", "HostDown", "ServiceDown", "Ordered", "Announced", "ByHand"
std::string_view cause_name(TakeoverCause cause);
std::optional<TakeoverCause> cause_of_name(std::string_view name);

// A node that is taken out of service for a time: by an order on it, with an end.
struct Maintenance {
  std::string reason;
  WallTime until{};
  // The other node takes over at once rather than to wait until it is over.
  bool take_over = false;
  // The node's services are stopped meanwhile, and started by us at the end (switchover).
  bool stopped = false;
  bool operator==(const Maintenance&) const = default;
};

struct Order {
  enum class Kind {
    takeover,
    failback,
    switchover,
    suspend,
    resume,
    maintenance,
    end_maintenance,
    ack
  };
  Kind kind = Kind::ack;
  std::string id;      // chosen by whoever typed it: the same order twice is carried out once
  std::string reason;  // of a person, never empty
  std::string by;      // who, as far as is known: "root on pbx-a"
  WallTime at{};
  WallTime until{};        // suspend, switchover, maintenance
  bool take_over = false;  // maintenance: the other node takes over at once
  bool operator==(const Order&) const = default;
};
// "takeover", "failback", "switchover", "suspend", "resume", "maintenance", "end-maintenance",
// "ack"
std::string_view order_name(Order::Kind kind);
std::optional<Order::Kind> order_of_name(std::string_view name);

// The result of an order that was accepted and came to nothing: "not carried out: WHY". The nodes
// tell each other results as text, and keep them so.
std::string not_carried_out(std::string_view why);
bool was_not_carried_out(std::string_view result);

// How a node's own SIP service is, by its own look.
enum class OwnSip { unknown, answers, silent };
// Why it does not answer, as far as the node itself can tell; decides how long the other one waits.
enum class ServiceTrouble { unknown, failed, restarting };

// The telephony services of a node, as its own operator saw them last.
struct OwnServices {
  bool known = false;        // systemd could be asked
  bool sip_unit_up = false;  // Asterisk's unit is active
  bool sip_unit_starting = false;
  bool all_down = false;              // every telephony unit is stopped, and nothing will start one
  bool disabled = false;              // the vendor's standby marker is there
  Stance looked_for = Stance::as_is;  // what they were to do when they were looked at
  std::optional<int> calls;           // channels that are up; nullopt: not known
  std::optional<std::chrono::steady_clock::time_point> calls_at;  // when they were counted
  ServiceTrouble trouble = ServiceTrouble::unknown;
  std::vector<std::string> impaired;  // units that calls need beside Asterisk, and that are down
  bool operator==(const OwnServices&) const = default;
};

// What one operator tells the other, at most a few seconds old.
struct PeerWord {
  std::string pair;  // metadata.name
  std::string node;
  Role role = Role::off;
  NodeState state = NodeState::off;
  std::uint64_t epoch = 0;
  TakeoverCause cause = TakeoverCause::none;  // of the takeover that lasts
  OwnSip sip = OwnSip::unknown;
  ServiceTrouble trouble = ServiceTrouble::unknown;  // meant where sip is silent
  std::vector<std::string> impaired;  // what calls need beside SIP, and is down: "postgresql", ...
  bool upgrading = false;
  bool hears_us = false;  // it had an answer of ours within its last three periods
  bool hears_our_sip = false;
  std::optional<Maintenance> maintenance;
  std::optional<Suspension> suspension;  // by order
  std::string spec_sha256;               // of the declaration in force; "" where there is none
  WallTime spec_since{};      // since when it is, by that node's clock; the epoch where not known
  std::string wanted_sha256;  // of what its file asks for: differs while that waits for its order
  std::string tandem_version;
  std::string product_version;  // "" where not known
  std::string boot_id;
  std::string last_order;             // the id of the last order that it carried out or refused
  std::string last_order_result;      // a sentence
  std::vector<std::string> not_well;  // the types of its conditions that need attention
  bool operator==(const PeerWord&) const = default;
};

}  // namespace tandem

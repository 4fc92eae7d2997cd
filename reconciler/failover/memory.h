// What takeover and failback must remember over a crash, a reboot and a full disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/failover.h"
#include "core/result.h"

namespace tandem {

// The longest registrations that phones may still hold; see bound.h.
struct KeptExpiry {
  static constexpr std::size_t kPastMax = 32;

  struct Past {
    std::chrono::milliseconds maximum{};
    std::chrono::milliseconds until{};  // on the clock that starts with the host, as Instant
    bool operator==(const Past&) const = default;
  };
  std::optional<std::chrono::milliseconds> current;
  std::vector<Past> past;
  bool operator==(const KeptExpiry&) const = default;
};

struct FailoverMemory {
  static constexpr std::size_t kFailbacksMax = 32;
  static constexpr std::size_t kOrdersMax = 32;
  static constexpr std::size_t kIdMax = 64;     // of an order's id, and
  static constexpr std::size_t kTextMax = 300;  // of every other text, in bytes: cut when kept

  NodeState state = NodeState::off;
  WallTime state_since{};
  std::uint64_t epoch = 0;
  TakeoverCause cause = TakeoverCause::none;
  bool fault_of_activation = false;  // Faulted on the way in, not out
  bool held = false;                 // this node leaves by a person's word only, not by itself
  bool failback_ordered = false;     // the failback that is under way is a person's
  bool start_again = false;          // the primary's services were stopped by us, for a time
  std::optional<Maintenance> maintenance;  // of this node
  std::optional<Maintenance> announced;    // what the primary announced last
  std::optional<Suspension> suspension;    // by order
  bool witness_usable = false;             // when it was last told; see evidence.h
  bool sip_seen = false;                   // SIP of the primary was once answered from here
  // Names, addresses and roles of the pair. Under another one only the epoch means anything.
  std::string pair_key;
  std::vector<WallTime> failbacks;  // the automatic ones, oldest first
  std::string boot_id;
  std::optional<std::uint64_t> activation_xid;  // of the database when this node began to serve
  // Ids and results of orders, oldest first: the same one twice is carried out once.
  std::deque<std::pair<std::string, std::string>> orders;
  KeptExpiry expiry;

  bool operator==(const FailoverMemory&) const = default;

  // Keeps the newest kFailbacksMax.
  void note_failback(WallTime when);
  // Keeps the newest kOrdersMax; an id that is known gets the new result.
  void note_order(std::string id, std::string result);
  // The result of the order with this id, if it is remembered.
  const std::string* result_of(std::string_view id) const;
  // Takes up the key of the pair in force. Under another key what was seen and done belongs to the
  // other pair and starts anew. The epoch, the orders, what phones hold and the suspension last: a
  // person's word for this node ends by its time or by a person. While it has the role it had, so
  // do its maintenance and the services that we stopped. True: it was another.
  bool belong_to(const std::string& key, bool same_role);
};

// JSON, one line; times to the millisecond. The texts are cut to kTextMax, the lists to their
// newest.
std::string to_text(const FailoverMemory& memory);
// Strict: an unknown field, a wrong type or a list too long is invalid, and so is a newer format.
Result<FailoverMemory> memory_of_text(std::string_view text);

// Of the suspension that begins where the memory can not be read.
inline constexpr std::string_view kMemoryLost =
    "what this node remembered of takeovers and orders can not be read, so it is not known whether "
    "it was suspended or in maintenance; look at both nodes first";

// Of a format that this program does not know.
bool is_newer_memory(std::string_view text);
// It is that suspension, which nobody has ended after a look: no other one takes its place.
bool is_of_loss(const std::optional<Suspension>& suspension);
// It was written down.
bool is_of_loss(const FailoverMemory& memory);

}  // namespace tandem

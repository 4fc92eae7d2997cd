// What a node does next about takeover and failback: a pure function of all that is known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/failover.h"
#include "core/goal.h"
#include "reconciler/failover/evidence.h"
#include "reconciler/failover/memory.h"
#include "reconciler/failover/transitions.h"

namespace tandem {

// What the secondary has to be able to serve.
struct Fitness {
  bool wizard_passed = true;
  bool replicated = true;           // at least once, as far as can be told
  std::vector<std::string> misses;  // of what else is wanted: a warning, no hindrance
  bool looked = true;               // all of it has been asked for once
};

// One thing that a takeover or a failback waits for. `tandem why` shows them, and they decide.
enum class Guard {
  owner,
  mode,
  gate,
  suspension,
  no_conflict,
  wizard,
  replicated,
  grace,
  confirmed,
  durable,
  held,
  hold,
  failback_mode,
  upgrade,
  calls,
  window,
};
std::string_view guard_name(Guard guard);
// "a; b"
std::string guard_names(const std::vector<Guard>& guards);

// Bounds that are no field of the declaration.
inline constexpr int kAnswersInARow = 3;  // of the primary, to be believed again
// A count of the calls that is older tells nothing of a call that has begun since.
inline constexpr std::chrono::seconds kCallsFresh{5};

// All by which a node decides. There is one set, the product's; the simulator hands in spoiled ones
// to show that its oracles notice.
struct Rules {
  std::span<const Row> secondary, primary;
  std::span<const StartRow> secondary_starts, primary_starts;
  std::span<const Guard> takeover, failback;  // all must hold
  int answers_in_a_row = kAnswersInARow;
  bool write_before_acting = true;
  Listening listening{};

  std::span<const Row> rows_of(Role role) const {
    return role == Role::secondary ? secondary
           : role == Role::primary ? primary
                                   : std::span<const Row>{};
  }
  std::span<const StartRow> starts_of(Role role) const {
    return role == Role::secondary ? secondary_starts
           : role == Role::primary ? primary_starts
                                   : std::span<const StartRow>{};
  }
};
const Rules& product_rules();

// An order that waits to be carried out, as it was accepted.
struct PendingOrder {
  Order::Kind kind;
  Maintenance maintenance{};  // with Order::Kind::maintenance, switchover
};

struct Situation {
  const Rules* rules = &product_rules();
  Role role = Role::off;
  const HAPair* pair = nullptr;
  const FailoverMemory* memory = nullptr;
  const Hearing* hearing = nullptr;
  OwnServices own;
  Instant own_seen = Instant::min();  // when they were looked at
  Fitness fit;
  Instant now{};
  WallTime wall{};
  Instant since{};                      // when the present state was entered
  int attempts = 0;                     // to start the services, in the takeover that lasts
  bool served = false;                  // this node did, before it was activated again
  std::optional<Instant> upgraded;      // when an upgrade of either node was last under way
  std::optional<Instant> own_upgraded;  // of this node
  bool undecided = false;               // since the operator started
  bool gate_open = true;                // the loop may act on this node
  bool suspended = false;               // by the declaration or by an order
  bool grace_over = true;               // bootGrace, or the primary has been seen since the boot
  bool role_conflict = false;
  bool maintenance_over = false;
  bool in_window = true;  // spec.failover.failback.window
  bool durable = true;    // what is decided can be written down, as far as was seen last
  std::optional<PendingOrder> order;

  const Weighed& weighed() const { return hearing->weighed(); }
};

bool holds(Guard guard, const Situation& now);
std::vector<Guard> failing(const std::vector<Guard>& guards, const Situation& now);
std::vector<Guard> takeover_guards(const Situation& now);
std::vector<Guard> failback_guards();

inline constexpr std::chrono::seconds kOwnSilence{15};  // own SIP, before it is believed
// So long after an upgrade a start of the services is its own, not a person's.
inline constexpr std::chrono::minutes kUpgradeStarts{10};
// The pause after attempt 1, 2, and every later one.
inline constexpr std::chrono::seconds kRetryPauses[] = {
    std::chrono::seconds{30}, std::chrono::seconds{60}, std::chrono::seconds{120}};
std::chrono::seconds retry_pause(int attempts);

// Since when the primary's answers count for failback.hold; nullopt: it does not answer.
std::optional<Instant> hold_since(const Situation& now);

// As the other operator tells, and its SIP answers.
bool secondary_serves(const Situation& now);

Facts facts_of(const Situation& now);

struct Decision {
  const Row* row = nullptr;  // nullptr: nothing changes
  FailoverMemory memory;     // with a row: to be written down before anything is done
  bool evidence_anew = false;
  bool carries_out_order = false;
  TakeoverCause cause = TakeoverCause::none;  // where a takeover begins
};
Decision decide(const Situation& now);

// What `memory` becomes at the start of an operator.
struct Start {
  const StartRow* row = nullptr;
  FailoverMemory memory;
};
Start start_from(const Rules& rules, Role role, const HAPair& pair, FailoverMemory kept,
                 WallTime wall);

// What the services of the node should do in this state.
Stance stance_of(Role role, const HAPair& pair, const FailoverMemory& memory);
// Whether the calls of this node have been counted a moment ago.
bool calls_counted(const Situation& now);
// Whether a failback waits for nothing else: they end, or have not been counted yet.
bool waits_for_calls(const Situation& now);
// Whether the services are started one by one rather than by the vendor's command: from the second
// attempt on, and at once where they ran already. (Where that command does not even come to
// Asterisk in time, resources/services.h does so by itself.)
bool starts_by_parts(const Situation& now);

// The automatic failbacks that count at `wall`; one in the future counts, since clocks jump.
std::size_t failbacks_within(const FailoverMemory& memory, Duration window, WallTime wall);

// "primary=pbx-a/192.0.2.10 secondary=...": what the memory of a pair belongs to.
std::string pair_key(const HAPair& pair, std::string_view node);
// Whether the node has the same role by both keys.
bool same_role(std::string_view key, std::string_view other);

}  // namespace tandem

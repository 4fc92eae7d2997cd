// Takeover and failback of one node: what is heard, what is remembered, what is decided. It does no
// I/O but to write down its memory: probes and the loop hand in what they know, and the loop makes
// the node what stance() says. The simulator runs this very class.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/failover.h"
#include "core/goal.h"
#include "core/history.h"
#include "reconciler/failover/deadline.h"
#include "reconciler/failover/decision.h"
#include "reconciler/failover/evidence.h"
#include "reconciler/failover/memory.h"

namespace tandem {

class FailoverEngine {
 public:
  // What the loop knows of the node at a turn.
  struct Inputs {
    const HAPair* pair = nullptr;
    std::string node;
    Role role = Role::off;
    OwnServices own;
    Instant own_seen = Instant::min();  // when they were looked at
    Fitness fit;
    std::string closed;  // why the loop may not act on this node; "": it may
    bool upgrading = false;
    std::string spec_sha256, tandem_version, product_version;
    bool in_window = true;  // spec.failover.failback.window, by local time
  };

  // A takeover order is carried out within one turn or not at all; a switchover waits for the other
  // node to serve.
  static constexpr std::chrono::seconds kOrderLimit{5};
  static constexpr std::chrono::seconds kSwitchoverMargin{60};  // over activationTimeout
  static constexpr int kTransitionsMax = 4;                     // in one turn

  // `boot_id` of the host as it runs now: another one than the kept means that it was started.
  FailoverEngine(MemoryKeeper& keeper, std::string boot_id, const Rules& rules = product_rules());

  Hearing& hearing() { return hearing_; }
  const Hearing& hearing() const { return hearing_; }

  // One turn: weighs what was heard, decides, writes it down. What changed, oldest first.
  std::vector<Transition> turn(const Inputs& inputs, Instant now, WallTime wall);

  // Takes an order that was found good (orders.h). What it sets off shows in the next turns; the
  // sentence says what that will be. The same id again gives the same sentence and does nothing.
  Result<std::string> accept(const Order& order, Instant now, WallTime wall);
  // A switchover waits for the other node to be told: the order for it, once.
  std::optional<Order> order_for_peer();

  // The order that waits could not be passed on: it is dropped.
  void drop_order() { pending_.reset(); }

  Stance stance() const { return stance_; }
  bool starts_by_parts() const { return by_parts_; }
  bool suspended(Instant now, WallTime wall) const;
  NodeState state() const { return memory_.state; }
  const FailoverMemory& memory() const { return memory_; }
  Instant since() const { return since_; }
  int attempts() const { return attempts_; }
  const Situation& situation() const { return situation_; }  // of the last turn
  bool stalled() const { return stalled_; }                  // the last turn came late
  // What this node tells the other.
  PeerWord word(Instant now, WallTime wall) const;
  bool durable() const { return durable_; }

 private:
  void begin(const Inputs& inputs, Instant now, WallTime wall);
  void absorb(const Inputs& inputs, Instant now, WallTime wall);
  void look(const Inputs& inputs, Instant now, WallTime wall);
  bool write_down(const FailoverMemory& memory);
  bool may_go_without(const Decision& decision) const;
  bool begins_nowhere(Instant now) const;
  void enter(const Decision& decision, Instant now, std::vector<Transition>& told, WallTime wall);

  MemoryKeeper& keeper_;
  const Rules& rules_;
  std::string boot_id_;
  Hearing hearing_;
  FailoverMemory memory_;
  FailoverMemory written_;
  bool begun_ = false;
  bool durable_ = true;
  bool booted_ = false;  // the host was started since the memory was written
  Role role_ = Role::off;

  Instant since_{};
  int attempts_ = 0;
  std::optional<Instant> grace_until_;
  std::optional<Instant> upgraded_, own_upgraded_;
  Deadline declared_suspension_, ordered_suspension_, maintenance_;
  std::optional<PendingOrder> pending_;
  std::string pending_id_, pending_answer_;
  Instant pending_since_{}, pending_until_{};
  std::optional<Order> for_peer_;

  HAPair pair_;  // as of the last turn
  Inputs inputs_;
  Situation situation_;
  Stance stance_ = Stance::as_is;
  bool by_parts_ = false;
  bool stalled_ = false;
};

}  // namespace tandem

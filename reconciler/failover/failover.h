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
#include "reconciler/failover/memory_keeper.h"

namespace tandem {

// Whether telephony of this node is away, as far as is seen: its services, or its own SIP.
bool seen_stopped(const Situation& now);

// Where it is not known whether hands were to be off this node; it goes on until somebody has
// looked.
Suspension suspension_of_loss(WallTime now);

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
  // node to serve, a failback for its hold and the calls.
  static constexpr std::chrono::seconds kOrderLimit{5};
  static constexpr std::chrono::seconds kSwitchoverMargin{60};  // over activationTimeout
  static constexpr std::chrono::minutes kFailbackMargin{15};    // over hold and waitForCalls
  static constexpr std::size_t kLostMax = 8;                    // until somebody asks
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

  // The order with this id could not be passed on: it is dropped, and no other.
  void drop_order(const std::string& id);

  // An order that was accepted and waits until what it needs is so.
  struct WaitingOrder {
    Order order;
    PendingOrder decides;  // what of it the tables ask for
    std::string answer;
    Instant until{};
    WallTime since{};  // as a person reads it
    Instant taken{};   // the same by the monotonic clock
  };
  const std::optional<WaitingOrder>& waiting() const { return waiting_; }

  // Orders that were accepted and came to nothing, with why, since the last call. Their result is
  // in the memory as well, so that whoever waits for one learns it.
  struct LostOrder {
    Order order;
    std::string why;
  };
  std::vector<LostOrder> lost_orders();

  Stance stance() const { return stance_; }
  bool starts_by_parts() const { return by_parts_; }
  // From the first turn on.
  bool suspended(Instant now, WallTime wall) const;
  bool begun() const { return begun_; }
  // What was kept can not be read, and nobody has looked since.
  bool memory_lost() const { return keeper_.is_lost(); }
  NodeState state() const { return memory_.state; }
  const FailoverMemory& memory() const { return memory_; }
  // Written down with the next turn.
  void keep_expiry(KeptExpiry expiry) { memory_.expiry = std::move(expiry); }
  // Until the first turn: whether the memory was written since the host was started.
  bool kept_in_this_boot() const { return !booted_ && !boot_id_.empty(); }
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
  void enter(const Decision& decision, Instant now, std::vector<Transition>& told, WallTime wall);

  // Orders: order_taking.cc
  std::string take_at_once(const Order& order, Instant now);
  std::string take_to_wait(const Order& order, Instant now, WallTime wall);
  bool is_done_at_once(const Order& order) const;
  void withdraw();
  void carried_out();
  void lose(const Order& order, const std::string& why);
  void expire_orders(Instant now);
  void expire_failback(Instant now);

  MemoryKeeper& keeper_;
  const Rules& rules_;
  std::string boot_id_;
  Hearing hearing_;
  FailoverMemory memory_;
  FailoverMemory written_;
  bool begun_ = false;
  bool durable_ = true;
  bool adopting_ = false;   // begin() found a node that served: it goes on
  bool undecided_ = false;  // no change of state since begin()
  bool booted_ = false;     // the host was started since the memory was written
  Role role_ = Role::off;

  Instant since_{};
  int attempts_ = 0;
  bool served_ = false;
  std::optional<Instant> grace_until_;
  std::optional<Instant> upgraded_, own_upgraded_;
  Deadline declared_suspension_, ordered_suspension_, maintenance_;
  std::optional<WaitingOrder> waiting_;  // one at a time
  std::optional<Order> for_peer_;
  std::optional<Order> stopping_;  // a switchover that this node stops for
  std::optional<Order> failback_;  // the one behind memory_.failback_ordered
  Instant failback_until_{};
  std::vector<LostOrder> lost_;

  HAPair pair_;  // as of the last turn
  Inputs inputs_;
  Situation situation_;
  Stance stance_ = Stance::as_is;
  bool by_parts_ = false;
  bool stalled_ = false;
};

}  // namespace tandem

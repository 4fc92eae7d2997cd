// What the loop tells the outside. The log, the metrics and the events implement it.
#pragma once

#include <string_view>

#include "core/condition.h"
#include "core/history.h"
#include "reconciler/failover/orders.h"
#include "reconciler/notify/notify_told.h"
#include "reconciler/replication/copy_state.h"
#include "reconciler/replication/harvest_told.h"
#include "reconciler/report.h"

namespace tandem {

// An order to take the last copy of the database back, and what it came to.
struct UndoTold {
  CopyTold told;
  std::string by, reason;
};

class Observer {
 public:
  virtual ~Observer() = default;
  // After each look at a resource.
  virtual void reported(const Report& report) = 0;
  // A condition's status or reason is new.
  virtual void condition_changed(const Condition& condition) = 0;
  // A version of pair.yaml was refused; once a version.
  virtual void spec_rejected(std::string_view message) = 0;
  // A version of pair.yaml is in force.
  virtual void spec_accepted(std::string_view how) = 0;
  // The node is in another state of takeover and failback.
  virtual void state_changed(const Transition&) {}
  // A takeover has ended, or its record tells more than before.
  virtual void taken_over(const TakeoverRecord&) {}
  // A command of spec.hooks has ended.
  virtual void hook_ran(std::string_view, bool /*succeeded*/) {}
  // An order was carried out, refused, not needed, or given to the other node.
  virtual void ordered(const Order&, const OrderAnswer&) {}
  // An order that was accepted came to nothing.
  virtual void order_lost(const Order&, std::string_view /*why*/) {}
  // A copy to the secondary has ended, well or not.
  virtual void copied(const CopyTold&) {}
  // Somebody ordered copies, and they will be made.
  virtual void copy_ordered(const CopyOrderTyped&) {}
  // A copy was taken back, or could not be.
  virtual void undone(const UndoTold&) {}
  // Changes made on the secondary while it served were carried back, or given up.
  virtual void divergence_told(const DivergenceTold&) {}
  // What users left on the secondary has come home, or has not.
  virtual void harvested(const HarvestTold&) {}
  // People were told of something, or could not be.
  virtual void notified(const NotifyTold&) {}
};

}  // namespace tandem

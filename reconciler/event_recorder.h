// Makes events of what happens, for `tandem get events`.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "ports/clock.h"
#include "ports/event_store.h"
#include "reconciler/observer.h"

namespace tandem {

class EventRecorder : public Observer {
 public:
  EventRecorder(EventStore& store, const Clock& clock, std::string node)
      : store_(store), clock_(clock), node_(std::move(node)) {}

  // A repair each time; what can not be looked at or repaired when that is new.
  void reported(const Report& report) override;
  // What is well when it is first seen is no event: nothing is known to have changed.
  void condition_changed(const Condition& condition) override;
  void spec_rejected(std::string_view message) override;
  void spec_accepted(std::string_view how) override;
  void state_changed(const Transition& transition) override;
  void taken_over(const TakeoverRecord& record) override;
  void ordered(const Order& order, const OrderAnswer& answer) override;
  void order_lost(const Order& order, std::string_view why) override;
  // A failure when its reason is new, the first success after one, what was copied of files, and
  // what a person should know once.
  void copied(const CopyTold& told) override;
  // What came home or was given up; a failure when its reason is new.
  void harvested(const HarvestTold& told) override;
  void copy_ordered(const CopyOrderTyped& order) override;
  void undone(const UndoTold& undo) override;
  void divergence_told(const DivergenceTold& told) override;
  void hook_ran(std::string_view program, bool succeeded) override;
  // A failure when its reason is new.
  void notified(const NotifyTold& told) override;

  // How many of a type were told since the start, kept or not.
  std::uint64_t told(Event::Type type) const {
    return type == Event::Type::normal ? normal_ : warnings_;
  }

  // What else is worth an event.
  void add(Event::Type type, std::string reason, std::string object, std::string message);

 private:
  EventStore& store_;
  const Clock& clock_;
  std::string node_;
  std::uint64_t normal_ = 0, warnings_ = 0;
  std::uint64_t epoch_ = 0;                      // of the last takeover that was told
  std::map<std::string, std::string> failed_;    // by resource: the error that was told
  std::map<std::string, Condition> seen_;        // by type
  std::map<CopyKind, std::string> copy_failed_;  // the reason that was told; empty: it went well
  std::string harvest_failed_;                   // the last reason
  std::set<std::string> copy_notes_;             // that were told
};

}  // namespace tandem

// Makes events of what happens, for `tandem get events`.
#pragma once

#include <functional>
#include <map>
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

  // What else is worth an event.
  void add(Event::Type type, std::string reason, std::string object, std::string message);

 private:
  EventStore& store_;
  const Clock& clock_;
  std::string node_;
  std::uint64_t epoch_ = 0;                    // of the last takeover that was told
  std::map<std::string, std::string> failed_;  // by resource: the error that was told
  std::map<std::string, Condition> seen_;      // by type
};

}  // namespace tandem

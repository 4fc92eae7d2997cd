// What the loop tells the outside. The log and the metrics implement it; events will.
#pragma once

#include <string_view>

#include "core/condition.h"
#include "reconciler/report.h"

namespace tandem {

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
};

}  // namespace tandem

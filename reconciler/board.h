// What is known of this node now, for everybody who asks: the last report of each resource, and the
// conditions with the time of their last transition.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/goal.h"
#include "core/pair.h"
#include "reconciler/report.h"

namespace tandem {

struct ConditionRecord {
  Condition condition;
  WallTime since{};  // of the present status
};

class Board {
 public:
  // `resources`: the names, in the order in which they are shown.
  explicit Board(std::vector<std::string> resources);

  void put(Report report, WallTime when);

  // True where status or reason is new. The time changes with the status alone.
  bool put(const Condition& condition, WallTime when);

  // A condition that nobody tells any more: nothing is known of it.
  void drop(std::string_view type);

  // Converged, and Ready which sums up all others; from what was put before.
  std::vector<Condition> summary() const;

  struct Entry {
    std::string name;
    std::optional<Report> report;  // nullopt: not looked at yet
    WallTime when{};
  };
  const std::vector<Entry>& resources() const { return resources_; }
  const std::vector<ConditionRecord>& conditions() const { return conditions_; }
  const ConditionRecord* condition(std::string_view type) const;

 private:
  std::vector<Entry> resources_;
  std::vector<ConditionRecord> conditions_;  // in the order of first sight
};

}  // namespace tandem

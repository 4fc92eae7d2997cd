// What `tandem doctor` tells: every prerequisite and condition, met or not, with what was seen.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.h"
#include "core/goal.h"
#include "reconciler/plan.h"

namespace tandem {

struct Check {
  Condition condition;
  std::string group;   // "the other node"
  std::string source;  // who saw it: "now", or the "operator" that runs
};

struct Checkup {
  std::string node;
  Role role = Role::off;
  Product product = Product::wazo;
  bool operator_runs = false;
  std::vector<Check> checks;        // in the order in which a person goes through them
  std::vector<std::string> others;  // checks that only the primary can make

  std::size_t not_met() const;
  std::size_t unknown() const;
};

// What the looks at the resources came to: their conditions, and a condition for each that could
// not be looked at at all.
std::vector<Condition> conditions_of(const Plan& plan);

// What was looked at now, whatever came of it, and of what the operator tells only the rest: its
// word is older, and a look that failed now is news. `told` is the list of conditions of its
// document, or null.
std::vector<Check> merged(const std::vector<Condition>& seen, const nlohmann::ordered_json& told);

// In the order of the groups; with the names of those that `role` can not ask.
void arrange(Checkup& checkup);

nlohmann::ordered_json checkup_document(const Checkup& checkup);

// "ok", "not met", "unknown"
std::string_view mark_of(const Condition& condition);

}  // namespace tandem

// Spoiled ways to decide, to show that each oracle notices what it is there for. The unspoiled one
// is what the operator runs.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/pair.h"
#include "reconciler/failover/decision.h"

namespace tandem::sim {

struct Mutation {
  std::string_view name;     // "": none
  std::string_view oracle;   // that must catch it
  std::string_view meaning;  // a sentence
  Rules rules = product_rules();
  // What the operators are told of the declaration: a spoiled timer.
  void (*declare)(HAPair&) = nullptr;
  bool witnesses_ignored = false;
  bool disk_lies = false;
  bool announcements_ignored = false;
  bool decides_by_wall = false;
  bool primary_acts_alone = false;  // without the other one heard it stops
};

const Mutation& no_mutation();
std::span<const Mutation> mutations();
const Mutation* find_mutation(std::string_view name);

}  // namespace tandem::sim

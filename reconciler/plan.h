// What `tandem plan` and /api/v1/plan show: all that a pass would change on this node, without
// doing it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/goal.h"
#include "reconciler/managed.h"

namespace tandem {

struct Plan {
  std::string node;
  Role role = Role::off;
  std::vector<std::string>
      structural;  // not empty: the plan is for a declaration that waits for its order
  std::vector<std::string>
      edits;  // the other fields that the file changes, where a declaration is in force
  std::vector<std::string> notes;  // why an operator would not carry it out now
  Reach allow = Reach::reload;
  std::vector<std::string> outlook;  // what a failure of the primary would mean: sentences
  std::vector<std::string> copies;   // what the next copy of files would do: sentences
  bool acts_not = false;             // an operator may not act now; a note says why
  std::vector<Report> reports;       // in the order in which a pass makes the changes

  // Drift that a pass would mend: not what is deferred by design.
  std::size_t changes() const;
  std::size_t failures() const;
  // Whether there is anything to change: on the node, or of the declaration in force.
  bool any() const { return changes() > 0 || !structural.empty() || !edits.empty(); }
  // Of the changes, those that reach beyond `allow`.
  std::size_t waiting() const;
};

// The resources in the role's order; those without a place in it come last.
std::vector<Managed*> in_order(const std::vector<std::unique_ptr<Managed>>& resources,
                               const Goal& goal);

// Observes every resource, in the role's order, and changes nothing.
Task<Plan> make_plan(std::vector<std::unique_ptr<Managed>>& resources, std::string node, Goal goal);

}  // namespace tandem

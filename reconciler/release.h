// Giving a node back to the vendor's mechanism: what is ours goes, what is the vendor's is put as
// the vendor leaves it, resource by resource in the order of the role.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/goal.h"
#include "reconciler/managed.h"

namespace tandem {

// What giving the node back means for the resource of this name; empty: the list has no line for
// it.
std::string_view on_release(std::string_view resource);

// Told of each resource as soon as it is done.
using ReleaseTold = std::function<void(const Managed&, const Report&)>;

// `goal` is a released_goal(). With `act` false it only tells what it would do. A resource that
// fails keeps no other from being let go. Started again after a stop at any step, it finishes.
// `resources` outlives the task.
Task<std::vector<Report>> release(const std::vector<std::unique_ptr<Managed>>& resources, Goal goal,
                                  bool act, ReleaseTold told);

// What a resource that takes something back could not make sure of, a sentence each.
std::vector<std::string> doubts(const Report& report);

// Whether nothing of ours is left, and all of the vendor's is right.
bool is_released(const std::vector<Report>& reports);

}  // namespace tandem

#include "reconciler/plan.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "reconciler/schedule.h"

namespace tandem {

std::vector<Managed*> in_order(const std::vector<std::unique_ptr<Managed>>& resources,
                               const Goal& goal) {
  const auto order = order_of(goal.role, goal.product);
  const auto place = [&](const Managed* resource) {
    return std::find(order.begin(), order.end(), resource->name()) - order.begin();
  };
  std::vector<Managed*> sorted;
  for (const auto& resource : resources) sorted.push_back(resource.get());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Managed* a, const Managed* b) { return place(a) < place(b); });
  return sorted;
}

std::size_t Plan::changes() const {
  std::size_t count = 0;
  for (const Report& report : reports)
    if (report.outcome != Outcome::deferred) count += report.left.size();
  return count;
}

std::size_t Plan::waiting() const {
  std::size_t count = 0;
  for (const Report& report : reports)
    for (const Change& change : report.left)
      if (report.outcome != Outcome::deferred && change.reach > allow) ++count;
  return count;
}

std::size_t Plan::failures() const {
  return static_cast<std::size_t>(
      std::count_if(reports.begin(), reports.end(),
                    [](const Report& r) { return r.outcome == Outcome::failed; }));
}

Task<Plan> make_plan(std::vector<std::unique_ptr<Managed>>& resources, std::string node,
                     Goal goal) {
  Plan plan;
  plan.node = std::move(node);
  plan.role = goal.role;
  for (Managed* resource : in_order(resources, goal)) {
    Permission observe = Permission::observe_only("shown only");
    Report report = co_await resource->reconcile(goal, std::move(observe));
    plan.reports.push_back(std::move(report));
  }
  co_return plan;
}

}  // namespace tandem

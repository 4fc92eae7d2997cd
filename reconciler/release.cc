#include "reconciler/release.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "reconciler/plan.h"

namespace tandem {

Task<std::vector<Report>> release(const std::vector<std::unique_ptr<Managed>>& resources, Goal goal,
                                  bool act, ReleaseTold told) {
  std::vector<Report> reports;
  for (Managed* resource : in_order(resources, goal)) {
    // Neither telephony nor a server is ever restarted for it.
    Permission permission =
        act ? Permission::up_to(Reach::reload) : Permission::observe_only("shown only");
    Report report = co_await resource->reconcile(goal, std::move(permission));
    told(*resource, report);
    reports.push_back(std::move(report));
  }
  co_return reports;
}

bool is_released(const std::vector<Report>& reports) {
  return std::all_of(reports.begin(), reports.end(),
                     [](const Report& report) { return settled(report.outcome); });
}

}  // namespace tandem

#include "reconciler/release.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "reconciler/plan.h"

namespace tandem {
namespace {

// A line for each resource. Where one has something of its own to take back, its desired() follows
// Goal::released, or what released_goal() makes of the rest.
struct Line {
  std::string_view resource;
  std::string_view meaning;
  bool leaves_nothing = false;  // on the node: it is not even looked at
};
constexpr Line kLines[] = {
    {"ha-conf", "ha.conf stays, with the vendor's own bytes for the role"},
    {"sentinels", "the sentinel of the role stays"},
    {"cron-files", "the vendor's cron file of the role stays or is put back"},
    {"registrars", "stay as they are; the vendor's next PUT /ha sets them"},
    {"sip-expiry", "stays as it is; the vendor has not set it since 20.12"},
    {"postgres-access",
     "our lines and the role tandem go; the line that the vendor's copy needs stays or is put "
     "back"},
    {"services", "stay as they are: nothing is started or stopped"},
    {"probe-allowed", "fail2ban is told to forget the addresses that we had it ignore"},
    {"sync-key", "our key, and our line in authorized_keys, go; the vendor's key stays"},
    {"cc-replication",
     "the contact centre's settings stay: the product's documentation wants them"},
    {"isdn-switch", "stays in its position; nobody moves it any more"},
    {"after-role-change", "nothing of ours is on the node", true},
    {"prerequisites", "nothing of ours is on the node", true},
};

const Line* line_of(std::string_view resource) {
  for (const Line& line : kLines)
    if (line.resource == resource) return &line;
  return nullptr;
}

}  // namespace

std::string_view on_release(std::string_view resource) {
  const Line* const line = line_of(resource);
  return line == nullptr ? "" : line->meaning;
}

Task<std::vector<Report>> release(const std::vector<std::unique_ptr<Managed>>& resources, Goal goal,
                                  bool act, ReleaseTold told) {
  std::vector<Report> reports;
  for (Managed* resource : in_order(resources, goal)) {
    const Line* const line = line_of(resource->name());
    if (line != nullptr && line->leaves_nothing) continue;
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

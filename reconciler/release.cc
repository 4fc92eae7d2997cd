#include "reconciler/release.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "reconciler/plan.h"

namespace tandem {
namespace {

// What of a resource is on the node when Tandem goes.
enum class Trace {
  vendors,     // what the vendor would have there as well: it stays
  taken_back,  // something of ours: desired() follows Goal::released, or what released_goal() makes
  none,        // nothing: it is not even looked at
};

// A line for each resource.
struct Line {
  std::string_view resource;
  Trace trace;
  std::string_view meaning;
};
constexpr Line kLines[] = {
    {"ha-conf", Trace::vendors, "ha.conf stays, with the vendor's own bytes for the role"},
    {"sentinels", Trace::vendors, "the sentinel of the role stays"},
    {"cron-files", Trace::vendors, "the vendor's cron file of the role stays or is put back"},
    {"registrars", Trace::vendors, "stay as they are; the vendor's next PUT /ha sets them"},
    {"sip-expiry", Trace::vendors, "stays as it is; the vendor has not set it since 20.12"},
    {"postgres-access", Trace::taken_back,
     "our lines and the role tandem go; the line that the vendor's copy needs stays or is put "
     "back"},
    {"services", Trace::vendors, "stay as they are: nothing is started or stopped"},
    {"probe-allowed", Trace::taken_back,
     "fail2ban is told to forget the addresses that we had it ignore"},
    {"sync-key", Trace::none,
     "what tandem init made goes: our key, the pinned host key, our line in authorized_keys, the "
     "database password; your own ssh config in sshDir and the vendor's key stay"},
    {"cc-replication", Trace::vendors,
     "the contact centre's settings stay: the product's documentation wants them"},
    {"isdn-switch", Trace::vendors, "stays in its position; nobody moves it any more"},
    {"after-role-change", Trace::none, "nothing of ours is on the node"},
    {"prerequisites", Trace::none, "nothing of ours is on the node"},
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
    if (line != nullptr && line->trace == Trace::none) continue;
    // Neither telephony nor a server is ever restarted for it.
    Permission permission =
        act ? Permission::up_to(Reach::reload) : Permission::observe_only("shown only");
    Report report = co_await resource->reconcile(goal, std::move(permission));
    told(*resource, report);
    reports.push_back(std::move(report));
  }
  co_return reports;
}

std::vector<std::string> doubts(const Report& report) {
  std::vector<std::string> lines;
  const Line* const line = line_of(report.resource);
  if (line == nullptr || line->trace != Trace::taken_back) return lines;
  for (const Condition& condition : report.conditions)
    if (!is_well(condition)) lines.push_back(condition.type + ": " + condition.message);
  return lines;
}

bool is_released(const std::vector<Report>& reports) {
  return std::all_of(reports.begin(), reports.end(),
                     [](const Report& report) { return settled(report.outcome); });
}

}  // namespace tandem

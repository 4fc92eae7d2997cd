#include "tests/wazo_sim/control/journal.h"

#include "tests/wazo_sim/context.h"

namespace tandem::wazo_sim {

void Journal::add(Entry entry) {
  lines_.push_back({++count_, iso_time(wall_now()) + "Z", std::move(entry)});
  if (lines_.size() > kEntriesMax) lines_.pop_front();
}

Json Journal::list(const std::string& service, const std::string& method) const {
  Json entries = Json::array();
  for (const Line& line : lines_) {
    const Entry& entry = line.entry;
    if (!service.empty() && service != entry.service) continue;
    if (!method.empty() && method != entry.method) continue;
    entries.push_back({{"number", line.number},
                       {"time", line.time},
                       {"service", entry.service},
                       {"method", entry.method},
                       {"path", entry.path},
                       {"status", entry.status},
                       {"changed", entry.changed},
                       {"fault", entry.fault}});
  }
  return entries;
}

}  // namespace tandem::wazo_sim

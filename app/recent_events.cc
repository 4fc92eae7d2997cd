#include "app/recent_events.h"

#include <algorithm>
#include <utility>

namespace tandem {

void RecentEvents::add(Event event) {
  if (floor_ && event.id <= *last_id()) {
    ++restarts_;
    events_.clear();
    floor_.reset();
    first_.reset();
  }
  if (!first_) first_ = event.id;
  if (!floor_) floor_ = event.id - 1;
  events_.push_back(std::move(event));
  if (events_.size() <= kMax) return;
  floor_ = events_.front().id;
  events_.pop_front();
}

void RecentEvents::begin_behind(std::int64_t id) {
  if (!floor_) floor_ = id;
}

const Event* RecentEvents::behind(std::int64_t id) const {
  const auto first =
      std::upper_bound(events_.begin(), events_.end(), id,
                       [](std::int64_t wanted, const Event& event) { return wanted < event.id; });
  return first == events_.end() ? nullptr : &*first;
}

std::optional<std::int64_t> RecentEvents::last_id() const {
  if (events_.empty()) return floor_;
  return events_.back().id;
}

}  // namespace tandem

#include "reconciler/backoff.h"

#include <algorithm>

namespace tandem {

std::chrono::seconds Backoff::failed() {
  const auto delay = next_;
  next_ = std::min(next_ * 2, kLast);
  return delay;
}

void RepairLimit::repaired(Instant now) {
  while (!repairs_.empty() && now - repairs_.front() >= kWindow) repairs_.pop_front();
  repairs_.push_back(now);
}

std::size_t RepairLimit::repairs_in_window(Instant now) const {
  return static_cast<std::size_t>(std::count_if(
      repairs_.begin(), repairs_.end(), [&](Instant when) { return now - when < kWindow; }));
}

bool RepairLimit::contested(Instant now) const { return repairs_in_window(now) > kRepairsMax; }

Instant RepairLimit::next_repair(Instant now) const {
  return contested(now) ? repairs_.back() + kPause : Instant::min();
}

}  // namespace tandem

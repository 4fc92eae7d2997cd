#include "replication/files/settling.h"

#include <algorithm>

namespace tandem::files {

void Settling::changed(const std::string& path, Instant now) {
  const auto [found, is_new] = restless_.try_emplace(path, Restless{now, now});
  if (!is_new) found->second.last = now;
}

Instant Settling::due_of(const Restless& path) {
  return std::min(path.last + kQuiet, path.first + kAtMost);
}

std::optional<Instant> Settling::due() const {
  std::optional<Instant> first;
  for (const auto& [path, times] : restless_)
    first = first ? std::min(*first, due_of(times)) : due_of(times);
  return first;
}

std::set<std::string> Settling::take(Instant now) {
  std::set<std::string> due;
  for (const auto& [path, times] : restless_)
    if (due_of(times) <= now) due.insert(path);
  for (const std::string& path : due) restless_.erase(path);
  return due;
}

}  // namespace tandem::files

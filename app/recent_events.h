// The last events in memory, so that whoever follows them costs the store nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "core/history.h"

namespace tandem {

class RecentEvents {
 public:
  static constexpr std::size_t kMax = 256;

  // As it was kept. An id that is not above the last one says that the store began anew.
  void add(Event event);

  // This is the last one that was kept before any came here.
  void begin_behind(std::int64_t id);

  // Whether all that were kept behind `id` are here.
  bool reaches(std::int64_t id) const { return floor_ && id >= *floor_; }
  // The first behind `id`; nullptr: there is none.
  const Event* behind(std::int64_t id) const;
  // Of the last one that was kept; nullopt: it is not known.
  std::optional<std::int64_t> last_id() const;
  // Of the first that ever came here since the store began, also where it is here no more; nullopt:
  // none came.
  std::optional<std::int64_t> first_id() const { return first_; }
  // How often the store began anew.
  std::uint64_t restarts() const { return restarts_; }

 private:
  std::deque<Event> events_;
  std::optional<std::int64_t> floor_;  // all with an id above are here
  std::optional<std::int64_t> first_;
  std::uint64_t restarts_ = 0;
};

}  // namespace tandem

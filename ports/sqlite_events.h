// The database of events: SQLite, which stays inside the .cc. Blocking: see sqlite_event_store.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/history.h"
#include "core/result.h"

namespace tandem {

struct EventLimits {
  Duration age = std::chrono::hours{24 * 90};  // spec.keep.events
  std::int64_t count = 100'000;                // spec.keep.eventCount
};

// Opened by the first call, and again after each failure. A file that is damaged is moved aside,
// once in the life of the object, and a new one begun; a file of a newer format is never touched.
class SqliteEvents {
 public:
  static constexpr std::size_t kTakeoversMax = 1000;
  // Whatever their age: a clock that jumps by years must not cost what just happened.
  static constexpr std::int64_t kNewestKept = 100;
  static constexpr int kPruneEvery = 256;  // events; the limits are kept to so many more

  // The file has mode 0600; its folder must exist.
  SqliteEvents(std::string path, EventLimits limits);
  ~SqliteEvents();
  SqliteEvents(const SqliteEvents&) = delete;
  SqliteEvents& operator=(const SqliteEvents&) = delete;

  // As it is kept: with its id, and with the repeats before it.
  Result<Event> add(const Event& event);
  Status add(const TakeoverRecord& record);
  Result<EventPage> events(const EventQuery& query, std::optional<Event::Type> only = {});
  Result<std::vector<TakeoverRecord>> takeovers(std::size_t limit);

  // Where the damaged file went; "" if there was none.
  const std::string& moved_to() const { return moved_to_; }

 private:
  struct Database;

  // Runs `act`, which returns a code of SQLite, on the open database; a second time where the first
  // finds it damaged.
  Status perform(const std::function<int(Database&)>& act);
  int open();
  Status move_aside();
  int insert(Database& database, Event& event);
  int prune(Database& database, WallTime now);

  std::string path_;
  EventLimits limits_;
  std::string moved_to_;
  std::unique_ptr<Database> database_;
  bool checked_ = false;  // the whole file, by this object
  int added_ = 0;         // since the limits were last kept
};

}  // namespace tandem

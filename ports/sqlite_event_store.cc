#include "ports/sqlite_event_store.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ports/offload.h"

namespace tandem {

struct SqliteEventStore::Work {
  using Time = std::chrono::steady_clock::time_point;

  Work(std::string path, EventLimits limits) : events(std::move(path), limits) {}

  SqliteEvents events;
  std::atomic<Time> until{Time::max()};

  bool over() const { return std::chrono::steady_clock::now() >= until.load(); }
};

SqliteEventStore::SqliteEventStore(boost::asio::any_io_executor home, std::string path,
                                   EventLimits limits)
    : home_(std::move(home)), path_(path), work_(std::make_shared<Work>(std::move(path), limits)) {}

SqliteEventStore::~SqliteEventStore() {
  work_->until = std::chrono::steady_clock::now() + kStopLimit;
  pool_.join();
}

bool SqliteEventStore::enter() {
  if (health_->waiting >= kQueueMax) {
    health_->lose();
    return false;
  }
  ++health_->waiting;
  return true;
}

void SqliteEventStore::settle(Health& health, const Status& status, const std::string& moved_to) {
  --health.waiting;
  health.moved_to = moved_to;
  health.trouble.reset();
  if (status.ok()) return;
  health.trouble = status.error();
  health.lose();
}

void SqliteEventStore::add(Event event) {
  if (!enter()) return;
  boost::asio::post(pool_,
                    [work = work_, health = health_, home = home_, given = std::move(event)] {
                      if (work->over()) return;
                      const auto kept = work->events.add(given);
                      const std::string moved_to = work->events.moved_to();
                      boost::asio::post(home, [health, kept, moved_to] {
                        settle(*health, kept.ok() ? success() : Status(kept.error()), moved_to);
                        if (kept.ok() && health->told.kept) health->told.kept(kept.value());
                      });
                    });
}

void SqliteEventStore::add(TakeoverRecord record) {
  if (!enter()) return;
  boost::asio::post(
      pool_, [work = work_, health = health_, home = home_, kept = std::move(record)] {
        if (work->over()) return;
        const Status status = work->events.add(kept);
        const std::string moved_to = work->events.moved_to();
        boost::asio::post(home, [health, status, moved_to] { settle(*health, status, moved_to); });
      });
}

Task<Result<EventPage>> SqliteEventStore::events(EventQuery query,
                                                 std::optional<Event::Type> only) {
  if (health_->reading >= kReadsMax)
    co_return Error{Fault::unavailable, "too many ask for events at once"};
  const auto health = health_;
  ++health->reading;
  auto read = [work = work_, query, only] {
    return std::make_optional(work->events.events(query, only));
  };
  auto answer = co_await offload(pool_, std::move(read));
  --health->reading;
  co_return std::move(*answer);
}

Task<Result<std::vector<TakeoverRecord>>> SqliteEventStore::takeovers(std::size_t limit) {
  if (health_->reading >= kReadsMax)
    co_return Error{Fault::unavailable, "too many ask for takeovers at once"};
  const auto health = health_;
  ++health->reading;
  auto read = [work = work_, limit] { return std::make_optional(work->events.takeovers(limit)); };
  auto answer = co_await offload(pool_, std::move(read));
  --health->reading;
  co_return std::move(*answer);
}

Condition SqliteEventStore::condition() const {
  Condition condition{"EventsKept", Truth::yes, "Kept", "events are kept in " + path_, true};
  if (!health_->moved_to.empty()) {
    condition.status = Truth::no;
    condition.reason = "HistoryLost";
    condition.message = fmt::format(
        "the file was damaged when it was opened, and a new one was begun: what happened before is "
        "not told any more. What could be of use of it is {}; remove it once it is of none: the "
        "next start of the operator tells no more of it",
        health_->moved_to);
  }
  if (health_->lost > 0)
    condition.message += fmt::format("; {} were lost since the operator started", health_->lost);
  const bool overrun = health_->waiting >= kQueueMax;
  if (!health_->trouble && !overrun) return condition;
  condition.status = Truth::no;
  condition.reason = overrun ? "DiskSlow" : "NotWritten";
  condition.message = fmt::format(
      "events are being lost, {} since the operator started ({}); all else goes on. Make room on "
      "the disk of the state directory, or give tandem its right to write there",
      health_->lost,
      overrun ? fmt::format("{} wait to be written", health_->waiting) : health_->trouble->message);
  return condition;
}

}  // namespace tandem

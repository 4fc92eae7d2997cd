// Events in SQLite, written and read by a thread of its own, so that a slow disk delays nobody.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "ports/event_store.h"
#include "ports/sqlite_events.h"

namespace tandem {

class SqliteEventStore : public EventStore {
 public:
  static constexpr std::size_t kQueueMax = 1024;  // waiting to be written; more are lost, and told
  static constexpr std::size_t kReadsMax = 8;     // at once
  static constexpr std::chrono::seconds kStopLimit{3};  // for what waits, at the end

  SqliteEventStore(boost::asio::any_io_executor home, std::string path, EventLimits limits);
  // Writes what waits, for at most kStopLimit and the write that is under way.
  ~SqliteEventStore() override;

  void add(Event event) override;
  void add(TakeoverRecord record) override;
  using EventStore::events;
  Task<Result<EventPage>> events(EventQuery query, std::optional<Event::Type> only) override;
  Task<Result<std::vector<TakeoverRecord>>> takeovers(std::size_t limit) override;
  void set_told(Told told) override { health_->told = std::move(told); }
  Condition condition() const override;

 private:
  // What the thread uses; `until` ends its work.
  struct Work;
  // How the last write went, known at home alone.
  struct Health {
    std::size_t waiting = 0, reading = 0;
    std::uint64_t lost = 0;
    std::optional<Error> trouble;
    std::string moved_to;
    Told told;

    void lose() {
      ++lost;
      if (told.lost) told.lost();
    }
  };

  // Whether there is room for one more.
  bool enter();
  static void settle(Health& health, const Status& status, const std::string& moved_to);

  boost::asio::any_io_executor home_;
  std::string path_;
  std::shared_ptr<Work> work_;
  std::shared_ptr<Health> health_ = std::make_shared<Health>();
  boost::asio::thread_pool pool_{1};
};

}  // namespace tandem

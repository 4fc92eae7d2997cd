// Where events and records of takeovers are kept. Nobody depends on it to act: what can not be kept
// is lost, and told.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "core/condition.h"
#include "core/history.h"
#include "core/result.h"
#include "ports/task.h"

namespace tandem {

class EventStore {
 public:
  virtual ~EventStore() = default;

  // Both return at once, and never fail: see condition(). The store gives the id. An event that is
  // like the last one of its object (type, reason, message), not older than kRepeatWindow, counts
  // as a repeat of that.
  static constexpr std::chrono::minutes kRepeatWindow{10};
  virtual void add(Event event) = 0;
  // A record with the same epoch takes the place of the one before, or adds to it: merged().
  virtual void add(TakeoverRecord record) = 0;

  // What was added before is in the answer. unavailable: the store can not be read now.
  // `only`: those of one type; the limit counts these.
  virtual Task<Result<EventPage>> events(EventQuery query, std::optional<Event::Type> only) = 0;
  Task<Result<EventPage>> events(EventQuery query) {
    return events(std::move(query), std::nullopt);
  }
  // The newest `limit`, oldest first.
  virtual Task<Result<std::vector<TakeoverRecord>>> takeovers(std::size_t limit) = 0;

  // Who is told of what became of the events: on the thread of the callers, in the order of the
  // ids.
  struct Told {
    std::function<void(const Event&)> kept;  // with its id, and all repeats counted
    std::function<void()> lost;
  };
  virtual void set_told(Told told) = 0;

  // EventsKept: False with the remedy where what is added is being lost.
  virtual Condition condition() const = 0;
};

}  // namespace tandem

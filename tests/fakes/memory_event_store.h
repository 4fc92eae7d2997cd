// Events in memory.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "ports/event_store.h"

namespace tandem::fakes {

class MemoryEventStore : public EventStore {
 public:
  std::vector<Event> kept;
  std::vector<TakeoverRecord> records;
  std::optional<Error> trouble;       // of every call
  std::optional<Error> read_trouble;  // of those that read events
  int reads = 0;                      // of events

  void add(Event event) override {
    if (trouble) {
      if (told_.lost) told_.lost();
      return;
    }
    event.id = ++last_id_;
    kept.push_back(event);
    if (told_.kept) told_.kept(event);
  }
  void add(TakeoverRecord record) override {
    if (trouble) return;
    for (const TakeoverRecord& one : records)
      if (one.epoch == record.epoch) record = merged(one, record);
    std::erase_if(records, [&](const auto& one) { return one.epoch == record.epoch; });
    records.push_back(std::move(record));
  }

  using EventStore::events;
  Task<Result<EventPage>> events(EventQuery query, std::optional<Event::Type> only) override {
    ++reads;
    if (trouble) co_return *trouble;
    if (read_trouble) co_return *read_trouble;
    EventPage page;
    page.last_id = last_id_;
    for (const Event& event : kept)
      if ((!only || event.type == *only) &&
          (query.behind ? event.id > *query.behind
                        : event.last >= query.after.value_or(WallTime{})))
        page.events.push_back(event);
    if (page.events.size() > query.limit) {
      const auto extra = static_cast<std::ptrdiff_t>(page.events.size() - query.limit);
      if (query.behind)
        page.events.resize(query.limit);
      else
        page.events.erase(page.events.begin(), page.events.begin() + extra);
    }
    co_return page;
  }

  Task<Result<std::vector<TakeoverRecord>>> takeovers(std::size_t limit) override {
    if (trouble) co_return *trouble;
    const auto first = records.size() - std::min(limit, records.size());
    std::vector<TakeoverRecord> newest(records.begin() + static_cast<std::ptrdiff_t>(first),
                                       records.end());
    co_return newest;
  }

  // The store was damaged, and a new one begun.
  void begin_anew() {
    kept.clear();
    last_id_ = 0;
  }

  void set_told(Told told) override { told_ = std::move(told); }

  Condition condition() const override {
    return {"EventsKept", trouble ? Truth::no : Truth::yes, trouble ? "NotWritten" : "Kept", "",
            true};
  }

 private:
  std::int64_t last_id_ = 0;
  Told told_;
};

}  // namespace tandem::fakes

#include "app/event_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "app/answers.h"
#include "app/history_documents.h"
#include "app/query.h"
#include "app/recent_events.h"
#include "ports/spawn.h"

namespace tandem {
namespace {

constexpr const char* kRetry = "retry: 2000\n\n";  // milliseconds, until a cut reader comes again
constexpr const char* kComment = ": ping\n\n";

struct Reader {
  explicit Reader(Clock& clock) : signal(clock.make_signal()) {}

  std::shared_ptr<ServedStream> stream = std::make_shared<ServedStream>();
  std::unique_ptr<Signal> signal;
  EventsAsked asked;                 // by `behind`, `after`, or from now on
  std::optional<std::int64_t> sent;  // all up to this id; nullopt: it is not known where to begin
  std::optional<std::uint64_t> change;  // the number of the last that was told
  std::uint64_t lost = 0;               // that were told
  std::uint64_t restarts = 0;           // of the store, that were told
  Instant ping_due{}, store_due{};
  Instant told{};  // when it was last free to be told
};

std::string one(std::string_view kind, const OrderedJson& data) {
  return fmt::format("event: {}\ndata: {}\n\n", kind,
                     data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string as_text(const Event& event) {
  return fmt::format("id: {}\n{}", event.id, one("event", event_json(event)));
}

}  // namespace

// What outlives the hub, for readers whose connections are cut after it has gone.
struct EventHub::Core {
  Core(Clock& its_clock, EventStore& its_events) : clock(its_clock), events(its_events) {}

  void wake_all() {
    for (Reader* reader : readers) reader->signal->notify();
  }
  void look(Instant now);
  Instant deadline(const Reader& reader) const;
  std::string time() const { return rfc3339(clock.wall()); }

  Task<void> feed(std::shared_ptr<Core> self, std::shared_ptr<Reader> reader);
  Task<void> tell(Reader& reader);
  void tell_lost(Reader& reader, std::optional<std::uint64_t> count) const;
  Task<void> tell_events(Reader& reader);
  Task<void> find_beginning(Reader& reader);
  bool tell_recent(Reader& reader) const;

  Clock& clock;
  EventStore& events;
  std::function<std::uint64_t()> shown;
  std::vector<Reader*> readers;
  RecentEvents recent;
  std::uint64_t lost = 0;
  std::uint64_t change = 0;                // how many there were
  std::optional<std::uint64_t> was_shown;  // when it was looked at
  Instant looked{};
  bool news = false;  // an event came since then
};

namespace {

// A reader's place among the others, until its stream is over.
struct Seat {
  Seat(std::vector<Reader*>& all_readers, Reader& its_reader)
      : all(all_readers), reader(its_reader) {
    reader.stream->on_sent([this] { reader.signal->notify(); });
  }
  ~Seat() {
    reader.stream->on_sent({});
    reader.stream->end();
    std::erase(all, &reader);
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  std::vector<Reader*>& all;
  Reader& reader;
};

}  // namespace

EventHub::EventHub(boost::asio::any_io_executor executor, Clock& clock, EventStore& events)
    : core_(std::make_shared<Core>(clock, events)), executor_(std::move(executor)) {
  events.set_told({[core = core_](const Event& event) {
                     core->recent.add(event);
                     core->news = true;
                     core->wake_all();
                   },
                   [core = core_] {
                     ++core->lost;
                     core->wake_all();
                   }});
}

EventHub::~EventHub() {
  core_->events.set_told({});
  core_->shown = {};
}

void EventHub::watch(std::function<std::uint64_t()> shown) { core_->shown = std::move(shown); }

std::size_t EventHub::readers() const { return core_->readers.size(); }

std::uint64_t EventHub::lost() const { return core_->lost; }

ServedResponse EventHub::open(const ServedRequest& request) {
  auto read = read_query(request.query, {"since", "type"});
  if (!read.ok()) return problem(422, "Invalid query", read.error().message);
  // What a browser that was cut sends counts more than the address that it opened once.
  if (const auto last = request.headers.find("Last-Event-ID");
      last != request.headers.end() && !last->second.empty()) {
    if (!whole_number(last->second))
      return problem(422, "Invalid header", "Last-Event-ID must be the id of an event");
    read.value()["since"] = last->second;
  }
  auto asked = events_asked(read.value(), core_->clock.wall());
  if (!asked.ok()) return problem(422, "Invalid query", asked.error().message);
  if (core_->readers.size() >= kReadersMax) {
    auto busy = problem(503, "Too many streams",
                        fmt::format("{} are open, which is the most", kReadersMax));
    busy.headers["Retry-After"] = "5";
    return busy;
  }
  const auto reader = std::make_shared<Reader>(core_->clock);
  reader->asked = std::move(asked).value();
  // From now on: from what is the last one at this moment, and not when the store has time to tell.
  reader->sent = reader->asked.query.behind;
  if (!reader->sent && !reader->asked.query.after) reader->sent = core_->recent.last_id();
  core_->readers.push_back(reader.get());
  spawn(executor_, core_->feed(core_, reader),
        [reader](const std::string&) { reader->stream->end(); });
  auto response = text(200, "", "text/event-stream");
  response.headers["X-Content-Type-Options"] = "nosniff";
  response.stream = reader->stream;
  return response;
}

Task<void> EventHub::Core::feed(std::shared_ptr<Core> self, std::shared_ptr<Reader> reader) {
  const Seat seat(self->readers, *reader);
  reader->lost = self->lost;
  reader->restarts = self->recent.restarts();
  reader->ping_due = self->clock.now() + kPing;
  reader->stream->put(kRetry);
  while (!reader->stream->over()) {
    if (reader->stream->waiting() == 0 || !reader->change) co_await self->tell(*reader);
    if (self->clock.now() - reader->told >= kStuck) co_return;
    if (reader->stream->over()) co_return;
    co_await self->clock.wait(*reader->signal, self->deadline(*reader));
  }
}

Instant EventHub::Core::deadline(const Reader& reader) const {
  const Instant now = clock.now();
  if (reader.stream->waiting() > 0) return now + kPing;  // it wakes us when it has taken all
  return std::min(reader.ping_due, std::max(looked + kChangeGap, now));
}

// Whether what is shown is another than at the last look.
void EventHub::Core::look(Instant now) {
  if (was_shown && now - looked < kChangeGap) return;
  looked = now;
  const std::uint64_t is_shown = shown ? shown() : 0;
  if (std::exchange(news, false) || was_shown != is_shown) ++change;
  was_shown = is_shown;
}

Task<void> EventHub::Core::tell(Reader& reader) {
  const Instant now = reader.told = clock.now();
  look(now);
  if (std::exchange(reader.change, change) != change)
    reader.stream->put(one("change", {{"at", time()}}));
  if (lost != reader.lost) tell_lost(reader, lost - reader.lost);
  reader.lost = lost;
  if (now >= reader.ping_due) {
    reader.stream->put(kComment);
    reader.ping_due = now + kPing;
  }
  if (now >= reader.store_due) co_await tell_events(reader);
}

void EventHub::Core::tell_lost(Reader& reader, std::optional<std::uint64_t> count) const {
  OrderedJson data = {{"at", time()}};
  data["count"] = count ? OrderedJson(*count) : OrderedJson(nullptr);
  reader.stream->put(one("lost", data));
}

// Puts what fits of the events behind the last one; the rest follows when that was taken.
Task<void> EventHub::Core::tell_events(Reader& reader) {
  if (reader.restarts != recent.restarts()) {
    reader.restarts = recent.restarts();
    tell_lost(reader, std::nullopt);
    reader.sent = 0;
  }
  if (!reader.sent) co_await find_beginning(reader);
  if (!reader.sent || tell_recent(reader)) co_return;
  EventQuery query;
  query.behind = reader.sent;
  query.limit = kPageMax;
  const auto page = co_await events.events(query, reader.asked.only);
  if (!page.ok()) {
    reader.store_due = clock.now() + kStoreRetry;
    co_return;
  }
  // Behind the last one that there is: what it has seen was of a store that is no more.
  if (page.value().last_id < *reader.sent) {
    tell_lost(reader, std::nullopt);
    reader.sent = 0;
    reader.signal->notify();
    co_return;
  }
  for (const Event& event : page.value().events) {
    reader.sent = event.id;
    if (!reader.stream->put(as_text(event))) co_return;
    if (reader.stream->waiting() >= kBatchBytes) co_return;
  }
  if (page.value().events.size() >= kPageMax) co_return;
  reader.sent = page.value().last_id;
  recent.begin_behind(page.value().last_id);
}

// From memory; false: it does not reach back so far.
bool EventHub::Core::tell_recent(Reader& reader) const {
  if (!recent.reaches(*reader.sent) || *recent.last_id() < *reader.sent) return false;
  while (const Event* event = recent.behind(*reader.sent)) {
    reader.sent = event->id;
    if (reader.asked.only && event->type != *reader.asked.only) continue;
    if (!reader.stream->put(as_text(*event)) || reader.stream->waiting() >= kBatchBytes) break;
  }
  return true;
}

Task<void> EventHub::Core::find_beginning(Reader& reader) {
  EventQuery query;
  query.after = reader.asked.query.after;
  query.limit = reader.asked.query.after ? EventQuery::kLimitMax : 1;
  const auto page = co_await events.events(query);
  if (!page.ok()) {
    reader.store_due = clock.now() + kStoreRetry;
    co_return;
  }
  const auto& young = page.value().events;
  reader.sent = page.value().last_id;
  if (reader.asked.query.after && !young.empty()) reader.sent = young.front().id - 1;
  // None was known when this reader came: what came since is news to it.
  if (!reader.asked.query.after && recent.first_id())
    reader.sent = std::min(*reader.sent, *recent.first_id() - 1);
}

}  // namespace tandem

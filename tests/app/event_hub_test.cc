// The stream of events with time and store in memory: the test is the connection that takes.
#include "app/event_hub.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "app/fingerprint.h"
#include "app/recent_events.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_event_store.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class EventHubTest : public testing::Test {
 protected:
  ServedResponse open(const std::string& query = "", const std::string& last_id = "") {
    ServedRequest request;
    request.method = "GET";
    request.path = EventHub::kPath;
    request.query = query;
    if (!last_id.empty()) request.headers["last-event-id"] = last_id;
    return hub.open(request);
  }
  // Opens, and takes what comes at once.
  std::shared_ptr<ServedStream> follow(const std::string& query = "",
                                       const std::string& last_id = "") {
    auto response = open(query, last_id);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_NE(response.stream, nullptr);
    return response.stream;
  }
  void pass(std::chrono::milliseconds time) { run(io, pause(time)); }
  Task<void> pause(std::chrono::milliseconds time) {
    auto signal = clock.make_signal();
    co_await clock.wait(*signal, clock.now() + time);
  }
  static std::string take(ServedStream& stream) {
    std::string bytes = stream.take();
    stream.sent();
    return bytes;
  }
  // All that comes within `time`, as the quickest reader takes it.
  std::string heard(ServedStream& stream, std::chrono::milliseconds time) {
    std::string text;
    for (const Instant end = clock.now() + time; clock.now() < end;) {
      pass(10ms);
      text += take(stream);
    }
    return text;
  }
  static std::vector<int> ids(const std::string& text) {
    std::vector<int> found;
    for (auto at = text.find("id: "); at != std::string::npos; at = text.find("id: ", at + 1))
      found.push_back(std::stoi(text.substr(at + 4)));
    return found;
  }
  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t number = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
    return number;
  }
  void happen(const std::string& message, Event::Type type = Event::Type::normal) {
    Event event;
    event.at = event.last = clock.wall();
    event.type = type;
    event.reason = "Test";
    event.object = "resource/x";
    event.message = message;
    events.add(std::move(event));
  }
  void happen(int number) {
    for (int i = 0; i < number; ++i) happen(std::to_string(i));
  }

  boost::asio::io_context io{1};
  fakes::FakeClock clock;
  fakes::MemoryEventStore events;
  EventHub hub{io.get_executor(), clock, events};
};

TEST_F(EventHubTest, TellsEventsAsTheyComeWithTheirIds) {
  happen("before");
  const auto stream = follow();
  EXPECT_THAT(ids(heard(*stream, 1s)), IsEmpty());
  happen("a \"quoted\" one", Event::Type::warning);
  const std::string text = heard(*stream, 300ms);
  EXPECT_THAT(text, HasSubstr("id: 2\nevent: event\ndata: {\"id\":2,\"type\":\"Warning\""));
  const auto data = text.find("data: ", text.find("event: event")) + 6;
  const auto json = nlohmann::json::parse(text.substr(data, text.find('\n', data) - data));
  EXPECT_EQ(json["message"], "a \"quoted\" one");
  EXPECT_EQ(json["reason"], "Test");
  EXPECT_EQ(events.reads, 0) << "live events cost the store nothing";
}

// The store is asked where to begin, and on a busy machine has no time to tell.
TEST_F(EventHubTest, BeginsWhereItsReaderCameAndNotWhereTheStoreAnswered) {
  events.read_trouble = Error{Fault::unavailable, "too many questions at once"};
  const auto stream = follow();
  EXPECT_THAT(ids(heard(*stream, 100ms)), IsEmpty());
  happen(static_cast<int>(RecentEvents::kMax) + 3);
  EXPECT_THAT(ids(heard(*stream, 100ms)), IsEmpty());
  events.read_trouble.reset();
  const auto told = ids(heard(*stream, 10s));
  ASSERT_EQ(told.size(), RecentEvents::kMax + 3);
  EXPECT_EQ(told.front(), 1);
}

TEST_F(EventHubTest, GoesOnBehindAnId) {
  happen(10);
  const auto by_query = follow("since=7");
  EXPECT_THAT(ids(heard(*by_query, 1s)), ElementsAre(8, 9, 10));
  const auto by_header = follow("since=2", "8");
  EXPECT_THAT(ids(heard(*by_header, 1s)), ElementsAre(9, 10)) << "the header counts more";
  const auto by_time = follow("since=1h");
  EXPECT_EQ(ids(heard(*by_time, 1s)).size(), 10U);
}

TEST_F(EventHubTest, MissesNoneAndRepeatsNoneWhoeverIsBehind) {
  happen(static_cast<int>(RecentEvents::kMax) * 3);  // most of them only in the store
  const auto stream = follow("since=1");
  std::vector<int> all;
  for (int round = 0; round < 20; ++round) {
    happen(3);
    const auto more = ids(heard(*stream, 50ms));
    all.insert(all.end(), more.begin(), more.end());
  }
  const auto rest = ids(heard(*stream, 2s));
  all.insert(all.end(), rest.begin(), rest.end());
  ASSERT_EQ(all.size(), events.kept.size() - 1);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<int>(i) + 2);
}

TEST_F(EventHubTest, PutsNoMoreThanAPageBeforeItWasTaken) {
  for (int i = 0; i < 1000; ++i) happen(std::string(2000, '"'));
  const auto stream = follow("since=1");
  std::size_t told = 0, most = 0;
  for (int i = 0; i < 2000 && told < 999; ++i) {
    pass(10ms);
    most = std::max(most, stream->waiting());
    told += ids(take(*stream)).size();
  }
  EXPECT_EQ(told, 999U);
  EXPECT_LT(most, 2 * EventHub::kBatchBytes);
  EXPECT_FALSE(stream->over());
}

TEST_F(EventHubTest, KeepsToOneType) {
  for (int i = 0; i < 200; ++i)
    happen(std::to_string(i), i % 50 == 49 ? Event::Type::warning : Event::Type::normal);
  const auto stream = follow("since=1&type=warning");
  EXPECT_THAT(ids(heard(*stream, 1s)), ElementsAre(50, 100, 150, 200));
  happen("no");
  happen("yes", Event::Type::warning);
  EXPECT_THAT(ids(heard(*stream, 1s)), ElementsAre(202));
}

TEST_F(EventHubTest, TellsAChangeAtOnceAndThenOnceEachGapAtMost) {
  std::uint64_t shown = 1;
  hub.watch([&] { return shown; });
  const auto stream = follow();
  EXPECT_EQ(count(heard(*stream, 50ms), "event: change\ndata: {\"at\":\""), 1U);
  EXPECT_EQ(count(heard(*stream, 3s), "event: change"), 0U) << "nothing changed";
  shown = 2;
  EXPECT_EQ(count(heard(*stream, 300ms), "event: change"), 1U);
  std::string text;
  for (int i = 0; i < 200; ++i, ++shown) text += heard(*stream, 10ms);
  EXPECT_GE(count(text, "event: change"), 6U);
  EXPECT_LE(count(text, "event: change"), 9U);
}

TEST_F(EventHubTest, AnEventIsAChangeToo) {
  const auto stream = follow();
  heard(*stream, 1s);
  happen("one");
  EXPECT_EQ(count(heard(*stream, 1s), "event: change"), 1U);
}

TEST_F(EventHubTest, AsksForNothingWhileNobodyReads) {
  int asked = 0;
  hub.watch([&] { return static_cast<std::uint64_t>(++asked); });
  happen("one");
  pass(10s);
  EXPECT_EQ(asked, 0);
  follow()->end();
  pass(1s);
  const int before = asked;
  pass(10s);
  EXPECT_EQ(asked, before);
}

TEST_F(EventHubTest, PingsEachFifteenSeconds) {
  const auto stream = follow();
  EXPECT_EQ(count(heard(*stream, 61s), ": ping\n\n"), 4U);
}

TEST_F(EventHubTest, TakesNoMoreReadersThanItsLimit) {
  std::vector<std::shared_ptr<ServedStream>> streams;
  for (std::size_t i = 0; i < EventHub::kReadersMax; ++i) streams.push_back(follow());
  const auto refused = open();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("Content-Type"), "application/problem+json");
  EXPECT_EQ(refused.headers.at("Retry-After"), "5");
  EXPECT_EQ(refused.stream, nullptr);
  streams[3]->end();
  pass(10ms);
  EXPECT_EQ(open().status, 200);
}

TEST_F(EventHubTest, RefusesWhatItDoesNotUnderstand) {
  for (const std::string query :
       {"since=", "since=yesterday", "limit=5", "type=loud", "since=1&since=2"})
    EXPECT_EQ(open(query).status, 422) << query;
  EXPECT_EQ(open("", "x").status, 422);
  EXPECT_EQ(open("", "-1").status, 422);
  EXPECT_EQ(hub.readers(), 0U);
}

TEST_F(EventHubTest, TellsThatEventsAreLost) {
  const auto stream = follow();
  heard(*stream, 1s);
  events.trouble = Error{Fault::unavailable, "the disk is full"};
  happen("one");
  happen("two");
  const std::string text = heard(*stream, 1s);
  EXPECT_THAT(text, HasSubstr("event: lost\ndata: {\"at\":\""));
  EXPECT_THAT(text, HasSubstr("\"count\":2}"));
  events.trouble.reset();
  happen("three");
  const std::string later = heard(*stream, 1s);
  EXPECT_THAT(ids(later), ElementsAre(1));
  EXPECT_THAT(later, Not(HasSubstr("event: lost")));
}

TEST_F(EventHubTest, WaitsForAStoreThatCanNotBeReadAndGoesOn) {
  happen(5);
  EventHub later(io.get_executor(), clock, events);  // an operator that was started anew
  events.trouble = Error{Fault::unavailable, "the disk is away"};
  ServedRequest request;
  request.headers["Last-Event-ID"] = "3";
  const auto stream = later.open(request).stream;
  EXPECT_THAT(ids(heard(*stream, 5s)), IsEmpty());
  events.trouble.reset();
  EXPECT_THAT(ids(heard(*stream, 5s)), ElementsAre(4, 5));
  EXPECT_LT(events.reads, 10) << "once it is told all, it costs the store nothing";
}

TEST_F(EventHubTest, StartsAnewWhereTheStoreDid) {
  happen(5);
  const auto live = follow();
  heard(*live, 1s);
  events.begin_anew();
  const auto ahead = follow("since=900");  // than all that there is
  EXPECT_THAT(heard(*ahead, 1s), HasSubstr("\"count\":null}"));
  happen("one");
  happen("two");
  EXPECT_THAT(ids(heard(*ahead, 1s)), ElementsAre(1, 2));
  const std::string text = heard(*live, 1s);
  EXPECT_THAT(text, HasSubstr("event: lost"));
  EXPECT_THAT(ids(text), ElementsAre(1, 2));
}

// A connection that takes nothing is the server's to cut; one that nobody serves is nobody's.
TEST_F(EventHubTest, GivesUpAStreamThatNobodySends) {
  const auto stream = follow();
  happen("one");
  pass(EventHub::kStuck + 2 * EventHub::kPing);
  EXPECT_TRUE(stream->over());
  EXPECT_EQ(hub.readers(), 0U);
}

TEST(RecentEvents, ReachBackAsFarAsTheyAreKept) {
  RecentEvents recent;
  EXPECT_FALSE(recent.reaches(0));
  Event event;
  for (event.id = 5; event.id < 300; event.id += 2) recent.add(event);
  EXPECT_TRUE(recent.reaches(4));
  EXPECT_FALSE(recent.reaches(3));
  EXPECT_EQ(recent.behind(6)->id, 7);
  EXPECT_EQ(recent.behind(299), nullptr);
  for (; event.id < 1000; ++event.id) recent.add(event);
  EXPECT_FALSE(recent.reaches(4));
  EXPECT_TRUE(recent.reaches(999 - static_cast<std::int64_t>(RecentEvents::kMax)));
  EXPECT_FALSE(recent.reaches(998 - static_cast<std::int64_t>(RecentEvents::kMax)));
  EXPECT_EQ(recent.restarts(), 0U);
  event.id = 1;
  recent.add(event);
  EXPECT_EQ(recent.restarts(), 1U);
  EXPECT_EQ(recent.last_id(), 1);

  RecentEvents known;
  known.begin_behind(7);
  EXPECT_TRUE(known.reaches(7));
  EXPECT_FALSE(known.reaches(6));
  event.id = 9;
  known.add(event);
  EXPECT_EQ(known.behind(7)->id, 9);
  EXPECT_EQ(known.restarts(), 0U);
}

TEST(Fingerprint, MindsWordsAndNoTimes) {
  const auto of = [](const char* text) { return fingerprint(OrderedJson::parse(text)); };
  const auto base = of(R"({"a": "heard 1.5 s ago", "age": 12, "well": true, "epoch": 3, "l": []})");
  EXPECT_EQ(base, of(R"({"a": "heard 23 s ago", "age": 13, "well": true, "epoch": 3, "l": []})"));
  for (const char* other :
       {R"({"a": "heard 1.5 s ago", "age": 12, "well": false, "epoch": 3, "l": []})",
        R"({"a": "heard 1.5 s ago", "age": 12, "well": true, "epoch": 4, "l": []})",
        R"({"a": "not heard 1.5 s", "age": 12, "well": true, "epoch": 3, "l": []})",
        R"({"a": "heard 1.5 s ago", "age": null, "well": true, "epoch": 3, "l": []})",
        R"({"a": "heard 1.5 s ago", "age": 12, "well": true, "epoch": 3, "l": [""]})",
        R"({"b": "heard 1.5 s ago", "age": 12, "well": true, "epoch": 3, "l": []})"})
    EXPECT_NE(base, of(other)) << other;
}

}  // namespace
}  // namespace tandem

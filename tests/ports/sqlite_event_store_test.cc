// The store of events away from the loop's thread.
#include "ports/sqlite_event_store.h"

#include <gtest/gtest.h>

#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

class SqliteEventStoreTest : public testing::Test {
 protected:
  static Event event(const std::string& message) {
    Event one;
    one.at = one.last = WallTime{std::chrono::seconds{1'700'000'000}};
    one.reason = "Test";
    one.object = "test";
    one.message = message;
    return one;
  }

  TemporaryFolder folder{base_in_memory()};
  boost::asio::io_context io{1};
};

TEST_F(SqliteEventStoreTest, AnswersWithAllThatWasAddedBefore) {
  SqliteEventStore store(io.get_executor(), folder / "events.db", {});
  for (int i = 0; i < 100; ++i) store.add(event(std::to_string(i)));
  const auto page = run(io, store.events({}));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page.value().events.size(), 100U);
  EXPECT_EQ(store.condition().status, Truth::yes);
}

TEST_F(SqliteEventStoreTest, WritesWhatWaitsBeforeItEnds) {
  {
    SqliteEventStore store(io.get_executor(), folder / "events.db", {});
    for (int i = 0; i < 100; ++i) store.add(event(std::to_string(i)));
  }
  SqliteEventStore store(io.get_executor(), folder / "events.db", {});
  EXPECT_EQ(run(io, store.events({})).value().events.size(), 100U);
}

TEST_F(SqliteEventStoreTest, CountsWhatItsQueueDoesNotTake) {
  SqliteEventStore store(io.get_executor(), folder / "events.db", {});
  const std::size_t many = SqliteEventStore::kQueueMax + 10;
  for (std::size_t i = 0; i < many; ++i) store.add(event(std::to_string(i)));
  EXPECT_EQ(store.condition().status, Truth::no);
  EXPECT_EQ(store.condition().reason, "DiskSlow");
  ASSERT_TRUE(run(io, store.events({})).ok());
  EXPECT_EQ(store.condition().status, Truth::yes);
  EXPECT_NE(store.condition().message.find("10 were lost"), std::string::npos)
      << store.condition().message;
}

TEST_F(SqliteEventStoreTest, SaysThatEventsAreLostUntilTheyAreNot) {
  SqliteEventStore store(io.get_executor(), folder / "none/events.db", {});
  store.add(event("one"));
  EXPECT_FALSE(run(io, store.events({})).ok());
  EXPECT_EQ(store.condition().status, Truth::no);
  EXPECT_EQ(store.condition().reason, "NotWritten");
  EXPECT_NE(store.condition().message.find("No such file"), std::string::npos)
      << store.condition().message;
  std::filesystem::create_directory(folder / "none");
  store.add(event("two"));
  EXPECT_EQ(run(io, store.events({})).value().events.size(), 1U);
  EXPECT_EQ(store.condition().status, Truth::yes);
}

TEST_F(SqliteEventStoreTest, TellsWhatIsKeptInOrderWithItsRepeatsAndWhatIsLost) {
  SqliteEventStore store(io.get_executor(), folder / "events.db", {});
  std::vector<Event> kept;
  int lost = 0;
  store.set_told({[&](const Event& one) { kept.push_back(one); }, [&] { ++lost; }});
  for (const char* message : {"a", "b", "b\x1b[2J", "b"}) store.add(event(message));
  EXPECT_TRUE(kept.empty()) << "nothing is told before it is kept";
  const auto page = run(io, store.events({}));
  ASSERT_EQ(kept.size(), 4U);
  std::vector<std::int64_t> ids;
  for (const Event& one : kept) ids.push_back(one.id);
  EXPECT_EQ(ids, (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(kept[3], page.value().events.back()) << "as the store answers it";
  EXPECT_EQ(lost, 0);
  for (std::size_t i = 0; i < SqliteEventStore::kQueueMax + 5; ++i) store.add(event("more"));
  EXPECT_EQ(lost, 5);
}

TEST_F(SqliteEventStoreTest, AnswersWithOneTypeAlone) {
  SqliteEventStore store(io.get_executor(), folder / "events.db", {});
  for (int i = 0; i < 6; ++i) {
    Event one = event(std::to_string(i));
    one.type = i % 3 == 0 ? Event::Type::warning : Event::Type::normal;
    store.add(one);
  }
  EventQuery query;
  auto only = Event::Type::warning;
  EXPECT_EQ(run(io, store.events(query, only)).value().events.size(), 2U);
  query.behind = 1;
  query.limit = 1;
  const auto page = run(io, store.events(query, only)).value();
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.events[0].message, "3");
  EXPECT_EQ(page.last_id, 6) << "of all that are kept";
  only = Event::Type::normal;
  query.limit = 10;
  EXPECT_EQ(run(io, store.events(query, only)).value().events.size(), 4U);
}

TEST_F(SqliteEventStoreTest, TellsWhereADamagedFileWent) {
  write_to(folder / "events.db", std::string(10'000, 'x'));
  SqliteEventStore store(io.get_executor(), folder / "events.db", {});
  store.add(event("one"));
  EXPECT_EQ(run(io, store.events({})).value().events.size(), 1U);
  EXPECT_EQ(store.condition().reason, "HistoryLost");
  EXPECT_NE(store.condition().message.find("events.db.damaged"), std::string::npos);
}

}  // namespace
}  // namespace tandem

// The database of events on real file systems: bounds, repeats, damage, a full disk, kills.
#include "ports/sqlite_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include "ports/event_store.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

const WallTime kNow{seconds{1'700'000'000}};

Event event(const std::string& message, WallTime at = kNow) {
  Event one;
  one.at = one.last = at;
  one.reason = "Repaired";
  one.object = "resource/ha-conf";
  one.message = message;
  one.node = "pbx-a";
  return one;
}

std::vector<std::string> messages(SqliteEvents& events, EventQuery query = {}) {
  const auto page = events.events(query);
  if (!page.ok()) return {"error: " + page.error().message};
  std::vector<std::string> result;
  for (const Event& one : page.value().events) result.push_back(one.message);
  return result;
}

class SqliteEventsTest : public testing::Test {
 protected:
  TemporaryFolder folder{base_in_memory()};
  std::string path = folder / "events.db";
  EventLimits limits;
  SqliteEvents events{path, limits};
};

TEST_F(SqliteEventsTest, KeepsAnEventAsItIsAcrossRuns) {
  Event told = event("it's \"quoted\"; DROP TABLE events; é");
  told.type = Event::Type::warning;
  told.epoch = 7;
  {
    SqliteEvents first(path, limits);
    ASSERT_TRUE(first.add(told).ok());
  }
  const auto page = events.events({});
  ASSERT_TRUE(page.ok()) << page.error().message;
  ASSERT_EQ(page.value().events.size(), 1U);
  told.id = page.value().last_id;
  EXPECT_EQ(page.value().events[0], told);
  EXPECT_EQ(mode_of(path), 0600U);
}

TEST_F(SqliteEventsTest, ItsFilesAreNobodyElses) {
  write_to(path, "");
  std::filesystem::permissions(path, std::filesystem::perms(0666));
  ASSERT_TRUE(events.add(event("one")).ok());
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    EXPECT_EQ(mode_of(entry.path()) & 077U, 0U) << entry.path();
}

TEST_F(SqliteEventsTest, GivesWhatIsNewBehindAnId) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(events.add(event(std::to_string(i))).ok());
  EventQuery query;
  query.limit = 2;
  EXPECT_THAT(messages(events, query), ElementsAre("3", "4"));
  query.behind = events.events({}).value().events[1].id;
  EXPECT_THAT(messages(events, query), ElementsAre("2", "3"));
  EXPECT_GT(events.events(query).value().last_id, *query.behind);
  query.behind = events.events(query).value().last_id;
  EXPECT_THAT(messages(events, query), ElementsAre());
}

TEST_F(SqliteEventsTest, GivesWhatIsYoungEnough) {
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(events.add(event(std::to_string(i), kNow + minutes{20 * i})).ok());
  EventQuery query;
  query.after = kNow + minutes{60};
  EXPECT_THAT(messages(events, query), ElementsAre("3", "4"));
}

TEST_F(SqliteEventsTest, CountsARepeatAndTellsItAnew) {
  ASSERT_TRUE(events.add(event("the same")).ok());
  const auto first_id = events.events({}).value().last_id;
  ASSERT_TRUE(events.add(event("the same", kNow + minutes{5})).ok());
  ASSERT_TRUE(events.add(event("the same", kNow + minutes{10})).ok());
  EventQuery behind;
  behind.behind = first_id;
  const auto page = events.events(behind);
  ASSERT_EQ(page.value().events.size(), 1U);
  const Event& repeated = page.value().events[0];
  EXPECT_EQ(repeated.count, 3);
  EXPECT_EQ(repeated.at, kNow);
  EXPECT_EQ(repeated.last, kNow + minutes{10});
  EXPECT_EQ(messages(events).size(), 1U);
}

TEST_F(SqliteEventsTest, IsNoRepeatAfterAWhileOrAfterSomethingElse) {
  ASSERT_TRUE(events.add(event("a")).ok());
  ASSERT_TRUE(events.add(event("b")).ok());
  ASSERT_TRUE(events.add(event("a")).ok());
  ASSERT_TRUE(events.add(event("a", kNow + EventStore::kRepeatWindow + seconds{1})).ok());
  EXPECT_THAT(messages(events), ElementsAre("a", "b", "a", "a"));
}

TEST_F(SqliteEventsTest, KeepsToTheCountAndNeverGivesAnIdTwice) {
  limits.count = 100;
  SqliteEvents bounded(path, limits);
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(bounded.add(event(std::to_string(i))).ok());
  const auto page = bounded.events({}).value();
  EXPECT_LE(page.events.size(), 100U + SqliteEvents::kPruneEvery);
  EXPECT_EQ(page.events.back().message, "599");
  EXPECT_EQ(page.last_id, 600);
}

TEST_F(SqliteEventsTest, KeepsToTheAgeButNeverDropsTheNewest) {
  limits.age = hours{1};
  {
    SqliteEvents bounded(path, limits);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(bounded.add(event(std::to_string(i))).ok());
  }
  SqliteEvents later(path, limits);
  ASSERT_TRUE(later.add(event("after a jump of the clock", kNow + hours{24 * 365 * 10})).ok());
  const auto left = messages(later);
  EXPECT_EQ(left.size(), static_cast<std::size_t>(SqliteEvents::kNewestKept));
  EXPECT_EQ(left[left.size() - 2], "199");
}

TEST_F(SqliteEventsTest, BoundsWhatItIsGiven) {
  ASSERT_TRUE(events.add(event(std::string(1'000'000, 'x') + "\n")).ok());
  EXPECT_LT(messages(events)[0].size(), 3000U);
}

TEST_F(SqliteEventsTest, MovesADamagedFileAsideOnce) {
  for (const bool in_the_middle : {false, true}) {
    SCOPED_TRACE(in_the_middle);
    {
      SqliteEvents before(path, limits);
      for (int i = 0; i < 500; ++i) ASSERT_TRUE(before.add(event(std::to_string(i))).ok());
    }
    std::string bytes = content_of(path);
    ASSERT_GT(bytes.size(), 20'000U);
    bytes.replace(in_the_middle ? 4096 : 0, 10'000, 10'000, 'x');
    write_to(path, bytes);
    SqliteEvents after(path, limits);
    ASSERT_TRUE(after.add(event("goes on")).ok());
    EXPECT_THAT(messages(after), ElementsAre("goes on"));
    EXPECT_EQ(after.moved_to(), path + ".damaged");
    EXPECT_EQ(content_of(after.moved_to()), bytes);
    EXPECT_EQ(mode_of(after.moved_to()) & 077U, 0U);
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-wal");
  }
}

TEST_F(SqliteEventsTest, LeavesANewerFileAsItIs) {
  ASSERT_TRUE(events.add(event("one")).ok());
  {
    SqliteEvents other(folder / "other.db", limits);
    ASSERT_TRUE(other.add(event("theirs")).ok());
  }
  std::string bytes = content_of(folder / "other.db");
  bytes[63] = 2;  // user_version
  write_to(folder / "newer.db", bytes);
  SqliteEvents newer(folder / "newer.db", limits);
  const auto added = newer.add(event("ours"));
  ASSERT_FALSE(added.ok());
  EXPECT_NE(added.error().message.find("newer"), std::string::npos);
  EXPECT_EQ(content_of(folder / "newer.db"), bytes);
}

TEST_F(SqliteEventsTest, RefusesALinkAndWhatIsNoFile) {
  write_to(folder / "victim", "precious");
  std::filesystem::create_symlink(folder / "victim", path);
  EXPECT_FALSE(events.add(event("one")).ok());
  EXPECT_EQ(content_of(folder / "victim"), "precious");
}

TEST_F(SqliteEventsTest, BeginsAnewWhereTheFileWasRemoved) {
  ASSERT_TRUE(events.add(event("one")).ok());
  for (const char* end : {"", "-wal"}) std::filesystem::remove(path + end);
  ASSERT_TRUE(events.add(event("two")).ok());
  SqliteEvents again(folder / "events.db", limits);
  EXPECT_EQ(messages(events), std::vector<std::string>{"two"});
}

TEST_F(SqliteEventsTest, LosesEventsOnAFullDiskAndGoesOnWhenThereIsRoom) {
  const int code = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return kNotPermitted;
    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=512k") != 0) return kNotPermitted;
    SqliteEvents kept(path, limits);
    if (!kept.add(event("before")).ok()) return 1;
    std::ofstream file(folder / "filler", std::ios::binary);
    const std::string page(4096, 'x');
    while (file.write(page.data(), 4096).flush()) {
    }
    Result<Event> status = Event{};
    for (int i = 0; i < 2000 && status.ok(); ++i)
      status = kept.add(event("full " + std::to_string(i) + std::string(1000, 'x')));
    if (status.ok() || status.error().fault != Fault::unavailable) return 2;
    if (!kept.moved_to().empty()) return 3;
    if (messages(kept, {.behind = {}, .after = {}, .limit = 1000}).front() != "before") return 4;
    file.close();
    std::filesystem::remove(folder / "filler");
    if (!kept.add(event("after")).ok()) return 5;
    return messages(kept).back() == "after" ? 0 : 6;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "mounts are not permitted";
  EXPECT_EQ(code, 0);
}

// Killed at some moment among many writes: what was told as kept is there, in order and whole.
TEST_F(SqliteEventsTest, SurvivesAKill) {
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const auto pid = fork_bound();
    if (pid == 0) {
      SqliteEvents child(path, limits);
      for (int i = 0;; ++i) {
        if (!child.add(event(std::to_string(round) + "." + std::to_string(i))).ok()) _exit(1);
        const char told = 'k';
        if (::write(ends[1], &told, 1) != 1) _exit(1);
      }
    }
    ::close(ends[1]);
    std::string kept(static_cast<std::size_t>(10 + 7 * round), '\0');
    for (std::size_t have = 0; have < kept.size();) {
      const auto count = ::read(ends[0], kept.data() + have, kept.size() - have);
      ASSERT_GT(count, 0);
      have += static_cast<std::size_t>(count);
    }
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    ::close(ends[0]);
    SqliteEvents after(path, limits);
    EventQuery query;
    const auto seen = messages(after, query);
    const std::string last = std::to_string(round) + "." + std::to_string(kept.size() - 1);
    EXPECT_NE(std::find(seen.begin(), seen.end(), last), seen.end()) << last;
    EXPECT_EQ(after.moved_to(), "");
  }
}

TEST_F(SqliteEventsTest, KeepsTakeoversAndReplacesTheOneThatLasts) {
  TakeoverRecord record;
  record.epoch = 3;
  record.cause = TakeoverCause::host_down;
  record.began = record.ended = kNow;
  record.evidence = "icmp silent for 10 s";
  ASSERT_TRUE(events.add(record).ok());
  record.ended = kNow + seconds{5};
  record.steps = {{"marker", std::chrono::milliseconds{12}}};
  record.downtime = seconds{15};
  record.result = "own SIP answers";
  ASSERT_TRUE(events.add(record).ok());
  TakeoverRecord next = record;
  next.epoch = 4;
  next.downtime.reset();
  ASSERT_TRUE(events.add(next).ok());
  const auto kept = events.takeovers(10);
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_THAT(kept.value(), ElementsAre(record, next));
  EXPECT_THAT(events.takeovers(1).value(), ElementsAre(next));
}

TEST_F(SqliteEventsTest, AddsToATakeoverWhatALaterOperatorTellsOfIt) {
  TakeoverRecord record;
  record.epoch = 3;
  record.cause = TakeoverCause::host_down;
  record.began = kNow;
  record.ended = kNow + seconds{5};
  record.evidence = "icmp silent for 10 s";
  record.steps = {{"Activating", seconds{5}}};
  record.downtime = seconds{15};
  record.result = "this node serves";
  ASSERT_TRUE(events.add(record).ok());
  TakeoverRecord later;
  later.epoch = 3;
  later.began = later.ended = kNow + minutes{9};
  later.steps = {{"Deactivating", seconds{2}}};
  later.result = "given back";
  later.continued = true;
  ASSERT_TRUE(events.add(later).ok());
  record.ended = later.ended;
  record.result = "given back";
  record.steps.emplace_back("Deactivating", seconds{2});
  EXPECT_THAT(events.takeovers(10).value(), ElementsAre(record));
}

}  // namespace
}  // namespace tandem

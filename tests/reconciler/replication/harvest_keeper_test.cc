// When the primary asks, fetches, merges and settles: a secondary that the test plays, and time
// that passes when told.
#include "reconciler/replication/harvest_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/formats.h"
#include "replication/harvest/settled.h"
#include "tests/reconciler/replication/copier_world.h"

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HarvestKeeperTest : public testing::Test {
 protected:
  struct Told : ToldCopies {
    std::vector<HarvestTold> harvests;
    void harvested(const HarvestTold& told) override { harvests.push_back(told); }
  };

  HarvestKeeperTest() {
    clock.automatic = false;
    disk.directories.insert("/var/lib/tandem");
    now.pair = &pair;
    now.role = Role::primary;
    now.state = NodeState::serving;
  }
  ~HarvestKeeperTest() override {
    if (!keeper) return;
    keeper->stop();
    pass(seconds{5});
  }

  Task<Result<std::string>> answer(SshEnds, std::string verb) {
    asked.push_back(verb);
    if (broken) co_return *broken;
    if (verb == "tandem harvest-owed") co_return harvest::to_text(there);
    if (verb != "tandem harvest-home " + std::to_string(there.owed.number))
      co_return Error{Fault::invalid, "another one is owed by now"};
    there.owed.owed = false;
    co_return std::string("home\n");
  }
  Task<harvest::FetchReport> fetch(harvest::FetchOrder order) {
    acts.emplace_back("fetch");
    until = order.until;
    co_return fetched;
  }
  Task<harvest::MergeReport> merge(harvest::HarvestTree tree, harvest::MergeOrder order) {
    acts.push_back("merge " + tree.store);
    orders.push_back(order);
    co_return tree.kind == harvest::Kind::voicemail ? merged : harvest::MergeReport{};
  }
  Task<Status> recount() {
    acts.emplace_back("recount");
    if (deaf) co_return Error{Fault::unavailable, "Asterisk does not answer"};
    co_return success();
  }
  Task<void> clear_locks(harvest::HarvestTree tree) {
    cleared_locks.push_back(tree.store);
    co_return;
  }
  Task<Status> clear() {
    ++cleared;
    co_return success();
  }

  void start() {
    HarvestKeeper::Parts parts{
        clock,
        disk,
        "/var/lib/tandem",
        [this] { return now; },
        [this](SshEnds ends, std::string verb) { return answer(std::move(ends), std::move(verb)); },
        [this](harvest::FetchOrder order) { return fetch(std::move(order)); },
        [this] { return clear(); },
        [] {},
        [this](harvest::HarvestTree tree, harvest::MergeOrder order) {
          return merge(std::move(tree), std::move(order));
        },
        [this] { return recount(); },
        [this](harvest::HarvestTree tree) { return clear_locks(std::move(tree)); }};
    parts.database = [this] { return database; };
    parts.changed = [this] { ++changes; };
    parts.observers = {&told};
    keeper = std::make_unique<HarvestKeeper>(std::move(parts));
    spawn(io.get_executor(), keeper->run(), [](const std::string& why) { FAIL() << why; });
    pass(seconds{1});
  }
  void pass(std::chrono::nanoseconds time) {
    constexpr std::chrono::milliseconds kStep{500};
    io.restart();
    io.poll();
    for (std::chrono::nanoseconds done{0}; done < time; done += kStep) {
      clock.advance(kStep);
      io.restart();
      io.poll();
    }
  }
  Condition condition() const { return keeper->conditions().at(0); }
  void owes(bool stands_by, std::uint64_t number = 7) {
    there = {{number, WallTime(seconds{1'700'000'000}), true}, stands_by};
  }
  void peer_is(NodeState state) {
    PeerWord word;
    word.role = Role::secondary;
    word.state = state;
    now.peer = word;
  }

  HAPair pair = copied_pair();
  CopySituation now;
  harvest::OwedAnswer there;
  std::optional<Error> broken;
  harvest::FetchReport fetched;
  harvest::MergeReport merged;
  bool deaf = false;
  std::optional<std::string> database;
  std::vector<std::string> asked, acts, cleared_locks;
  std::vector<harvest::MergeOrder> orders;
  Instant until{};
  int cleared = 0, changes = 0;
  Told told;
  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::MemoryFilesystem disk;
  std::unique_ptr<HarvestKeeper> keeper;
};

TEST_F(HarvestKeeperTest, BringsNothingHomeWhereNothingIsOwed) {
  start();
  EXPECT_THAT(asked, ElementsAre("tandem harvest-owed"));
  EXPECT_THAT(acts, IsEmpty());
  EXPECT_EQ(condition().status, Truth::no);
  EXPECT_EQ(condition().reason, "Home");
  EXPECT_EQ(cleared, 1) << "what an earlier operator brought";
  pass(minutes{11});
  EXPECT_EQ(asked.size(), 2U) << "asked again every ten minutes";
}

TEST_F(HarvestKeeperTest, BringsItHomeOnceItStandsByAndSettlesIt) {
  owes(true);
  merged.counts.messages = 2;
  merged.changed = {"1001@default"};
  merged.seen = {"key"};
  start();
  EXPECT_THAT(acts, ElementsAre("fetch", "merge voicemail", "merge recordings-1", "merge sounds-2",
                                "merge sounds-3", "recount"));
  EXPECT_EQ(orders.at(0).since, there.owed.since);
  EXPECT_FALSE(there.owed.owed);
  ASSERT_EQ(told.harvests.size(), 1U);
  EXPECT_EQ(told.harvests[0].result, HarvestResult::home);
  EXPECT_EQ(told.harvests[0].counts.messages, 2U);
  EXPECT_EQ(condition().status, Truth::no);
  EXPECT_TRUE(keeper->state().home);
  EXPECT_THAT(harvest::load_settled(disk, "/var/lib/tandem").messages, ElementsAre("key"));
  pass(seconds{5});
  EXPECT_EQ(cleared, 1);
}

TEST_F(HarvestKeeperTest, OnlyFetchesWhileItServesAndEndsTheDebtAfterwards) {
  owes(false);
  peer_is(NodeState::failback_hold);
  start();
  pass(minutes{2});
  EXPECT_THAT(acts, ElementsAre("fetch")) << "once, and nothing is made of it";
  EXPECT_EQ(condition().reason, "Folders");
  EXPECT_THAT(condition().message, HasSubstr("pbx-b serves"));
  there.stands_by = true;
  peer_is(NodeState::standby);
  pass(seconds{4});
  EXPECT_FALSE(there.owed.owed) << "its word wakes us at once";
}

TEST_F(HarvestKeeperTest, TellsAFailureAndTriesAgainEverLater) {
  owes(true);
  fetched.trouble = "this node's disk has no room; make room";
  fetched.reason = "DiskFull";
  start();
  EXPECT_EQ(condition().status, Truth::yes);
  EXPECT_THAT(condition().message, HasSubstr("DiskFull: this node's disk has no room"));
  EXPECT_THAT(condition().message, HasSubstr("tandem divergence --discard"));
  EXPECT_TRUE(there.owed.owed);
  pass(seconds{31});
  EXPECT_EQ(acts.size(), 2U);
  pass(seconds{31});
  EXPECT_EQ(acts.size(), 2U) << "the next pause is twice as long";
  pass(seconds{31});
  EXPECT_EQ(acts.size(), 3U);
  fetched.trouble.reset();
  pass(minutes{3});
  EXPECT_FALSE(there.owed.owed);
  EXPECT_EQ(condition().status, Truth::no);
}

TEST_F(HarvestKeeperTest, EndsNoDebtWhileAMailboxIsInUse) {
  owes(true);
  merged.busy = true;
  merged.troubles = {"default/1001/INBOX: somebody else holds its lock .lock, for 9 s"};
  start();
  EXPECT_TRUE(there.owed.owed);
  EXPECT_EQ(told.harvests.at(0).reason, "MailboxInUse");
  EXPECT_THAT(condition().message, HasSubstr("remove the file .lock"));
  merged = {};
  pass(seconds{32});
  EXPECT_FALSE(there.owed.owed);
}

TEST_F(HarvestKeeperTest, EndsNoDebtThatIsAnotherByNow) {
  owes(true);
  there.owed.number = 8;
  start();
  EXPECT_FALSE(there.owed.owed);
  owes(true, 9);
  broken = Error{Fault::timed_out, "ssh to 192.0.2.11: no answer"};
  pass(minutes{11});
  EXPECT_EQ(condition().status, Truth::unknown);
  EXPECT_EQ(condition().reason, "NotAnswered");
  broken.reset();
  pass(minutes{1});
  EXPECT_FALSE(there.owed.owed);
}

TEST_F(HarvestKeeperTest, TellsThatTheLampsMayBeWrongAndStillEndsTheDebt) {
  owes(true);
  merged.seen = {"key"};
  deaf = true;
  start();
  EXPECT_FALSE(there.owed.owed);
  EXPECT_THAT(condition().message, HasSubstr("asterisk -rx 'voicemail reload'"));
}

TEST_F(HarvestKeeperTest, GivesItUpForAReasonAndMergesNothing) {
  owes(true);
  fetched.trouble = "no way";
  fetched.reason = "Unreachable";
  start();
  acts.clear();
  ASSERT_TRUE(keeper->order("a drill", "root on pbx-a").ok());
  pass(seconds{4});
  EXPECT_THAT(acts, IsEmpty());
  EXPECT_FALSE(there.owed.owed);
  EXPECT_EQ(told.harvests.back().result, HarvestResult::discarded);
  EXPECT_THAT(told.harvests.back().message, HasSubstr("root on pbx-a gave up"));
  const auto before = told.harvests.size();
  EXPECT_TRUE(keeper->order("again", "").ok());
  pass(seconds{4});
  EXPECT_EQ(told.harvests.size(), before) << "nothing is left to give up";
}

TEST_F(HarvestKeeperTest, GivesUpNothingWhileItServes) {
  start();
  owes(false);
  peer_is(NodeState::serving);
  pass(seconds{4});
  const Status refused = keeper->order("a drill", "root on pbx-a");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().fault, Fault::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("after the failback"));
  merged.counts.messages = 1;
  there.stands_by = true;
  peer_is(NodeState::standby);
  pass(seconds{4});
  ASSERT_FALSE(told.harvests.empty());
  EXPECT_EQ(told.harvests.back().result, HarvestResult::home) << "what was left later came home";
}

// It could not be reached when it was ordered, and has served before it could be.
TEST_F(HarvestKeeperTest, GivesUpOnlyWhatWasOwedThen) {
  owes(true, 7);
  fetched.trouble = "no way";
  start();
  broken = Error{Fault::timed_out, "ssh to 192.0.2.11: no answer"};
  ASSERT_TRUE(keeper->order("a drill", "").ok());
  pass(minutes{1});
  fetched.trouble.reset();
  owes(true, 8);
  broken.reset();
  pass(minutes{2});
  EXPECT_FALSE(there.owed.owed);
  EXPECT_EQ(told.harvests.at(told.harvests.size() - 2).reason, "NotGivenUp");
  EXPECT_EQ(told.harvests.back().result, HarvestResult::home);
}

TEST_F(HarvestKeeperTest, RunsNowWhenItIsOrdered) {
  owes(true);
  fetched.trouble = "no way";
  start();
  fetched.trouble.reset();
  ASSERT_TRUE(keeper->order(std::nullopt, "").ok());
  pass(seconds{3});
  EXPECT_FALSE(there.owed.owed);
}

TEST_F(HarvestKeeperTest, AsksWhenACopyWasRefusedForIt) {
  start();
  owes(true);
  pass(minutes{1});
  EXPECT_TRUE(there.owed.owed) << "nobody has asked yet";
  keeper->look();
  pass(seconds{3});
  EXPECT_FALSE(there.owed.owed);
}

TEST_F(HarvestKeeperTest, DoesNothingOnANodeWhoseTaskItIsNot) {
  now.role = Role::secondary;
  owes(true);
  start();
  pass(minutes{1});
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_THAT(keeper->conditions(), IsEmpty());
  EXPECT_FALSE(keeper->order(std::nullopt, "").ok());
}

// The secondary may not answer for days, and callers leave messages here.
TEST_F(HarvestKeeperTest, TakesAwayLocksOfAKilledRunBeforeItAsksAnybody) {
  broken = Error{Fault::timed_out, "ssh to 192.0.2.11: no answer"};
  now.state = NodeState::activating;
  start();
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_THAT(cleared_locks, ElementsAre("voicemail"));
  now.state = NodeState::serving;
  pass(minutes{1});
  EXPECT_EQ(cleared_locks.size(), 1U) << "once";
}

TEST_F(HarvestKeeperTest, GivesARunTenMinutes) {
  owes(true);
  start();
  EXPECT_EQ(until, Instant{std::chrono::hours{1000}} + HarvestKeeper::kRunMax);
  clock.advance(HarvestKeeper::kRunMax);
  EXPECT_TRUE(orders.at(0).enough());
}

TEST_F(HarvestKeeperTest, NamesWhatOfTheDatabaseWaitsToo) {
  database = "3 rows that pbx-b changed are in its journal";
  start();
  EXPECT_EQ(condition().reason, "Database");
  owes(false);
  ASSERT_TRUE(keeper->order(std::nullopt, "").ok());
  pass(seconds{3});
  EXPECT_EQ(condition().reason, "Folders");
  EXPECT_THAT(condition().message, HasSubstr("3 rows that pbx-b changed"));
}

}  // namespace
}  // namespace tandem

// The row by which a node lets copies in, and how it yields before it serves.
#include "reconciler/replication/direction_keeper.h"

#include <gtest/gtest.h>

#include "ports/spawn.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sql.h"
#include "tests/reconciler/replication/copier_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kOwn = "host=127.0.0.1 dbname=asterisk user=tandem";

class DirectionKeeperTest : public testing::Test {
 protected:
  DirectionKeeperTest() {
    clock.automatic = false;
    said.pair = &pair;
    said.node = "pbx-b";
    said.role = Role::secondary;
    said.state = NodeState::standby;
    said.standing_by = true;
    said.wizard_passed = true;
    said.spec_sha256 = "abc";
    said.epoch = 3;
    sql.servers[kOwn] = [this](const SqlTarget&, const SqlStatement& statement) {
      return serve(statement);
    };
  }
  ~DirectionKeeperTest() override {
    keeper.stop();
    pass(seconds{5});
  }
  Result<SqlRows> serve(const SqlStatement& statement) {
    if (broken) return *broken;
    if (statement.text.find("insert into tandem.direction") != std::string::npos) {
      rows.push_back(statement.parameters);
      return SqlRows{};
    }
    if (statement.text.find("set standing_by = false") != std::string::npos) {
      ++shut;
      return SqlRows{};
    }
    if (statement.text.find("pg_terminate_backend") != std::string::npos) {
      ++ended;
      return SqlRows{{"count"}, {{"1"}}};
    }
    if (statement.text.find("to_regclass('tandem.activation')") != std::string::npos)
      return SqlRows{{"there"}, {{"t"}}};
    if (statement.text.find("insert into tandem.activation") != std::string::npos) {
      if (note_fails) return Error{Fault::timed_out, "the server stands still"};
      notes.push_back(statement.parameters);
      rows_at_note = rows.size();
      return SqlRows{};
    }
    if (statement.text.find("xmin::text, written_at") != std::string::npos)
      return SqlRows{{"xmin", "at"}, {{"4711", "2026-11-26 10:00:00+00"}}};
    if (statement.text.find("from tandem.copy") != std::string::npos) return held;
    return Error{Fault::invalid, "what is that: " + statement.text};
  }
  void start() {
    spawn(io.get_executor(), keeper.run(), [](const std::string& why) { FAIL() << why; });
    pass(seconds{1});
  }
  void pass(std::chrono::nanoseconds time) {
    for (std::chrono::nanoseconds done{0}; done <= time; done += std::chrono::milliseconds{100}) {
      io.restart();
      io.poll();
      clock.advance(std::chrono::milliseconds{100});
    }
  }
  bool lets_in() const { return rows.back()[4] == "true"; }
  Condition condition() const { return keeper.conditions().at(0); }

  HAPair pair = copied_pair();
  DirectionSaid said;
  std::vector<std::vector<std::string>> rows;   // the parameters of each write
  std::vector<std::vector<std::string>> notes;  // that the node serves
  std::size_t rows_at_note = 0;
  bool note_fails = false;
  std::optional<Error> broken;
  SqlRows held{{"primary_name", "hash", "tables", "age"}, {}};
  int ended = 0, changes = 0, shut = 0, its_copies = 0;
  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::FakeSql sql;
  DirectionKeeper keeper{{clock, sql,
                          [] {
                            return SqlTarget{kOwn, "secret"};
                          },
                          [this] { return said; },
                          [] { return std::optional<std::int64_t>(1 << 30); },
                          [this] { ++changes; }, [this] { ++its_copies; }}};
};

TEST_F(DirectionKeeperTest, ASecondaryThatStandsByLetsItsPrimaryIn) {
  start();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"lab", "pbx-b", "secondary", "Standby", "true",
                                               "pbx-a", "true", "abc", "3", "1073741824"}));
  EXPECT_EQ(condition().status, Truth::yes);
  EXPECT_EQ(condition().reason, "LetsIn");
}

TEST_F(DirectionKeeperTest, IsRefreshedEachMinuteAndAtOnceWhenItSaysSomethingElse) {
  start();
  pass(seconds{50});
  EXPECT_EQ(rows.size(), 1U);
  pass(seconds{11});
  EXPECT_EQ(rows.size(), 2U);
  said.spec_sha256 = "def";
  pass(seconds{2});
  EXPECT_EQ(rows.size(), 3U);
}

TEST_F(DirectionKeeperTest, NobodyIsLetInWhereTheNodeServesOrSomebodyIsAtWork) {
  start();
  const auto refuses = [&](const char* what) {
    pass(seconds{2});
    EXPECT_FALSE(lets_in()) << what;
    said.state = NodeState::standby;
    said.standing_by = true;
    said.closed.clear();
    said.upgrading = false;
    said.role = Role::secondary;
    pass(seconds{2});
    EXPECT_TRUE(lets_in()) << what;
  };
  for (const NodeState state : {NodeState::activating, NodeState::active, NodeState::failback_hold,
                                NodeState::latched, NodeState::deactivating, NodeState::faulted,
                                NodeState::rejoining, NodeState::maintenance}) {
    said.state = state;
    refuses(state_name(state).data());
  }
  said.standing_by = false;
  refuses("the marker is gone");
  said.closed = "suspended";
  refuses("closed");
  said.upgrading = true;
  refuses("upgrading");
  said.role = Role::primary;
  refuses("a primary");
}

TEST_F(DirectionKeeperTest, TellsWhenTheAnswerIsAnotherAndNotAtEachRefresh) {
  start();
  pass(seconds{2});
  const int before = changes;
  pass(minutes{2});
  EXPECT_EQ(changes, before);
  said.state = NodeState::active;
  pass(seconds{2});
  EXPECT_EQ(changes, before + 1);
}

TEST_F(DirectionKeeperTest, UnderTheVendorNothingIsWrittenButARowThatWasLeftOpenIsShut) {
  pair.replication.owner = Owner::vendor;
  broken = Error{Fault::connection_refused, "it starts later"};
  start();
  pass(seconds{10});
  EXPECT_EQ(shut, 0);
  broken.reset();
  pass(minutes{5});
  EXPECT_EQ(shut, 1);
  EXPECT_TRUE(rows.empty());
  EXPECT_TRUE(keeper.conditions().empty());
}

TEST_F(DirectionKeeperTest, YieldEndsCopiesAndShutsTheDoorBeforeItReturns) {
  start();
  bool yielded = false;
  const auto yield = [&]() -> Task<void> {
    co_await keeper.yield();
    yielded = true;
  };
  spawn(io.get_executor(), yield(), [](const std::string& why) { FAIL() << why; });
  pass(seconds{1});
  EXPECT_TRUE(yielded);
  EXPECT_EQ(ended, 1);
  EXPECT_FALSE(lets_in()) << "whatever the state still says";
}

TEST_F(DirectionKeeperTest, AStartByAnotherHandEndsCopiesToo) {
  start();
  EXPECT_EQ(ended, 0);
  said.standing_by = false;  // the vendor's script took the marker away
  pass(seconds{2});
  EXPECT_EQ(ended, 1);
  EXPECT_FALSE(lets_in());
  pass(minutes{3});
  EXPECT_EQ(ended, 1) << "once, not with each refresh";
}

TEST_F(DirectionKeeperTest, APrimaryEndsNoCopyOfItsOwn) {
  said.role = Role::primary;
  said.state = NodeState::serving;
  said.standing_by = false;
  start();
  broken = Error{Fault::timed_out, "busy"};
  pass(minutes{2});
  broken.reset();
  pass(minutes{2});
  EXPECT_EQ(ended, 0);
}

// Found by an opponent: a node that was switched off, or whose operator was stopped, was written
// over while it served.
TEST_F(DirectionKeeperTest, IsShutWhenTheDutyEndsAndWhenTheOperatorDoes) {
  start();
  ASSERT_TRUE(lets_in());
  pair.enabled = false;
  pass(seconds{2});
  EXPECT_EQ(shut, 1);
  pair.enabled = true;
  pass(seconds{2});
  ASSERT_TRUE(lets_in());
  said.pair = nullptr;
  pass(seconds{2});
  EXPECT_EQ(shut, 2);
  said.pair = &pair;
  pass(seconds{2});
  keeper.stop();
  pass(seconds{1});
  EXPECT_EQ(shut, 3);
  EXPECT_TRUE(keeper.has_ended());
}

TEST_F(DirectionKeeperTest, LooksOftenForTheFirstCopyAndTellsThatItIsThePrimarys) {
  start();
  held.rows = {{"pbx-a", "0123", "109", "1"}};
  pass(seconds{7});
  EXPECT_TRUE(keeper.held());
  EXPECT_GT(its_copies, 0);
  its_copies = 0;
  held.rows = {{"pbx-z", "0123", "109", "1"}};
  pass(minutes{3});
  EXPECT_EQ(its_copies, 0);
}

TEST_F(DirectionKeeperTest, AYieldWaitsForNoDeadServer) {
  start();
  broken = Error{Fault::timed_out, "the server stands still"};
  bool yielded = false;
  const auto yield = [&]() -> Task<void> {
    co_await keeper.yield();
    yielded = true;
  };
  spawn(io.get_executor(), yield(), [](const std::string& why) { FAIL() << why; });
  pass(kYieldMax + seconds{1});
  EXPECT_TRUE(yielded);
  EXPECT_EQ(condition().status, Truth::no);
  EXPECT_EQ(condition().reason, "NotReached");
  broken.reset();
  pass(seconds{12});
  EXPECT_EQ(condition().status, Truth::yes) << "it is tried again";
}

// After the door is shut: what came before is the last takeover's.
TEST_F(DirectionKeeperTest, NotesAtTheYieldThatTheNodeServesAndOnceOnly) {
  start();
  EXPECT_TRUE(notes.empty()) << "a start of the operator is no takeover";
  spawn(io.get_executor(), keeper.yield(), [](const std::string& why) { FAIL() << why; });
  pass(seconds{1});
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0], (std::vector<std::string>{"", "", "false", "pbx-b", "3"}));
  EXPECT_FALSE(lets_in());
  EXPECT_EQ(rows_at_note, rows.size());
  said.state = NodeState::active;
  said.standing_by = false;
  pass(minutes{3});
  EXPECT_EQ(notes.size(), 1U);
  said.state = NodeState::standby;
  said.standing_by = true;
  pass(seconds{3});
  EXPECT_TRUE(lets_in());
  EXPECT_EQ(notes.size(), 1U);
  spawn(io.get_executor(), keeper.yield(), [](const std::string& why) { FAIL() << why; });
  pass(seconds{1});
  EXPECT_EQ(notes.size(), 2U) << "the next takeover";
}

TEST_F(DirectionKeeperTest, NotesLateWhatItCouldNotNoteAtTheYield) {
  start();
  broken = Error{Fault::timed_out, "the server stands still"};
  spawn(io.get_executor(), keeper.yield(), [](const std::string& why) { FAIL() << why; });
  pass(kYieldMax + seconds{1});
  said.state = NodeState::active;
  said.standing_by = false;
  EXPECT_TRUE(notes.empty());
  broken.reset();
  pass(seconds{3});
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0],
            (std::vector<std::string>{"4711", "2026-11-26 10:00:00+00", "true", "pbx-b", "3"}));
}

TEST_F(DirectionKeeperTest, TriesAgainWhereTheDoorIsShutAndTheNoteFails) {
  note_fails = true;
  start();
  spawn(io.get_executor(), keeper.yield(), [](const std::string& why) { FAIL() << why; });
  pass(seconds{2});
  EXPECT_EQ(condition().status, Truth::no);
  note_fails = false;
  pass(seconds{3});
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0][2], "true");
  EXPECT_EQ(condition().status, Truth::yes);
}

// Somebody started the services by hand, or the operator was not there when it began.
TEST_F(DirectionKeeperTest, NotesANodeThatServesByAnotherHand) {
  said.standing_by = false;
  start();
  pass(seconds{2});
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0][2], "true");
}

TEST_F(DirectionKeeperTest, KnowsWhatItHoldsAndHowOldThatIs) {
  start();
  EXPECT_TRUE(keeper.known());
  EXPECT_FALSE(keeper.held());
  held.rows = {{"pbx-a", "0123", "109", "90"}};
  pass(minutes{1});
  ASSERT_TRUE(keeper.held());
  EXPECT_EQ(keeper.held()->tables, 109U);
  const auto age = clock.wall() - *keeper.proven();
  EXPECT_GE(age, seconds{90});
  EXPECT_LT(age, seconds{100});
}

TEST_F(DirectionKeeperTest, ForgetsWhatItHoldsWhenTheVendorCopiesAgain) {
  held.rows = {{"pbx-a", "0123", "109", "90"}};
  start();
  ASSERT_TRUE(keeper.held());
  pair.replication.owner = Owner::vendor;
  pass(seconds{2});
  EXPECT_FALSE(keeper.held());
  EXPECT_FALSE(keeper.known());
}

}  // namespace
}  // namespace tandem

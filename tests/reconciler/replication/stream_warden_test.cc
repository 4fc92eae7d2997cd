#include "reconciler/replication/stream_warden.h"

#include <gtest/gtest.h>

#include "ports/spawn.h"
#include "replication/stream/subscription.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sql.h"
#include "tests/reconciler/replication/copier_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::seconds;

constexpr const char* kOwn = "host=127.0.0.1 dbname=asterisk user=tandem";

// The node's own server: the subscription in it, and what was done to it.
class StreamWardenTest : public testing::Test {
 protected:
  StreamWardenTest() {
    clock.automatic = false;
    pair.replication.database_mode = Replication::DatabaseMode::stream;
    said.pair = &pair;
    said.node = "pbx-b";
    said.role = Role::secondary;
    said.state = NodeState::standby;
    said.standing_by = true;
    sql.servers[kOwn] = [this](const SqlTarget&, const SqlStatement& statement) {
      return serve(statement.text);
    };
  }
  ~StreamWardenTest() override {
    warden.stop();
    pass(seconds{5});
  }
  Result<SqlRows> serve(const std::string& text) {
    if (broken) return *broken;
    if (text.find("select pg_get_userbyid") == 0) {
      SqlRows rows;
      const auto word = [](bool is) { return std::optional<std::string>(is ? "t" : "f"); };
      if (held)
        rows.rows.push_back({word(held->ours), word(held->enabled), "tandem_1", "f", "0",
                             stream::made_for(held->stale ? "another" : connection),
                             word(held->connected)});
      return rows;
    }
    if (text.find("drop subscription") != std::string::npos) {
      done.emplace_back("end");
      held.reset();
    } else if (text.find("disable") != std::string::npos) {
      done.emplace_back("pause");
      if (held) held->enabled = false;
    } else if (text.find("setval") != std::string::npos) {
      if (late) return Error{Fault::timed_out, "too long"};
      done.emplace_back("raise");
    } else {
      ADD_FAILURE() << "what is that: " << text;
    }
    return SqlRows{};
  }
  Task<Status> as_superuser(std::string text) {
    EXPECT_NE(text.find("create subscription tandem"), std::string::npos);
    EXPECT_NE(text.find(connection), std::string::npos);
    done.emplace_back("make");
    if (refused) co_return *refused;
    held = SubscriptionHeld{true, false};
    co_return success();
  }
  void start() {
    spawn(io.get_executor(), warden.run(), [](const std::string& why) { FAIL() << why; });
    pass(seconds{1});
  }
  void pass(std::chrono::nanoseconds time) {
    for (std::chrono::nanoseconds gone{0}; gone <= time; gone += std::chrono::milliseconds{100}) {
      io.restart();
      io.poll();
      clock.advance(std::chrono::milliseconds{100});
    }
  }
  std::string reason() const {
    const auto told = warden.conditions();
    return told.empty() ? "" : told.at(0).reason;
  }

  HAPair pair = copied_pair();
  DirectionSaid said;
  std::string connection = "host=192.0.2.10 password=secret";
  std::optional<SubscriptionHeld> held;
  std::optional<Error> broken, refused;
  bool late = false;
  std::vector<std::string> done;
  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::FakeSql sql;
  StreamWarden warden{{clock, sql,
                       []() -> Result<SqlTarget> {
                         return SqlTarget{kOwn, "secret"};
                       },
                       [this] { return said; },
                       [this]() -> Result<std::string> { return connection; },
                       [this](std::string text) { return as_superuser(std::move(text)); }, [] {}}};
};

TEST(StreamWarden, NeverLetsAStreamIntoANodeThatServes) {
  for (const bool takes : {true, false})
    for (const bool lets_in : {true, false})
      for (const bool enabled : {true, false})
        EXPECT_EQ(warden_step(takes, lets_in, true, SubscriptionHeld{true, enabled}),
                  WardenStep::end);
}

TEST(StreamWarden, TouchesNothingThatIsNotItsOwn) {
  for (const bool takes : {true, false})
    for (const bool lets_in : {true, false})
      for (const bool serves : {true, false})
        EXPECT_EQ(warden_step(takes, lets_in, serves, SubscriptionHeld{false, true}),
                  WardenStep::nothing);
}

TEST_F(StreamWardenTest, MakesASubscriptionOnceAndLeavesItsBeginningToThePrimary) {
  start();
  pass(seconds{20});
  EXPECT_EQ(done, std::vector<std::string>{"make"});
  EXPECT_EQ(reason(), "WaitsForPrimary");
  held->enabled = true;
  pass(seconds{6});
  EXPECT_EQ(reason(), "Streaming");
}

TEST_F(StreamWardenTest, AsksNothingWhereNoneIsDeclared) {
  pair.replication.database_mode = Replication::DatabaseMode::snapshot;
  start();
  const auto asked = sql.journal.size();
  EXPECT_EQ(asked, 1U);
  pass(seconds{60});
  EXPECT_EQ(sql.journal.size(), asked);
  EXPECT_TRUE(warden.conditions().empty());
}

TEST_F(StreamWardenTest, EndsItBeforeTheNodeServesAndRaisesTheSequences) {
  held = SubscriptionHeld{true, true};
  start();
  bool yielded = false;
  spawn(
      io.get_executor(),
      [](StreamWarden& one, bool& ended) -> Task<void> {
        co_await one.yield();
        ended = true;
      }(warden, yielded),
      [](const std::string& why) { FAIL() << why; });
  pass(std::chrono::milliseconds{300});
  EXPECT_TRUE(yielded);
  EXPECT_EQ(done, (std::vector<std::string>{"end", "raise"}));
  // It says itself that it stands by until its state changes: nothing is made again.
  pass(seconds{15});
  EXPECT_EQ(done, (std::vector<std::string>{"end", "raise"}));
  said.state = NodeState::active;
  pass(seconds{15});
  said.state = NodeState::standby;
  pass(seconds{2});
  EXPECT_EQ(done.back(), "make");
}

TEST_F(StreamWardenTest, YieldsInTimeFromAServerThatStandsStillAndEndsItAfterwards) {
  held = SubscriptionHeld{true, true};
  start();
  broken = Error{Fault::timed_out, "no answer"};
  bool yielded = false;
  spawn(
      io.get_executor(),
      [](StreamWarden& one, bool& ended) -> Task<void> {
        co_await one.yield();
        ended = true;
      }(warden, yielded),
      [](const std::string& why) { FAIL() << why; });
  pass(kYieldMax);
  EXPECT_TRUE(yielded);
  said.state = NodeState::active;
  pass(seconds{2});
  EXPECT_EQ(reason(), "NotStopped");
  broken.reset();
  pass(seconds{3});
  EXPECT_FALSE(held);
}

TEST_F(StreamWardenTest, StopsItWhileTheNodeLetsNothingInAndNeverStartsIt) {
  held = SubscriptionHeld{true, true};
  start();
  said.closed = "the pair is suspended";
  pass(seconds{2});
  EXPECT_FALSE(held->enabled);
  said.closed.clear();
  pass(seconds{20});
  // A hand may have made it serve meanwhile.
  EXPECT_EQ(done, (std::vector<std::string>{"pause", "raise"}))
      << "the primary enables it, after a proof";
}

TEST_F(StreamWardenTest, StopsItWhenTheOperatorEnds) {
  held = SubscriptionHeld{true, true};
  start();
  warden.stop();
  pass(seconds{1});
  EXPECT_TRUE(warden.has_ended());
  EXPECT_FALSE(held->enabled);
}

TEST_F(StreamWardenTest, EndsItWhereNoneIsDeclaredAnyMore) {
  held = SubscriptionHeld{true, true};
  start();
  pair.replication.database_mode = Replication::DatabaseMode::snapshot;
  pass(seconds{2});
  EXPECT_FALSE(held);
}

TEST_F(StreamWardenTest, TellsWhyItCanNotBeMadeAndTriesAgain) {
  refused = Error{Fault::invalid, "could not connect to the publisher"};
  start();
  EXPECT_EQ(reason(), "NotConnected");
  pass(seconds{5});
  EXPECT_EQ(done.size(), 1U);
  refused.reset();
  pass(StreamWarden::kRetry);
  EXPECT_EQ(reason(), "WaitsForPrimary");
}

TEST_F(StreamWardenTest, MakesItAnewForAnotherAddressOrPasswordOfThePrimary) {
  held = SubscriptionHeld{true, true};
  start();
  pass(seconds{10});
  EXPECT_EQ(done, std::vector<std::string>());
  connection = "host=192.0.2.11 password=other";
  held->stale = true;
  pass(seconds{15});
  EXPECT_EQ(done, (std::vector<std::string>{"end", "make"}));
}

TEST_F(StreamWardenTest, TellsThatNothingComesInThoughItIsEnabled) {
  held = SubscriptionHeld{true, true};
  start();
  pass(seconds{10});
  EXPECT_EQ(reason(), "Streaming");
  held->connected = false;
  pass(StreamWarden::kCutMax + 2 * StreamWarden::kLookEvery);
  EXPECT_EQ(reason(), "NotConnected");
  held->connected = true;
  pass(2 * StreamWarden::kLookEvery);
  EXPECT_EQ(reason(), "Streaming");
}

// The primary's run had just ended it, and what it brought has keys.
TEST_F(StreamWardenTest, RaisesTheSequencesBeforeTheNodeServesUntilItIsDone) {
  refused = Error{Fault::unavailable, "the primary is away"};
  late = true;
  start();
  done.clear();
  spawn(
      io.get_executor(), [](StreamWarden& one) -> Task<void> { co_await one.yield(); }(warden),
      [](const std::string& why) { FAIL() << why; });
  pass(seconds{1});
  said.state = NodeState::activating;
  pass(seconds{3});
  EXPECT_EQ(done, std::vector<std::string>());
  late = false;
  pass(seconds{3});
  EXPECT_EQ(done, std::vector<std::string>{"raise"});
}

}  // namespace
}  // namespace tandem

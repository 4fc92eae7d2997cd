// When copies are taken back, and what is told of it. The undo itself is the test's.
#include "reconciler/replication/undo_keeper.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "ports/spawn.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sql.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class Listener : public Observer {
 public:
  void reported(const Report&) override {}
  void condition_changed(const Condition&) override {}
  void spec_rejected(std::string_view) override {}
  void spec_accepted(std::string_view) override {}
  void undone(const UndoTold& undo) override { heard.push_back(undo); }

  std::vector<UndoTold> heard;
};

class UndoKeeperTest : public testing::Test {
 protected:
  UndoKeeperTest() {
    where.secondary = {"host=192.0.2.11", "secret"};
    sql.servers["host=192.0.2.11"] = [this](const SqlTarget&, const SqlStatement&) {
      return answer;
    };
    good.number = 4;
    good.taken_at = "2026-11-26T18:00:00Z";
    good.changed = {{"moh", 5, 5, true}, {"userfeatures", 1, 2, false}};
    outcome = good;
    spawn(io.get_executor(), keeper.run(), [](const std::string& why) { FAIL() << why; });
  }
  ~UndoKeeperTest() override {
    keeper.stop();
    pass(seconds{1});
    EXPECT_TRUE(keeper.has_ended());
  }

  Task<void> pause(seconds time) {
    auto signal = clock.make_signal();
    co_await clock.wait(*signal, clock.now() + time);
  }
  void pass(seconds time) { run(io, pause(time)); }
  // The undo has a thread of its own, on which no virtual time passes.
  void until_it_ends(std::uint64_t number) {
    for (int i = 0; i < 500 && (keeper.state().number < number || keeper.state().running); ++i) {
      pass(seconds{1});
      std::this_thread::sleep_for(milliseconds{10});
    }
    ASSERT_FALSE(keeper.state().running);
  }

  static Result<SqlRows> kept_rows() {
    SqlRows rows;
    rows.rows = {{"kept", "3", "2026-11-26T17:00:00Z", "by schedule", "1", "7", "300", "moh"},
                 {"hold", "4", "2026-11-26T18:00:00Z", "", "root on pbx-b", "2026-11-26T19:00:00Z",
                  std::nullopt, std::nullopt}};
    return rows;
  }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::FakeSql sql;
  Listener listener;
  UndoOrder where;
  std::optional<Error> no_order;
  bool keeps_here = true;
  int told_undone = 0;
  Result<SqlRows> answer = kept_rows();
  UndoOutcome good, outcome;
  std::vector<UndoOrder> orders;
  std::atomic<bool> waits_for_stop = false;
  UndoKeeper keeper{
      {clock,
       sql,
       [this](const UndoOrder& order, std::stop_token stop, const ProgressSink& sink) {
         orders.push_back(order);
         CopyProgress progress;
         progress.phase = CopyProgress::Phase::proving;
         sink(progress);
         while (waits_for_stop && !stop.stop_requested())
           std::this_thread::sleep_for(milliseconds{1});
         UndoOutcome done = outcome;
         if (stop.stop_requested()) done.failure = {CopyReason::cancelled, ""};
         return done;
       },
       [this]() -> Result<UndoOrder> {
         if (no_order) return *no_order;
         return where;
       },
       [this] { return keeps_here; },
       [this] { ++told_undone; },
       {&listener}}};
};

TEST_F(UndoKeeperTest, TakesACopyBackAndTellsWhoHadItSo) {
  const auto number = keeper.order("root on pbx-b", "the wrong backup");
  ASSERT_TRUE(number.ok());
  EXPECT_EQ(number.value(), 1U);
  until_it_ends(1);
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].secondary.dsn, "host=192.0.2.11");
  EXPECT_EQ(orders[0].by, "root on pbx-b");
  EXPECT_EQ(orders[0].reason, "the wrong backup");
  EXPECT_EQ(told_undone, 1);
  ASSERT_EQ(listener.heard.size(), 1U);
  EXPECT_EQ(listener.heard[0].by, "root on pbx-b");
  const CopyTold& told = *keeper.state().last;
  EXPECT_EQ(told.result, CopyResult::equal);
  EXPECT_EQ(told.changed, 13U);
  EXPECT_THAT(told.message, HasSubstr("as it was before the copy of 2026-11-26T18:00:00Z"));
  EXPECT_THAT(told.message, HasSubstr("tandem replicate database"));
}

TEST_F(UndoKeeperTest, TellsWhyItWasRefused) {
  outcome.failure = CopyFailure{CopyReason::changed_since, "table moh"};
  ASSERT_TRUE(keeper.order("", "").ok());
  until_it_ends(1);
  EXPECT_EQ(keeper.state().last->result, CopyResult::refused);
  EXPECT_EQ(keeper.state().last->reason, "ChangedSince");
  EXPECT_THAT(keeper.state().last->message, HasSubstr("table moh"));
  EXPECT_EQ(told_undone, 0) << "nothing was changed";
}

TEST_F(UndoKeeperTest, TakesNoOrderWhereNothingCanBeUndone) {
  no_order = Error{Fault::invalid, "Tandem does not copy here"};
  EXPECT_EQ(keeper.order("", "").error().message, "Tandem does not copy here");
  EXPECT_EQ(run(io, keeper.read()).error().fault, Fault::invalid);
  pass(seconds{60});
  EXPECT_TRUE(orders.empty());
}

TEST_F(UndoKeeperTest, MakesOneAtATimeAndEndsItOnRequest) {
  waits_for_stop = true;
  ASSERT_TRUE(keeper.order("", "").ok());
  for (int i = 0; i < 500 && !keeper.meter(); ++i) {
    pass(seconds{1});
    std::this_thread::sleep_for(milliseconds{10});
  }
  ASSERT_TRUE(keeper.meter());
  EXPECT_EQ(keeper.meter()->phase, "proving");
  EXPECT_THAT(keeper.order("", "").error().message, HasSubstr("another undo"));
  EXPECT_EQ(keeper.cancel(), 1);
  until_it_ends(1);
  EXPECT_EQ(keeper.state().last->reason, "Cancelled");
  EXPECT_FALSE(keeper.meter());
  EXPECT_EQ(keeper.cancel(), 0);
}

TEST_F(UndoKeeperTest, LooksAtWhatIsKeptHereAndForgetsWhatItCanNotSee) {
  pass(seconds{1});
  ASSERT_TRUE(keeper.state().kept);
  EXPECT_EQ(keeper.state().kept->generations.at(0).names, std::vector<std::string>{"moh"});
  EXPECT_EQ(keeper.state().kept->hold->by, "root on pbx-b");
  answer = Error{Fault::timed_out, "no answer"};
  pass(seconds{31});
  EXPECT_FALSE(keeper.state().kept);
  answer = Error{Fault::not_found, "no such table"};
  pass(seconds{31});
  EXPECT_EQ(keeper.state().kept, KeptGenerations()) << "nothing was ever kept";
  keeps_here = false;
  pass(seconds{31});
  EXPECT_FALSE(keeper.state().kept);
}

}  // namespace
}  // namespace tandem

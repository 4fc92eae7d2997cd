// When a run looks at everything, and what it is told as.
#include "reconciler/replication/database_copier.h"

#include <atomic>
#include <thread>

#include "tests/reconciler/replication/copier_world.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class DatabaseCopierTest : public testing::Test {
 protected:
  CopyTold copy(CopyAsk ask = {}) {
    ask.pair = std::make_shared<const HAPair>(pair);
    copier.follow(&pair);
    return run(io, copier.run(std::move(ask)));
  }
  static CopyOutcome good(CopyOutcome::Verdict verdict) {
    CopyOutcome outcome;
    outcome.verdict = verdict;
    outcome.tables_equal = 109;
    outcome.hash = std::string(64, 'a');
    outcome.memory = CopyMemory{{{"userfeatures", "7"}}, {{"userfeatures", "9"}}};
    return outcome;
  }

  HAPair pair = copied_pair();
  boost::asio::io_context io;
  fakes::FakeClock clock;
  CopyOutcome outcome = good(CopyOutcome::Verdict::equal);
  std::vector<CopyOrder> orders;
  Result<DatabaseCopier::Ends> ends =
      DatabaseCopier::Ends{{"host=192.0.2.10", "secret"}, {"host=192.0.2.11", "secret"}};
  DatabaseCopier copier{{clock,
                         [this](const CopyOrder& order, std::stop_token, const ProgressSink&) {
                           orders.push_back(order);
                           return outcome;
                         },
                         [this](const HAPair&) { return ends; }}};
};

TEST_F(DatabaseCopierTest, ProvesFirstThenGoesByTheCountersUntilTheNextProofIsDue) {
  EXPECT_EQ(copy().result, CopyResult::equal);
  EXPECT_FALSE(orders[0].since) << "nothing is known at the start";
  EXPECT_EQ(orders[0].primary_name, "pbx-a");
  EXPECT_EQ(orders[0].secondary.dsn, "host=192.0.2.11");
  outcome = good(CopyOutcome::Verdict::partial);
  clock.advance(minutes{59});
  EXPECT_EQ(copy().result, CopyResult::partial);
  ASSERT_TRUE(orders[1].since);
  EXPECT_EQ(orders[1].since->primary, (Counters{{"userfeatures", "7"}}));
  clock.advance(minutes{1});
  copy();
  EXPECT_FALSE(orders[2].since) << "proofInterval is over";
}

TEST_F(DatabaseCopierTest, ProvesAgainAfterAFailureATakeoverAnOrderAndAnotherList) {
  copy();
  outcome = CopyOutcome();
  outcome.verdict = CopyOutcome::Verdict::failed;
  outcome.failure = CopyFailure{CopyReason::secondary_unreachable, "cut"};
  copy();
  EXPECT_TRUE(orders.back().since);
  outcome = good(CopyOutcome::Verdict::equal);
  copy();
  EXPECT_FALSE(orders.back().since) << "after a failure";
  copier.forget();
  copy();
  EXPECT_FALSE(orders.back().since) << "after a takeover";
  CopyAsk ask;
  ask.everything = true;
  copy(ask);
  EXPECT_FALSE(orders.back().since) << "by order";
  pair.replication.exclude_tables = {"voicemail"};
  copy();
  EXPECT_FALSE(orders.back().since) << "another list of tables";
  copy();
  EXPECT_TRUE(orders.back().since);
}

TEST_F(DatabaseCopierTest, HandsOnWhatIsDeclaredAndOrdered) {
  pair.replication.exclude_tables = {"voicemail"};
  pair.replication.database_max_shrink = 7;
  CopyAsk ask;
  ask.force = "restored";
  copy(ask);
  EXPECT_EQ(orders[0].exclude_tables, pair.replication.exclude_tables);
  EXPECT_EQ(orders[0].max_shrink, 7);
  EXPECT_EQ(orders[0].force, "restored");
  EXPECT_EQ(orders[0].product, Product::wazo);
}

TEST_F(DatabaseCopierTest, WithoutAPasswordNothingIsTried) {
  ends = Error{Fault::not_found, "no password yet: tandem init"};
  const CopyTold told = copy();
  EXPECT_EQ(told.result, CopyResult::failed);
  EXPECT_EQ(told.message, "no password yet: tandem init");
  EXPECT_TRUE(orders.empty());
}

TEST_F(DatabaseCopierTest, TellsAGuardAsARefusalWithItsRemedy) {
  outcome = CopyOutcome();
  outcome.verdict = CopyOutcome::Verdict::refused;
  outcome.failure = CopyFailure{CopyReason::shrunk, "userfeatures from 500 to 3 rows"};
  const CopyTold told = copy();
  EXPECT_EQ(told.result, CopyResult::refused);
  EXPECT_EQ(told.reason, "Shrunk");
  EXPECT_TRUE(told.can_be_forced);
  EXPECT_NE(told.message.find("userfeatures from 500 to 3 rows"), std::string::npos);
  EXPECT_NE(told.message.find("--force"), std::string::npos);
}

TEST_F(DatabaseCopierTest, TellsWhatChangedAndWhatAPersonShouldKnow) {
  outcome.changed = {{"userfeatures", 3, 4, false}, {"queue", 10, 20, true}};
  outcome.unknown_tables = {"future"};
  const CopyTold told = copy();
  EXPECT_EQ(told.changed, 37U);
  EXPECT_EQ(told.parts.at("equal"), 109U);
  EXPECT_EQ(told.parts.at("changed"), 1U);
  EXPECT_EQ(told.parts.at("replaced"), 1U);
  ASSERT_EQ(told.notes.size(), 1U);
  EXPECT_EQ(told.notes[0].find("future"), 0U);
}

// The copy runs on a thread of its own: the loop goes on, and can end it.
TEST(DatabaseCopier, IsEndedFromOutsideAndTellsItsProgressMeanwhile) {
  fakes::FakeClock clock;
  std::atomic<bool> told = false;
  DatabaseCopier copier{
      {clock,
       [&](const CopyOrder&, std::stop_token stop, const ProgressSink& sink) {
         CopyProgress progress;
         progress.phase = CopyProgress::Phase::comparing;
         progress.table = "userfeatures";
         sink(progress);
         told = true;
         while (!stop.stop_requested()) std::this_thread::yield();
         CopyOutcome outcome;
         outcome.failure = CopyFailure{CopyReason::cancelled, ""};
         return outcome;
       },
       [](const HAPair&) -> Result<DatabaseCopier::Ends> { return DatabaseCopier::Ends{}; }}};
  boost::asio::io_context io;
  const HAPair pair = copied_pair();
  CopyAsk ask;
  ask.pair = std::make_shared<const HAPair>(pair);
  CopyTold result;
  const auto make = [&]() -> Task<void> {
    CopyAsk asked = ask;
    result = co_await copier.run(std::move(asked));
  };
  spawn(io.get_executor(), make(), [](const std::string& why) { FAIL() << why; });
  io.poll();
  while (!told) std::this_thread::yield();
  ASSERT_TRUE(copier.meter());
  EXPECT_EQ(copier.meter()->phase, "comparing");
  EXPECT_EQ(copier.meter()->object, "userfeatures");
  copier.abort();
  io.restart();
  io.run();
  EXPECT_EQ(result.reason, "Cancelled");
  EXPECT_FALSE(copier.meter());
}

TEST(DatabaseCopier, TellsHowAStreamStandsWhereOneIsDeclared) {
  fakes::FakeClock clock;
  CopyOutcome outcome;
  outcome.verdict = CopyOutcome::Verdict::equal;
  outcome.stream = StreamTold{false, "Conflict", "the stream was stopped"};
  outcome.diverged = {"userfeatures: 1 rows differed"};
  bool streamed = false;
  DatabaseCopier copier{{clock,
                         [&](const CopyOrder& order, std::stop_token, const ProgressSink&) {
                           streamed = order.streams && order.slots.dsn == "slots";
                           return outcome;
                         },
                         [](const HAPair&) -> Result<DatabaseCopier::Ends> {
                           return DatabaseCopier::Ends{{}, {}, {"slots", ""}};
                         }}};
  HAPair pair = copied_pair();
  copier.follow(&pair);
  EXPECT_TRUE(copier.conditions().empty());
  pair.replication.database_mode = Replication::DatabaseMode::stream;
  copier.follow(&pair);
  EXPECT_EQ(copier.conditions().at(0).reason, "NotYet");

  CopyAsk ask;
  ask.pair = std::make_shared<const HAPair>(pair);
  const CopyTold told = tandem::run(copier.run(std::move(ask)));
  EXPECT_TRUE(streamed);
  EXPECT_EQ(copier.conditions().at(0).status, Truth::no);
  EXPECT_EQ(copier.conditions().at(0).reason, "Conflict");
  ASSERT_EQ(told.notes.size(), 2U);
  EXPECT_EQ(told.notes[0], "userfeatures: 1 rows differed");
  const Instant begun = clock.now();
  EXPECT_EQ(copier.due(pair, begun), begun + std::chrono::minutes{1});
  copier.hurry();
  EXPECT_EQ(copier.due(pair, begun), begun + DatabaseCopier::kSoon);
}

}  // namespace
}  // namespace tandem

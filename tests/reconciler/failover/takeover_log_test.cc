// What of a takeover becomes a record, and when it is told.
#include "reconciler/failover/takeover_log.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::seconds;
using enum NodeState;

class TakeoverLogTest : public testing::Test {
 protected:
  // The primary has been silent since second 0; `when` is the second of the change.
  std::optional<TakeoverRecord> change(NodeState from, NodeState to, int when,
                                       bool adopted = false) {
    now_.hearing = &hearing_;
    now_.now = kBegin + seconds{when};
    Transition transition;
    transition.from = from;
    transition.to = to;
    transition.why = "a reason";
    // It rises where a takeover begins.
    epoch_ += to == activating && from == suspect ? 1U : 0U;
    transition.epoch = epoch_;
    transition.adopted = adopted;
    transition.cause = TakeoverCause::host_down;
    transition.at = WallTime{} + seconds{1000 + when};
    return log_.follow(transition, now_);
  }

  static constexpr Instant kBegin{std::chrono::hours{1}};
  Hearing hearing_;
  Situation now_;
  TakeoverLog log_;
  std::uint64_t epoch_ = 2;
};

TEST_F(TakeoverLogTest, TellsOfATakeoverWhereItBeginsServesAndEndsAndNotBetween) {
  EXPECT_FALSE(change(standby, suspect, 1));
  const auto begun = change(suspect, activating, 20);
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->result, "");
  const auto served = change(activating, active, 27);
  ASSERT_TRUE(served);
  EXPECT_EQ(served->result, "this node serves");
  EXPECT_EQ(served->downtime, seconds{7}) << "no silence was noted: from the decision on";
  EXPECT_FALSE(change(active, failback_hold, 60));
  EXPECT_FALSE(change(failback_hold, active, 70));
  EXPECT_FALSE(change(active, failback_hold, 80));
  EXPECT_FALSE(change(failback_hold, deactivating, 100));
  const auto ended = change(deactivating, standby, 103);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->result, "given back: a reason");
  EXPECT_EQ(ended->steps.size(), 6U) << "none is lost";
  EXPECT_EQ(ended->downtime, served->downtime);
}

TEST_F(TakeoverLogTest, CountsATakeoverThatSucceedsAfterItWasFaulted) {
  change(suspect, activating, 20);
  EXPECT_FALSE(change(activating, faulted, 260));
  const auto served = change(faulted, active, 300);
  ASSERT_TRUE(served);
  EXPECT_EQ(served->result, "this node serves");
  EXPECT_EQ(served->downtime, seconds{280});
  EXPECT_EQ(log_.activation(), seconds{280});
}

TEST_F(TakeoverLogTest, TakesARestartWhileItServesForNoTakeover) {
  epoch_ = 3;
  EXPECT_FALSE(change(active, activating, 0, true));
  EXPECT_FALSE(change(activating, active, 1, true));
  EXPECT_FALSE(log_.activation()) << "nothing was measured";
  EXPECT_FALSE(change(active, failback_hold, 60));
  EXPECT_FALSE(change(failback_hold, deactivating, 100));
  const auto ended = change(deactivating, standby, 103);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->continued);
  EXPECT_EQ(ended->result, "given back: a reason");
  EXPECT_FALSE(ended->downtime);
}

TEST_F(TakeoverLogTest, FinishesATakeoverThatAnOperatorBeforeItBegan) {
  epoch_ = 3;
  EXPECT_FALSE(change(activating, activating, 0));
  const auto served = change(activating, active, 4);
  ASSERT_TRUE(served);
  EXPECT_TRUE(served->continued);
  EXPECT_EQ(served->result, "this node serves");
  EXPECT_FALSE(served->downtime) << "when the silence began nobody knows";
  EXPECT_FALSE(log_.activation());
}

TEST_F(TakeoverLogTest, TakesServicesThatAreStartedAgainAfterARestartForNoTakeover) {
  epoch_ = 3;
  change(active, activating, 0, true);
  change(activating, active, 1, true);
  EXPECT_FALSE(change(active, activating, 100));
  EXPECT_FALSE(change(activating, active, 110));
  EXPECT_FALSE(change(active, activating, 200));
}

TEST_F(TakeoverLogTest, TellsNothingOfANodeThatStandsByAfterARestart) {
  epoch_ = 3;
  EXPECT_FALSE(change(standby, rejoining, 0));
  EXPECT_FALSE(change(rejoining, standby, 1));
  EXPECT_TRUE(change(suspect, activating, 20)) << "and the next one is one";
}

}  // namespace
}  // namespace tandem

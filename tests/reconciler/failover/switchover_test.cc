// The end of a switchover starts again all that it stopped.
#include "tests/reconciler/failover/failover_world.h"

namespace tandem {
namespace {

using enum NodeState;
using std::chrono::seconds;

class SwitchedOverTest : public FailoverTest {
 protected:
  void switch_over() {
    be_primary(active);
    ASSERT_TRUE(order(Order::Kind::switchover).ok());
  }
};

// The end comes before the last answer of the own SIP is out of date.
TEST_F(SwitchedOverTest, StartsAgainWhatItStoppedAMomentAgo) {
  switch_over();
  EXPECT_EQ(pass(1), maintenance);
  EXPECT_FALSE(running);
  ASSERT_TRUE(order(Order::Kind::end_maintenance, "order-0002").ok());
  turn();
  EXPECT_EQ(engine->state(), rejoining);
  EXPECT_EQ(engine->stance(), Stance::serving);
  EXPECT_EQ(pass(5), serving);
  EXPECT_TRUE(running);
}

// The vendor's stop takes its time, and goes through after the end was ordered.
TEST_F(SwitchedOverTest, StartsAgainWhatAStopUnderWayStopsLater) {
  switch_over();
  can_stop = false;
  EXPECT_EQ(pass(1), maintenance);
  ASSERT_TRUE(order(Order::Kind::end_maintenance, "order-0002").ok());
  // The pass that stops is still under way: nobody looks meanwhile.
  for (int second = 0; second < 5; ++second) {
    now += seconds{1};
    wall += seconds{1};
    hear();
    turn();
    EXPECT_EQ(engine->state(), rejoining) << "SIP answers, and not for long";
  }
  running = false;
  EXPECT_EQ(pass(5), serving);
  EXPECT_TRUE(running) << "what Tandem stopped it starts";
}

TEST_F(SwitchedOverTest, RemembersThroughAMaintenanceThatItStoppedTheServices) {
  switch_over();
  pass(2);
  can_start = false;
  ASSERT_TRUE(order(Order::Kind::end_maintenance, "order-0002").ok());
  EXPECT_EQ(pass(3), rejoining);
  ASSERT_TRUE(order(Order::Kind::maintenance, "order-0003").ok());
  EXPECT_EQ(pass(3), maintenance);
  can_start = true;
  ASSERT_TRUE(order(Order::Kind::end_maintenance, "order-0004").ok());
  EXPECT_EQ(pass(5), serving);
  EXPECT_TRUE(running);
}

}  // namespace
}  // namespace tandem

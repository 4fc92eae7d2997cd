#include "ports/real_clock.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RealClock, LetsRegularLooksFallTogetherAndNoneComeLate) {
  RealClock clock;
  for (const milliseconds period : {milliseconds{500}, milliseconds{1'000}, milliseconds{2'000}}) {
    const Instant before = clock.now();
    const Instant next = clock.next_turn(period);
    const Instant after = clock.now();
    EXPECT_GT(next, before);
    EXPECT_LE(next, after + period);
    EXPECT_GE(next, before + period - milliseconds{500});
    EXPECT_EQ(next.time_since_epoch() % milliseconds{500}, Instant::duration::zero());
  }
}

TEST(RealClock, LeavesAShorterPeriodAsItIs) {
  RealClock clock;
  const Instant before = clock.now();
  const Instant next = clock.next_turn(milliseconds{50});
  EXPECT_GE(next, before + milliseconds{50});
  EXPECT_LE(next, clock.now() + milliseconds{50});
}

}  // namespace
}  // namespace tandem

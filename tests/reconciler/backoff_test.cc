#include "reconciler/backoff.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kStart{std::chrono::hours{1000}};

TEST(Backoff, DoublesFromASecondToFiveMinutesAndStaysThere) {
  Backoff backoff;
  std::vector<long> delays;
  for (int i = 0; i < 11; ++i) delays.push_back(backoff.failed().count());
  EXPECT_EQ(delays, (std::vector<long>{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}));
}

TEST(Backoff, StartsAnewAfterAReset) {
  Backoff backoff;
  for (int i = 0; i < 5; ++i) backoff.failed();
  backoff.reset();
  EXPECT_EQ(backoff.failed(), seconds{1});
}

TEST(RepairLimit, AllowsFiveRepairsInTenMinutes) {
  RepairLimit limit;
  for (int i = 0; i < 5; ++i) limit.repaired(kStart + seconds{i});
  EXPECT_FALSE(limit.contested(kStart + seconds{5}));
  limit.repaired(kStart + seconds{5});
  EXPECT_TRUE(limit.contested(kStart + seconds{5}));
}

TEST(RepairLimit, AllowsOneRepairAMinuteWhileContested) {
  RepairLimit limit;
  for (int i = 0; i < 6; ++i) limit.repaired(kStart);
  EXPECT_EQ(limit.next_repair(kStart), kStart + minutes{1});
}

TEST(RepairLimit, ForgetsAFightThatEnded) {
  RepairLimit limit;
  for (int i = 0; i < 6; ++i) limit.repaired(kStart);
  const auto later = kStart + minutes{10};
  EXPECT_FALSE(limit.contested(later));
  EXPECT_LE(limit.next_repair(later), later);
}

// With one repair a minute a fight that goes on stays contested, and the memory stays bounded.
TEST(RepairLimit, StaysContestedAsLongAsTheFightGoesOn) {
  RepairLimit limit;
  Instant now = kStart;
  for (int i = 0; i < 6; ++i) limit.repaired(now);
  for (int i = 0; i < 1000; ++i) {
    now = std::max(now, limit.next_repair(now));
    limit.repaired(now);
    ASSERT_TRUE(limit.contested(now));
    ASSERT_LE(limit.repairs_in_window(now), 16U);
  }
}

}  // namespace
}  // namespace tandem

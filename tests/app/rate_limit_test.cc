#include "app/rate_limit.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using namespace std::chrono_literals;

const Instant kStart{1000h};

int allowed(RateLimit& limit, const std::string& who, bool here, Instant now, int asked) {
  int number = 0;
  for (int i = 0; i < asked; ++i) number += limit.allows(who, here, now) ? 1 : 0;
  return number;
}

TEST(RateLimit, GivesABurstAndThenARate) {
  RateLimit limit;
  EXPECT_EQ(allowed(limit, "192.0.2.1", false, kStart, 1000), 200);
  EXPECT_EQ(allowed(limit, "192.0.2.1", false, kStart + 1s, 1000), 50);
  EXPECT_EQ(allowed(limit, "192.0.2.1", false, kStart + 1h, 1000), 200);
  EXPECT_EQ(limit.refused(), 800U + 950U + 800U);
}

TEST(RateLimit, OneCallerTakesNothingFromAnother) {
  RateLimit limit;
  allowed(limit, "192.0.2.1", false, kStart, 1000);
  EXPECT_EQ(allowed(limit, "192.0.2.2", false, kStart, 10), 10);
  EXPECT_EQ(allowed(limit, "127.0.0.1", true, kStart, 3000), 2000);
  EXPECT_EQ(allowed(limit, "127.0.0.2", true, kStart, 10), 0) << "this host is one caller";
}

TEST(RateLimit, ManyAddressesShareOneBucketAndFewMemory) {
  RateLimit limit;
  int number = 0;
  for (int i = 0; i < 20'000; ++i)
    number += limit.allows("10.0." + std::to_string(i), false, kStart) ? 1 : 0;
  EXPECT_LE(number, static_cast<int>(RateLimit::kCallersMax) + 200);
  EXPECT_EQ(allowed(limit, "127.0.0.1", true, kStart, 5), 5) << "this host has its own";
  // Those that asked once are full again, and make room.
  EXPECT_EQ(allowed(limit, "192.0.2.9", false, kStart + 1min, 10), 10);
}

}  // namespace
}  // namespace tandem

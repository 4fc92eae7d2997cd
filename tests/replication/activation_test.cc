// Which row may have been written since a transaction, where rows have only the lower half of its
// number.
#include "replication/divergence/activation.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr std::uint64_t kEpoch = 1ULL << 32U;

TEST(MayBeSince, TellsNewerFromOlder) {
  EXPECT_TRUE(may_be_since(1'000, 1'000, 1'001));
  EXPECT_TRUE(may_be_since(1'005, 1'000, 1'010));
  EXPECT_FALSE(may_be_since(999, 1'000, 1'010));
}

TEST(MayBeSince, KnowsNumbersOfTheServersOwn) {
  for (const std::uint32_t number : {0U, 1U, 2U}) EXPECT_FALSE(may_be_since(number, 10, 20));
}

// The lower half begins anew while the secondary serves.
TEST(MayBeSince, CountsOnOverTheWrap) {
  const std::uint64_t since = 5 * kEpoch - 10, next = 5 * kEpoch + 100;
  EXPECT_TRUE(may_be_since(0xffffffffU, since, next));
  EXPECT_TRUE(may_be_since(0xfffffff6U, since, next));
  EXPECT_FALSE(may_be_since(0xfffffff5U, since, next));
  EXPECT_TRUE(may_be_since(3, since, next));
  EXPECT_TRUE(may_be_since(99, since, next));
  EXPECT_FALSE(may_be_since(100, since, next)) << "not given out yet: a frozen row of long ago";
  EXPECT_FALSE(may_be_since(4'000'000, since, next));
}

// More than 2^31 apart, where the server's own comparison would turn round.
TEST(MayBeSince, HoldsForAnyDistanceBelowTheWholeRange) {
  const std::uint64_t since = 7 * kEpoch + 1'000, next = since + 3'000'000'000;
  EXPECT_TRUE(may_be_since(1'000, since, next));
  EXPECT_TRUE(may_be_since(2'900'000'000U, since, next));
  EXPECT_FALSE(may_be_since(999, since, next));
}

TEST(MayBeSince, TakesAllForNewWhereTheNumberIsAnotherServers) {
  EXPECT_TRUE(may_be_since(700, 1'000, 900));
  EXPECT_TRUE(may_be_since(2, 1'000, 999));
}

TEST(MayBeSince, NothingIsNewWhereNoNumberWasGivenOut) {
  for (const std::uint32_t row : {0U, 3U, 999U, 1'000U, 0xffffffffU})
    EXPECT_FALSE(may_be_since(row, 1'000, 1'000)) << row;
}

// All rows of the last 2^32 transactions, by brute force over a few sets of numbers.
TEST(MayBeSince, IsRightForEveryRowOfTheLastRound) {
  for (const std::uint64_t next :
       {kEpoch + 50, 3 * kEpoch, 2 * kEpoch - 1, kEpoch * 9 + (1U << 31U)})
    for (const std::uint64_t back : {1U, 7U, 1U << 31U, 0xfffffffeU})
      for (const std::uint64_t age :
           {1U, 2U, 6U, 7U, 8U, 1U << 31U, (1U << 31U) + 1U, 0xffffffffU}) {
        const std::uint64_t row = next - age;
        if ((row & 0xffffffffU) < 3) continue;
        EXPECT_EQ(may_be_since(static_cast<std::uint32_t>(row), next - back, next), age <= back)
            << next << " " << back << " " << age;
      }
}

}  // namespace
}  // namespace tandem

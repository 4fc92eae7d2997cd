// What a secondary notes when it serves, and since when: a disk that refuses, a node that somebody
// else made serve, and another hand that writes over the note.
#include "reconciler/replication/harvest_debt.h"

#include <gtest/gtest.h>

#include "replication/harvest/owed.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

using std::chrono::seconds;

class HarvestDebtTest : public testing::Test {
 protected:
  HarvestDebtTest() { disk.directories.insert("/var/lib/tandem"); }
  harvest::Owed owed() { return harvest::read_owed(disk, "/var/lib/tandem").value(); }

  fakes::FakeClock clock;
  fakes::MemoryFilesystem disk;
  HarvestDebt debt{clock, disk, "/var/lib/tandem"};
};

TEST_F(HarvestDebtTest, IsNotedBeforeTheNodeServesAndOnce) {
  debt.begin();
  const auto first = owed();
  EXPECT_TRUE(first.owed);
  debt.seen(true);
  debt.seen(true);
  EXPECT_EQ(owed(), first);
}

TEST_F(HarvestDebtTest, IsNotedWhereSomebodyElseMadeItServe) {
  debt.seen(false);
  EXPECT_FALSE(owed().owed);
  debt.seen(true);
  EXPECT_TRUE(owed().owed);
}

TEST_F(HarvestDebtTest, IsTriedAgainWhereTheDiskRefused) {
  disk.changes_left = 0;
  debt.begin();
  EXPECT_TRUE(debt.error());
  debt.seen(true);
  disk.changes_left = 100;
  debt.seen(true);
  EXPECT_FALSE(owed().owed) << "not at every turn";
  clock.time += HarvestDebt::kRetry;
  debt.seen(true);
  EXPECT_TRUE(owed().owed);
  EXPECT_FALSE(debt.error());
}

// What callers left before the note could be written is owed as well.
TEST_F(HarvestDebtTest, ReachesBackToWhenNobodyWasServed) {
  debt.seen(false);
  const WallTime quiet = clock.wall();
  disk.changes_left = 0;
  debt.begin();
  for (int hour = 0; hour < 3; ++hour) {
    clock.time += std::chrono::hours{1};
    debt.seen(true);
  }
  disk.changes_left = 100;
  clock.time += HarvestDebt::kRetry;
  debt.seen(true);
  EXPECT_EQ(owed().since, std::chrono::floor<seconds>(quiet));
}

TEST_F(HarvestDebtTest, IsOfAnyAgeWhereItServedBeforeAnybodyLooked) {
  debt.seen(true);
  EXPECT_TRUE(owed().owed);
  EXPECT_EQ(owed().since, WallTime{});
}

TEST_F(HarvestDebtTest, KeepsItsTimeOverAStartOfTheOperatorMeanwhile) {
  debt.begin();
  const auto first = owed();
  HarvestDebt after{clock, disk, "/var/lib/tandem"};
  clock.time += std::chrono::hours{1};
  after.seen(true);
  EXPECT_EQ(owed().since, first.since);
}

TEST_F(HarvestDebtTest, IsTriedAgainAlsoWhereItServesNoMore) {
  debt.seen(false);
  disk.changes_left = 0;
  debt.begin();
  debt.seen(false);
  disk.changes_left = 100;
  clock.time += HarvestDebt::kRetry;
  debt.seen(false);
  EXPECT_TRUE(owed().owed);
  debt.seen(false);
  EXPECT_FALSE(debt.error());
}

// The gate read the note of the time before, and wrote that it is home when this one was written.
TEST_F(HarvestDebtTest, IsNotedAgainWhereSomebodyWroteOverIt) {
  debt.begin();
  const auto first = owed();
  ASSERT_TRUE(harvest::settle(disk, "/var/lib/tandem", first.number).ok());
  debt.seen(true);
  EXPECT_FALSE(owed().owed) << "not at every turn";
  clock.time += HarvestDebt::kLook;
  debt.seen(true);
  EXPECT_TRUE(owed().owed);
  EXPECT_GT(owed().number, first.number);
}

}  // namespace
}  // namespace tandem

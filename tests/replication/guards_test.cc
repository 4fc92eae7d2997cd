#include "replication/database/guards.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using enum CopyReason;

class Guards : public testing::Test {
 protected:
  Guards() {
    order_.pair = "montreal";
    order_.primary_name = "pbx-a";
    order_.secondary_name = "pbx-b";
    seen_.primary = {false, "1", 500, 50, 150'018, true};
    seen_.secondary = {false, "2", 100, 10, 150'018, true};
    Direction row;
    row.pair = "montreal";
    row.node = "pbx-b";
    row.role = "secondary";
    row.standing_by = true;
    row.accepted_primary = "pbx-a";
    row.wizard_passed = true;
    seen_.direction.direction = row;
    seen_.direction.record = CopyRecord{"pbx-a", "1", 400, 40, 109, "hash"};
  }

  void expect(CopyReason reason) {
    std::vector<CopyReason> overridden;
    const auto failure = judge_nodes(order_, seen_, overridden);
    ASSERT_TRUE(failure);
    EXPECT_EQ(row_of(failure->reason).word, row_of(reason).word);
    CopyOrder forced = order_;
    forced.force = "a reason";
    const auto again = judge_nodes(forced, seen_, overridden);
    EXPECT_EQ(!again, row_of(reason).yields_to_force);
    EXPECT_EQ(overridden.empty(), !row_of(reason).yields_to_force);
  }

  Direction& row() { return *seen_.direction.direction; }

  CopyOrder order_;
  NodesSeen seen_;
};

TEST_F(Guards, LetAGoodPairThrough) {
  std::vector<CopyReason> overridden;
  EXPECT_FALSE(judge_nodes(order_, seen_, overridden));
  seen_.direction.record.reset();
  EXPECT_FALSE(judge_nodes(order_, seen_, overridden));
}

TEST_F(Guards, JudgeTheServers) {
  seen_.same_server = true;
  expect(same_server);
  seen_.same_server = false;
  seen_.primary.in_recovery = true;
  expect(primary_in_recovery);
  seen_.primary.in_recovery = false;
  seen_.secondary.in_recovery = true;
  expect(secondary_in_recovery);
  seen_.secondary.in_recovery = false;
  seen_.secondary.no_other_copy = false;
  expect(already_running);
}

TEST_F(Guards, JudgeWhatTheSecondarySays) {
  const Direction good = row();
  seen_.direction.direction.reset();
  expect(direction_missing);
  seen_.direction.direction = good;
  seen_.direction.age = kDirectionAgeMax + std::chrono::seconds{1};
  expect(direction_stale);
  seen_.direction.age = -std::chrono::hours{24};  // a clock was wrong
  expect(direction_stale);
  seen_.direction.age = {};
  row().node = "pbx-c";
  expect(third_database);
  row() = good;
  row().role = "primary";
  expect(both_primary);
  row().role = "off";
  expect(other_primary);
  row() = good;
  row().accepted_primary = "pbx-c";
  expect(other_primary);
  row() = good;
  row().standing_by = false;
  expect(secondary_serves);
  row().state = "Standby, suspended until tomorrow";
  expect(secondary_held);
  row().state = "Active";
  row() = good;
  row().wizard_passed = false;
  expect(secondary_wizard_missing);
  row() = good;
  row().disk_free_bytes = kDiskFreeMin - 1;
  expect(secondary_disk_full);
}

TEST_F(Guards, DoubtAPrimaryThatIsNotTheOneItWas) {
  seen_.direction.record->system_identifier = "3";
  expect(primary_changed);
  seen_.direction.record->system_identifier = "1";
  seen_.direction.record->wal_position = 501;
  expect(primary_went_back);
  seen_.direction.record->wal_position = 500;
  seen_.direction.record->transaction = 51;
  expect(primary_went_back);
  seen_.direction.record.reset();
  seen_.secondary.system_identifier = "1";
  expect(nodes_cloned);
}

TEST_F(Guards, CountWhatShrinks) {
  EXPECT_FALSE(has_shrunk({"t", 40, 20}, 1));
  EXPECT_TRUE(has_shrunk({"t", 41, 20}, 50));
  EXPECT_FALSE(has_shrunk({"t", 100, 50}, 50));
  EXPECT_TRUE(has_shrunk({"t", 100, 49}, 50));
  EXPECT_FALSE(has_shrunk({"t", 10, 1'000}, 50));

  CopyOutcome outcome;
  EXPECT_FALSE(judge_shrink(order_, {{"moh", 100, 0}}, outcome));
  EXPECT_EQ(outcome.shrunk, std::vector<std::string>{"moh from 100 to 0 rows"});
  const auto failure = judge_shrink(order_, {{"extensions", 100, 0}}, outcome);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->reason, shrunk);
  order_.force = "many left";
  EXPECT_FALSE(judge_shrink(order_, {{"extensions", 100, 0}}, outcome));
  EXPECT_EQ(outcome.overridden, std::vector<CopyReason>{shrunk});
}

TEST_F(Guards, AskForTwiceTheSpaceOfWhatIsReplaced) {
  row().disk_free_bytes = kDiskFreeMin + 2'000;
  EXPECT_FALSE(judge_disk(seen_.direction, 1'000));
  EXPECT_TRUE(judge_disk(seen_.direction, 1'001));
  row().disk_free_bytes.reset();
  EXPECT_FALSE(judge_disk(seen_.direction, 1'001));
}

TEST(Reasons, FollowFromTheServersWords) {
  EXPECT_EQ(reason_of({Fault::connection_cut, ""}, false), secondary_unreachable);
  EXPECT_EQ(reason_of({Fault::connection_refused, ""}, true), primary_unreachable);
  EXPECT_EQ(reason_of({Fault::unavailable, "no space (SQLSTATE 53100)"}, false),
            secondary_disk_full);
  EXPECT_EQ(reason_of({Fault::unavailable, "deadlock (SQLSTATE 40P01)"}, false), busy);
  EXPECT_EQ(reason_of({Fault::unavailable, "locked (SQLSTATE 55P03)"}, false), busy);
  EXPECT_EQ(reason_of({Fault::denied, ""}, true), not_permitted);
  EXPECT_EQ(reason_of({Fault::cancelled, ""}, true), cancelled);
  for (const auto& row : copy_reasons()) EXPECT_FALSE(row.remedy.empty()) << row.word;
}

}  // namespace
}  // namespace tandem

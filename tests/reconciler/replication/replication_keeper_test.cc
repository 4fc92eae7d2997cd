// When copies are made, what holds and ends them, and what is told.
#include "reconciler/replication/replication_keeper.h"

#include "tests/reconciler/replication/copier_world.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(ReplicationKeeperTest, CopiesAtOnceAndThenByInterval) {
  start();
  EXPECT_EQ(runs(), 1U);
  EXPECT_EQ(files.asked.size(), 1U);
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::yes);
  EXPECT_EQ(condition("DataAgeObjectiveMet").status, Truth::yes);
  pass(minutes{5});
  EXPECT_EQ(runs(), 6U);
  EXPECT_EQ(files.asked.size(), 1U);
  EXPECT_TRUE(database.follows);
}

TEST_F(ReplicationKeeperTest, ARunThatIsLongerThanItsIntervalLeavesRoom) {
  database.takes = seconds{80};
  start();
  pass(seconds{79});
  EXPECT_EQ(runs(), 1U);
  pass(seconds{35});
  EXPECT_EQ(runs(), 1U) << "half of its time is a pause";
  pass(seconds{10});
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ReplicationKeeperTest, WhatTheVendorCopiesIsWaitedForBeforeTheFirst) {
  vendor_runs = true;
  start();
  pass(minutes{2});
  EXPECT_EQ(runs(), 0U);
  EXPECT_EQ(keeper->state(CopyKind::database).held_reason, "VendorCopyRuns");
  vendor_runs = false;
  pass(seconds{5});
  EXPECT_EQ(runs(), 1U);
  vendor_runs = true;
  pass(minutes{2});
  EXPECT_GT(runs(), 1U) << "asked for before the first only";
}

TEST_F(ReplicationKeeperTest, TheVendorsCopyIsWaitedForAgainAfterItsDutyWasItsOwn) {
  start();
  pair.replication.owner = Owner::vendor;
  pass(seconds{5});
  pair.replication.owner = Owner::tandem;
  vendor_runs = true;
  const std::size_t before = runs();
  pass(minutes{3});
  EXPECT_EQ(runs(), before);
  EXPECT_EQ(keeper->state(CopyKind::database).held_reason, "VendorCopyRuns");
}

TEST_F(ReplicationKeeperTest, ACancelledRunMakesNothingWorse) {
  start();
  database.takes = seconds{60};
  pass(minutes{1});
  keeper->cancel();
  pass(seconds{1});
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::yes);
  EXPECT_EQ(condition("DatabaseReplicated").reason, "Cancelled");
}

TEST_F(ReplicationKeeperTest, NothingIsMadeElsewhereThanOnAPrimaryThatServes) {
  start();
  const std::size_t before = runs();
  const auto held = [&](const char* reason) {
    pass(minutes{3});
    EXPECT_EQ(runs(), before) << reason;
    EXPECT_EQ(keeper->state(CopyKind::database).held_reason, reason);
    EXPECT_FALSE(database.follows);
    now.role = Role::primary;
    now.state = NodeState::serving;
    now.closed.clear();
    now.standing_by = now.role_conflict = false;
    now.peer.reset();
    now.pair = &pair;
    pair.replication.owner = Owner::tandem;
  };
  now.role = Role::secondary;
  held("NotPrimary");
  database.interval = hours{100};  // a free turn between them would make a run
  now.state = NodeState::maintenance;
  held("NotServing");
  now.closed = "the pair is suspended";
  held("ObservesOnly");
  now.standing_by = true;
  held("StandsBy");
  now.role_conflict = true;
  held("RoleConflict");
  pair.replication.owner = Owner::vendor;
  held("VendorReplicates");
  PeerWord word;
  word.role = Role::secondary;
  word.state = NodeState::active;
  now.peer = word;
  held("SecondaryServes");
  word.state = NodeState::deactivating;
  now.peer = word;
  held("SecondaryServes");
  word.state = NodeState::rejoining;
  now.peer = word;
  held("SecondaryRejoins");
  word.state = NodeState::maintenance;
  now.peer = word;
  held("SecondaryInMaintenance");
  word.state = NodeState::standby;
  word.upgrading = true;
  now.peer = word;
  held("SecondaryUpgrades");
  word.upgrading = false;
  word.role = Role::primary;
  now.peer = word;
  held("BothPrimary");
  word.role = Role::off;
  word.state = NodeState::off;
  now.peer = word;
  held("SecondaryOff");
  now.direction_readable = false;
  held("DirectionUnknown");
  now.direction_readable = true;
  now.pair = nullptr;
  held("NoDeclaration");
}

TEST_F(ReplicationKeeperTest, ATakeoverEndsTheRunAndTheNextOneLooksAtEverything) {
  database.takes = seconds{40};
  start();
  ASSERT_TRUE(keeper->state(CopyKind::database).running);
  now.state = NodeState::degraded;
  pass(seconds{2});
  EXPECT_EQ(database.aborts, 0) << "a primary that is ill is still copied";
  PeerWord word;
  word.role = Role::secondary;
  word.state = NodeState::activating;
  now.peer = word;
  pass(seconds{1});
  EXPECT_EQ(database.aborts, 1);
  EXPECT_FALSE(keeper->state(CopyKind::database).running);
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::unknown);
  EXPECT_EQ(condition("DatabaseReplicated").reason, "SecondaryServes");
  pass(seconds{3});
  const int forgotten = files.forgotten;
  pass(minutes{10});
  EXPECT_EQ(runs(), 1U);
  EXPECT_EQ(files.forgotten, forgotten) << "once, not at every turn";
  EXPECT_GE(files.forgotten, 1);
  now.peer.reset();
  database.takes = seconds{1};
  pass(seconds{5});
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ReplicationKeeperTest, AFailureIsTriedAgainLaterAndLater) {
  database.interval = hours{1};
  pair.replication.database_interval = hours{1};
  database.result = bad_copy("SecondaryUnreachable");
  start();
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::no);
  EXPECT_EQ(condition("DatabaseReplicated").reason, "SecondaryUnreachable");
  EXPECT_EQ(condition("DataAgeObjectiveMet").reason, "NeverCopied");
  EXPECT_EQ(runs(), 1U);
  database.interval = seconds{1};
  pass(seconds{32});
  EXPECT_EQ(runs(), 2U);
  pass(seconds{50});
  EXPECT_EQ(runs(), 2U);
  pass(seconds{15});
  EXPECT_EQ(runs(), 3U);
  pass(hours{1});
  EXPECT_LE(runs(), 11U) << "at most one in ten minutes in the end";
  database.result = good_copy();
  pass(minutes{11});
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::yes);
}

TEST_F(ReplicationKeeperTest, ASecondaryThatServesMakesAllBeLookedAtAgain) {
  start();
  const int forgotten = files.forgotten;
  database.result = bad_copy("SecondaryServes", CopyResult::refused);
  pass(minutes{1});
  EXPECT_EQ(files.forgotten, forgotten + 1);
}

TEST_F(ReplicationKeeperTest, WhatTheSecondaryHasNotSaidYetIsAskedForSoon) {
  database.result = bad_copy("DirectionMissing", CopyResult::refused);
  start();
  EXPECT_EQ(condition("DatabaseReplicated").reason, "DirectionMissing");
  database.result = good_copy();
  database.interval = seconds{1};
  pass(seconds{3});
  EXPECT_EQ(runs(), 2U);
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::yes);
}

TEST_F(ReplicationKeeperTest, AfterTheFailbackTheRunThatTheTakeoverEndedIsNotTold) {
  database.takes = seconds{40};
  database.interval = seconds{1};
  start();
  PeerWord word;
  word.role = Role::secondary;
  word.state = NodeState::active;
  now.peer = word;
  pass(seconds{3});
  ASSERT_EQ(told.copies.back().reason, "Cancelled");
  word.state = NodeState::standby;
  now.peer = word;
  pass(seconds{3});
  ASSERT_TRUE(keeper->state(CopyKind::database).running);
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::unknown);
  EXPECT_EQ(condition("DatabaseReplicated").reason, "NotYet");
}

TEST_F(ReplicationKeeperTest, ADutyThatWasJustTakenIsNotToldAsTheVendors) {
  pair.replication.owner = Owner::vendor;
  start();
  pass(seconds{1});
  pair.replication.owner = Owner::tandem;
  EXPECT_EQ(keeper->state(CopyKind::database).held_reason, "VendorReplicates");
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::unknown);
  EXPECT_EQ(condition("DatabaseReplicated").reason, "NotYet");
}

TEST_F(ReplicationKeeperTest, AnOrderRunsNowComparesEverythingAndIsKnownByItsNumber) {
  start();
  CopyOrderTyped order;
  order.kinds = {CopyKind::database};
  order.force = "the primary was restored";
  const auto numbers = keeper->order(order);
  ASSERT_TRUE(numbers.ok());
  EXPECT_EQ(numbers.value().at(CopyKind::database), 2U);
  pass(seconds{1});
  EXPECT_EQ(keeper->state(CopyKind::database).number, 2U);
  EXPECT_FALSE(keeper->state(CopyKind::database).running);
  EXPECT_TRUE(database.asked.back().everything);
  EXPECT_EQ(database.asked.back().force, order.force);
  EXPECT_EQ(files.asked.size(), 1U);
  pass(minutes{1});
  EXPECT_FALSE(database.asked.back().force) << "for one run only";
}

TEST_F(ReplicationKeeperTest, AnOrderWaitsForTheRunUnderWayAndASecondOneIsRefused) {
  database.takes = seconds{10};
  start();
  CopyOrderTyped order;
  order.kinds = {CopyKind::database, CopyKind::files};
  ASSERT_TRUE(keeper->order(order).ok());
  EXPECT_FALSE(keeper->order(order).ok());
  EXPECT_EQ(runs(), 1U);
  pass(seconds{11});
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ReplicationKeeperTest, AnOrderWhereNothingMayBeCopiedSaysWhy) {
  now.role = Role::secondary;
  start();
  CopyOrderTyped order;
  order.kinds = {CopyKind::files};
  const auto refused = keeper->order(order);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("pbx-a"), std::string::npos) << refused.error().message;
}

TEST_F(ReplicationKeeperTest, CancelEndsWhatRunsAndWhatWaits) {
  database.takes = seconds{60};
  start();
  CopyOrderTyped order;
  order.kinds = {CopyKind::database};
  ASSERT_TRUE(keeper->order(order).ok());
  EXPECT_EQ(keeper->cancel(), 1);
  pass(seconds{1});
  EXPECT_EQ(runs(), 1U);
  EXPECT_EQ(told.copies.back().reason, "Cancelled");
}

TEST_F(ReplicationKeeperTest, AnotherDirectionWaitsForAPerson) {
  now.kept_direction = "wazo: pbx-b 192.0.2.11 > pbx-a 192.0.2.10";
  start();
  EXPECT_EQ(runs(), 0U);
  EXPECT_EQ(condition("DatabaseReplicated").status, Truth::no);
  EXPECT_EQ(condition("DatabaseReplicated").reason, "DirectionChanged");
  CopyOrderTyped order;
  order.kinds = {CopyKind::database};
  EXPECT_FALSE(keeper->order(order).ok());
  order.confirm_direction = true;
  database.takes = seconds{5};
  ASSERT_TRUE(keeper->order(order).ok());
  pass(seconds{6});
  EXPECT_EQ(runs(), 1U);
  EXPECT_EQ(database.aborts, 0) << "what was confirmed is not ended by what asks for it";
  EXPECT_EQ(disk.files.at("/var/lib/tandem/files-direction").content.find("wazo: pbx-a"), 0U);
}

TEST_F(ReplicationKeeperTest, RemembersAcrossARestart) {
  start();
  keeper->stop();
  pass(seconds{1});
  keeper.reset();
  pass(hours{2});
  now.closed = "not yet";
  start();
  ASSERT_TRUE(keeper->state(CopyKind::database).past.proven.has_value());
  EXPECT_EQ(keeper->state(CopyKind::database).past.proof, "109 tables equal");
  EXPECT_EQ(condition("DataAgeObjectiveMet").reason, "Stale");
}

TEST_F(ReplicationKeeperTest, PartialIsNoProof) {
  start();
  const auto proven = keeper->state(CopyKind::database).past.proven;
  database.result = good_copy(CopyResult::partial);
  database.result.message = "partial";
  pass(minutes{2});
  const CopyPast& past = keeper->state(CopyKind::database).past;
  EXPECT_EQ(past.proven, proven);
  EXPECT_GT(past.succeeded, proven);
  EXPECT_EQ(condition("DatabaseReplicated").reason, "Partial");
}

TEST_F(ReplicationKeeperTest, StopEndsWhatRuns) {
  database.takes = minutes{10};
  start();
  keeper->stop();
  pass(seconds{1});
  EXPECT_TRUE(keeper->has_ended());
  EXPECT_EQ(database.aborts, 1);
}

}  // namespace
}  // namespace tandem

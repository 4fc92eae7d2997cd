#include "resources/sentinels.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/resources/ha_world.h"

namespace tandem {
namespace {

using namespace ha_world;
using Lines = std::vector<std::string>;

class SentinelsTest : public testing::Test {
 protected:
  SentinelsTest() { disk_.directories = {"/var/lib/wazo"}; }

  Report become(Role role, Product product = Product::wazo) {
    return look(role, product, Permission::up_to(Reach::file));
  }
  Report plan(Role role) {
    return look(role, Product::wazo, Permission::observe_only("a dry run"));
  }

  fakes::MemoryFilesystem disk_;
  Sentinels sentinels_{disk_};

 private:
  Report look(Role role, Product product, const Permission& permission) {
    const Goal goal = goal_of(role, Owner::vendor, Owner::vendor, product);
    return run(reconcile(sentinels_, goal, permission));
  }
};

TEST_F(SentinelsTest, KeepExactlyTheOneOfTheRole) {
  become(Role::primary);
  EXPECT_TRUE(disk_.files.contains(kIsPrimary));
  become(Role::secondary);
  EXPECT_TRUE(disk_.files.contains(kIsSecondary));
  EXPECT_FALSE(disk_.files.contains(kIsPrimary));
  become(Role::off);
  EXPECT_TRUE(disk_.files.empty());
}

TEST_F(SentinelsTest, HasNothingToDoTheSecondTime) {
  for (const Role role : {Role::primary, Role::secondary, Role::off}) {
    EXPECT_EQ(become(role).outcome, Outcome::repaired);
    disk_.journal.clear();
    EXPECT_EQ(become(role).outcome, Outcome::in_sync);
    EXPECT_EQ(disk_.journal, Lines{});
  }
}

TEST_F(SentinelsTest, RemoveBeforeTheyCreate) {
  disk_.files[kIsPrimary] = "";
  become(Role::secondary);
  EXPECT_EQ(disk_.journal, (Lines{"remove " + kIsPrimary, "replace " + kIsSecondary}));
}

TEST_F(SentinelsTest, DoNotCreateWhatTheyCouldNotRemoveFirst) {
  disk_.directories.insert(kIsPrimary);
  const Report report = become(Role::secondary);
  ASSERT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error->fault, Fault::invalid);
  EXPECT_FALSE(disk_.files.contains(kIsSecondary));
}

TEST_F(SentinelsTest, RecoverFromAStopAfterAnyStep) {
  for (const int steps : {0, 1, 2}) {
    disk_.files.clear();
    disk_.files[kIsPrimary] = "";
    disk_.changes_left = steps;
    EXPECT_EQ(become(Role::secondary).outcome == Outcome::repaired, steps == 2);
    EXPECT_LE(disk_.files.size(), 1u) << "two roles at once";

    disk_.changes_left = 1000;
    EXPECT_TRUE(is_right(become(Role::secondary)));
    EXPECT_TRUE(disk_.files.contains(kIsSecondary));
  }
}

TEST_F(SentinelsTest, ShowThePlanInADryRunAndTouchNothing) {
  disk_.files[kIsPrimary] = "";
  const Change removal{kIsPrimary,
                       "present",
                       "absent",
                       "nothing",
                       "spec.secondary is this node, and a node has one role",
                       Reach::file};
  const Change creation{
      kIsSecondary,
      "absent",
      "present",
      "nothing",
      "spec.secondary is this node; without it the vendor's failover silently does nothing",
      Reach::file};
  EXPECT_EQ(plan(Role::secondary).drift, (std::vector<Change>{removal, creation}));
  EXPECT_EQ(disk_.journal, Lines{});
}

TEST_F(SentinelsTest, CountExistenceAndNothingElse) {
  disk_.files[kIsPrimary] = fakes::File("left by hand", 0600);
  EXPECT_EQ(become(Role::primary).outcome, Outcome::in_sync);
  EXPECT_EQ(disk_.files[kIsPrimary].content, "left by hand");
}

TEST_F(SentinelsTest, AreEmptyFilesWithTheVendorsMode) {
  become(Role::primary);
  EXPECT_EQ(disk_.files[kIsPrimary].content, "");
  EXPECT_EQ(disk_.files[kIsPrimary].mode, 0644u);
}

TEST_F(SentinelsTest, MakeTheirFolderWhereItIsMissing) {
  disk_.directories.clear();
  const Report report = become(Role::secondary);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(disk_.journal, (Lines{"mkdir /var/lib/wazo", "replace " + kIsSecondary}));
  ASSERT_EQ(report.done.size(), 2u);
  EXPECT_EQ(report.done[0].field, "/var/lib/wazo");
  EXPECT_EQ(report.done[0].to, "an empty folder");
}

TEST_F(SentinelsTest, NeedNoFolderWhereTheRoleIsOff) {
  disk_.directories.clear();
  EXPECT_EQ(become(Role::off).outcome, Outcome::in_sync);
  EXPECT_EQ(disk_.journal, Lines{});
}

TEST_F(SentinelsTest, AreNoMatterOnXivo) {
  disk_.files[kIsPrimary] = "";
  for (const Role role : {Role::primary, Role::secondary, Role::off})
    EXPECT_EQ(become(role, Product::xivo).outcome, Outcome::in_sync);
  EXPECT_EQ(disk_.journal, Lines{});
  EXPECT_TRUE(
      Sentinels::watched(goal_of(Role::primary, Owner::vendor, Owner::vendor, Product::xivo))
          .empty());
}

TEST_F(SentinelsTest, PassOnWhatThePortSays) {
  disk_.errors[kIsSecondary] = Error{Fault::denied, "no looking"};
  EXPECT_EQ(become(Role::primary).error->message, "no looking");
  disk_.errors = {{"/var/lib/wazo", Error{Fault::denied, "no looking at the folder"}}};
  EXPECT_EQ(become(Role::primary).error->message, "no looking at the folder");
}

TEST_F(SentinelsTest, WatchBothFiles) {
  EXPECT_EQ(Sentinels::watched(goal_of(Role::off)),
            (std::set<std::string>{kIsPrimary, kIsSecondary}));
}

}  // namespace
}  // namespace tandem

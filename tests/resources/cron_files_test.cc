#include "resources/cron_files.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/resources/ha_world.h"

namespace tandem {
namespace {

using namespace ha_world;
using Lines = std::vector<std::string>;

class CronFilesTest : public testing::Test {
 protected:
  CronFilesTest() { disk_.directories = {"/etc/cron.d"}; }

  Report become(const Goal& goal) {
    return run(reconcile(cron_files_, goal, Permission::up_to(Reach::file)));
  }
  std::vector<Change> plan(const Goal& goal) {
    return run(reconcile(cron_files_, goal, Permission::observe_only("a dry run"))).drift;
  }
  std::string disturbance(const Goal& goal) {
    const auto changes = plan(goal);
    return changes.size() == 1 ? changes[0].disturbs : "not one change";
  }

  const Goal primary_ = goal_of(Role::primary);
  const Goal secondary_ = goal_of(Role::secondary);
  const Goal off_ = goal_of(Role::off);
  const Goal primary_under_tandem_ = goal_of(Role::primary, Owner::tandem, Owner::vendor);
  const Goal secondary_under_tandem_ = goal_of(Role::secondary, Owner::vendor, Owner::tandem);

  fakes::MemoryFilesystem disk_;
  CronFiles cron_files_{disk_};
};

TEST_F(CronFilesTest, GiveThePrimaryTheVendorsHourlyCopy) {
  EXPECT_EQ(become(primary_).outcome, Outcome::repaired);
  EXPECT_EQ(disk_.files[kCronMaster].content, master_cron(kB));
  EXPECT_EQ(disk_.files[kCronMaster].mode, 0644u);
  EXPECT_EQ(disk_.files.size(), 1u);
}

TEST_F(CronFilesTest, GiveTheSecondaryTheVendorsDetection) {
  EXPECT_EQ(become(secondary_).outcome, Outcome::repaired);
  EXPECT_EQ(disk_.files[kCronSlave].content, slave_cron(kA));
  EXPECT_EQ(disk_.files.size(), 1u);
}

TEST_F(CronFilesTest, AreAbsentWhereTandemDoesTheWork) {
  disk_.files[kCronMaster] = master_cron(kB);
  EXPECT_EQ(become(primary_under_tandem_).outcome, Outcome::repaired);
  EXPECT_TRUE(disk_.files.empty());
  disk_.files[kCronSlave] = slave_cron(kA);
  EXPECT_EQ(become(secondary_under_tandem_).outcome, Outcome::repaired);
  EXPECT_TRUE(disk_.files.empty());
}

TEST_F(CronFilesTest, FollowOnlyTheOwnerOfTheirOwnWork) {
  become(goal_of(Role::primary, Owner::vendor, Owner::tandem));
  EXPECT_TRUE(disk_.files.contains(kCronMaster));
  become(goal_of(Role::secondary, Owner::tandem, Owner::vendor));
  EXPECT_TRUE(disk_.files.contains(kCronSlave));
}

TEST_F(CronFilesTest, AreBothAbsentWhereTheRoleIsOff) {
  disk_.files[kCronMaster] = master_cron(kB);
  disk_.files[kCronSlave] = fakes::File("");
  EXPECT_EQ(become(off_).outcome, Outcome::repaired);
  EXPECT_TRUE(disk_.files.empty());
}

TEST_F(CronFilesTest, HasNothingToDoTheSecondTime) {
  for (const Goal& goal : {primary_, secondary_, off_, primary_under_tandem_}) {
    become(goal);
    disk_.journal.clear();
    EXPECT_EQ(become(goal).outcome, Outcome::in_sync);
    EXPECT_EQ(disk_.journal, Lines{});
  }
}

TEST_F(CronFilesTest, RemoveTheOtherRolesFileBeforeTheyWrite) {
  disk_.files[kCronSlave] = slave_cron(kA);
  become(primary_);
  EXPECT_EQ(disk_.journal, (Lines{"remove " + kCronSlave, "replace " + kCronMaster}));
  disk_.journal.clear();
  become(secondary_);
  EXPECT_EQ(disk_.journal, (Lines{"remove " + kCronMaster, "replace " + kCronSlave}));
}

TEST_F(CronFilesTest, ShowThePlanInADryRunAndTouchNothing) {
  disk_.files[kCronSlave] = slave_cron(kA);
  const Change removal{kCronSlave,
                       "failure detection of 10.0.0.1",
                       "absent",
                       "the vendor's failure detection stops within a minute",
                       "spec.primary is this node, and only a secondary takes over",
                       Reach::file};
  const Change creation{kCronMaster,
                        "absent",
                        "hourly replication to 10.0.0.2",
                        "the vendor's hourly replication starts with the next full hour",
                        "spec.replication.owner is vendor",
                        Reach::file};
  EXPECT_EQ(plan(primary_), (std::vector<Change>{removal, creation}));
  EXPECT_EQ(disk_.journal, Lines{});
}

TEST_F(CronFilesTest, SayWhatTheVendorsCronWillDo) {
  EXPECT_EQ(disturbance(secondary_), "the vendor's failure detection starts within a minute");
  disk_.files[kCronSlave] = slave_cron(kB);
  EXPECT_EQ(disturbance(secondary_),
            "the vendor's failure detection follows the new file within a minute");
  EXPECT_EQ(disturbance(off_), "the vendor's failure detection stops within a minute");
  disk_.files = {{kCronMaster, fakes::File(master_cron(kA))}};
  EXPECT_EQ(disturbance(primary_),
            "the vendor's hourly replication follows the new file from the next full hour on");
  EXPECT_EQ(disturbance(off_), "the vendor's hourly replication stops");
}

TEST_F(CronFilesTest, SayThatCronIgnoredAFileOthersMayWrite) {
  disk_.files[kCronSlave] = fakes::File(slave_cron(kA), 0664);
  const auto changes = plan(secondary_);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0], (Change{kCronSlave + " mode", "0664", "0644",
                                "the vendor's failure detection starts within a minute",
                                "cron ignores a file that others may write", Reach::file}));
  EXPECT_EQ(disturbance(off_), "nothing");
  disk_.files[kCronSlave].mode = 0600;
  EXPECT_EQ(disturbance(secondary_), "nothing");
}

TEST_F(CronFilesTest, MendTheModeAfterTheContent) {
  disk_.files[kCronSlave] = fakes::File("* * * * * root rm -rf /\n", 0666);
  const Report report = become(secondary_);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(disk_.journal, (Lines{"replace " + kCronSlave, "mode " + kCronSlave}));
  ASSERT_EQ(report.done.size(), 2u);
  EXPECT_EQ(report.done[0].disturbs, "nothing") << "until its mode is right, cron ignores it";
  EXPECT_EQ(report.done[1].disturbs, "the vendor's failure detection starts within a minute");
}

TEST_F(CronFilesTest, GiveEachReasonFromTheSpec) {
  const auto why = [this](const Goal& goal) {
    disk_.files = {{kCronMaster, fakes::File("a")}, {kCronSlave, fakes::File("b")}};
    Lines reasons;
    for (const Change& change : plan(goal)) reasons.push_back(change.field + " " + change.why);
    return reasons;
  };
  EXPECT_EQ(why(primary_under_tandem_)[0],
            kCronMaster + " spec.replication.owner is tandem: the vendor's copy is not wanted");
  EXPECT_EQ(
      why(secondary_under_tandem_),
      (Lines{kCronMaster + " spec.secondary is this node, and only a primary copies",
             kCronSlave + " spec.failover.owner is tandem: the vendor's detector is not wanted"}));
  EXPECT_EQ(why(off_),
            (Lines{kCronMaster + " spec.enabled is false", kCronSlave + " spec.enabled is false"}));
  EXPECT_EQ(why(secondary_)[1], kCronSlave + " spec.failover.owner is vendor");
}

TEST_F(CronFilesTest, NeverShowMuchOfAForeignFile) {
  for (const std::string& foreign : {std::string(5000, 'x'), slave_cron(std::string(5000, 'x')),
                                     std::string(70'000, 'x'), std::string(900, '\x1b')}) {
    disk_.files[kCronSlave] = fakes::File(foreign);
    for (const Change& change : plan(secondary_))
      EXPECT_LE(change.from.size(), 60 + std::string("failure detection of ").size());
    EXPECT_EQ(become(secondary_).outcome, Outcome::repaired);
  }
}

TEST_F(CronFilesTest, SayWhatToDoWithoutAFolderOfCrons) {
  disk_.directories.clear();
  const Report report = become(secondary_);
  ASSERT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error->fault, Fault::not_found);
  EXPECT_EQ(report.error->message,
            "the folder /etc/cron.d is missing, and spec.failover.owner is vendor: install the "
            "package cron, or correct spec.root in operator.yaml");
  EXPECT_EQ(become(secondary_under_tandem_).outcome, Outcome::in_sync);
  EXPECT_EQ(become(off_).outcome, Outcome::in_sync);
}

TEST_F(CronFilesTest, PassOnWhatThePortSays) {
  disk_.directories.insert(kCronSlave);
  EXPECT_EQ(become(secondary_).error->message, kCronSlave + ": is a directory");
  disk_.directories.erase(kCronSlave);
  disk_.errors[kCronMaster] = Error{Fault::denied, "no looking"};
  EXPECT_EQ(become(secondary_).error->message, "no looking");
  disk_.errors = {{"/etc/cron.d", Error{Fault::denied, "no looking at the folder"}}};
  EXPECT_EQ(become(secondary_).error->message, "no looking at the folder");
}

TEST_F(CronFilesTest, DoNotWriteWhatTheyCouldNotClearTheWayFor) {
  disk_.files[kCronSlave] = slave_cron(kA);
  disk_.change_errors[kCronSlave] = Error{Fault::denied, "a read-only file system"};
  EXPECT_EQ(become(primary_).outcome, Outcome::failed);
  EXPECT_FALSE(disk_.files.contains(kCronMaster)) << "the jobs of two roles at once";
}

TEST_F(CronFilesTest, WatchBothFiles) {
  EXPECT_EQ(CronFiles::watched(off_), (std::set<std::string>{kCronMaster, kCronSlave}));
}

}  // namespace
}  // namespace tandem

// Giving a node back, in memory: from what Tandem keeps, from wrecks, and stopped after any step.
#include "reconciler/release.h"

#include <gtest/gtest.h>

#include "tests/resources/ha_world.h"

namespace tandem {
namespace {

using namespace ha_world;

class ReleaseTest : public testing::Test {
 protected:
  void set(const World& world) {
    disk_ = fakes::MemoryFilesystem();
    disk_.directories = {"/etc/xivo", "/etc/cron.d", "/var/lib/wazo"};
    for (const auto& [path, content] : world) disk_.files[path] = fakes::File(content);
    resources_.clear();
    resources_.push_back(std::make_unique<ManagedAs<HaConf>>(disk_));
    resources_.push_back(std::make_unique<ManagedAs<Sentinels>>(disk_));
    resources_.push_back(std::make_unique<ManagedAs<CronFiles>>(disk_));
  }

  std::vector<Report> let_go(Goal goal, bool act = true) {
    goal.released = true;
    told_ = 0;
    return run(release(resources_, goal, act, [this](const Managed&, const Report&) { ++told_; }));
  }

  World world() const {
    World seen;
    for (const auto& [path, file] : disk_.files) seen[path] = file.content;
    return seen;
  }

  fakes::MemoryFilesystem disk_;
  std::vector<std::unique_ptr<Managed>> resources_;
  int told_ = 0;
};

// Of every product and role, with both duties still Tandem's: the vendor's jobs are not there.
std::vector<Goal> kept_by_tandem() {
  std::vector<Goal> goals;
  for (const Product product : {Product::wazo, Product::xivo})
    for (const Role role : {Role::primary, Role::secondary, Role::off})
      goals.push_back(goal_of(role, Owner::tandem, Owner::tandem, product));
  return goals;
}

Goal given_back(Goal goal) {
  goal.replication_owner = goal.failover_owner = Owner::vendor;
  return goal;
}

TEST_F(ReleaseTest, PutsTheVendorsJobsBackForEveryRoleOfBothProducts) {
  for (const Goal& goal : kept_by_tandem()) {
    set(vendor_world(goal));
    EXPECT_TRUE(is_released(let_go(given_back(goal))));
    EXPECT_EQ(world(), vendor_world(given_back(goal)));
    EXPECT_EQ(told_, 3);
  }
}

TEST_F(ReleaseTest, HasNothingToDoTheSecondTime) {
  for (const Goal& goal : kept_by_tandem()) {
    set(vendor_world(given_back(goal)));
    EXPECT_TRUE(is_released(let_go(given_back(goal))));
    EXPECT_TRUE(disk_.journal.empty());
  }
}

TEST_F(ReleaseTest, TellsWithoutDoing) {
  const Goal goal = goal_of(Role::secondary, Owner::tandem, Owner::tandem);
  set(vendor_world(goal));
  EXPECT_FALSE(is_released(let_go(given_back(goal), false)));
  EXPECT_TRUE(disk_.journal.empty());
}

TEST_F(ReleaseTest, StoppedAfterAnyStepIsFinishedByTheNextRun) {
  for (const Goal& goal : kept_by_tandem())
    for (const bool lost_answer : {false, true})
      for (int changes = 0; changes < 6; ++changes) {
        World wreck = vendor_world(goal);
        wreck[kHaConf] = "{";
        wreck.erase(kIsSecondary);
        set(wreck);
        disk_.changes_left = changes;
        disk_.fails_after_change = lost_answer;
        let_go(given_back(goal));
        disk_.changes_left = 1'000'000;
        EXPECT_TRUE(is_released(let_go(given_back(goal))));
        EXPECT_EQ(world(), vendor_world(given_back(goal)));
      }
}

TEST_F(ReleaseTest, AFailingResourceKeepsNoOtherFromBeingLetGo) {
  const Goal goal = goal_of(Role::secondary, Owner::tandem, Owner::tandem);
  World wreck = vendor_world(goal);
  wreck[kHaConf] = "{";
  set(wreck);
  disk_.change_errors[kHaConf] = Error{Fault::denied, kHaConf + ": read-only file system"};
  EXPECT_FALSE(is_released(let_go(given_back(goal))));
  EXPECT_EQ(disk_.files[kCronSlave].content, slave_cron(kA));
  disk_.change_errors.clear();
  EXPECT_TRUE(is_released(let_go(given_back(goal))));
}

}  // namespace
}  // namespace tandem

// Every change of role and owner, every stop on the way, and every wild start: cron files, ha.conf
// and sentinels together end as the vendor's calls leave them.

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/resources/ha_world.h"

namespace tandem {
namespace {

using namespace ha_world;
using Lines = std::vector<std::string>;

std::vector<Goal> every_goal() {
  std::vector<Goal> goals;
  for (const Product product : {Product::wazo, Product::xivo})
    for (const Role role : {Role::off, Role::primary, Role::secondary})
      for (const Owner replication : {Owner::vendor, Owner::tandem})
        for (const Owner failover : {Owner::vendor, Owner::tandem})
          goals.push_back(goal_of(role, replication, failover, product));
  return goals;
}

std::string text(const Goal& goal) {
  const auto owner = [](Owner who) { return who == Owner::vendor ? "vendor" : "tandem"; };
  return fmt::format("{} (replication {}, failover {})", role_name(goal.role),
                     owner(goal.replication_owner), owner(goal.failover_owner));
}

// Runs the test for each pair of goals of one product.
void for_every_transition(const std::function<void(const Goal& from, const Goal& to)>& test) {
  for (const Goal& from : every_goal()) {
    for (const Goal& to : every_goal()) {
      if (from.product != to.product) continue;
      SCOPED_TRACE(text(from) + " to " + text(to));
      test(from, to);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

// Each file is as it was or as it shall be, and no two roles are at work.
void expect_sane(const World& world, const Goal& from, const Goal& to) {
  const World before = vendor_world(from), after = vendor_world(to);
  for (const auto& [path, content] : world) {
    const auto as = [&, &file = path, &seen = content](const World& other) {
      const auto found = other.find(file);
      return found != other.end() && found->second == seen;
    };
    EXPECT_TRUE(as(before) || as(after)) << path << ": " << content;
  }
  EXPECT_FALSE(world.contains(kCronMaster) && world.contains(kCronSlave)) << "two roles' jobs";
  EXPECT_FALSE(world.contains(kIsPrimary) && world.contains(kIsSecondary)) << "two roles";
  EXPECT_TRUE(world.contains(kHaConf)) << "what was there is never gone";
}

TEST(Transitions, EndByteForByteAsTheVendorsCallsLeaveTheFiles) {
  for_every_transition([](const Goal& from, const Goal& to) {
    HaNode node(vendor_world(from));
    node.expect_mended(to);
  });
}

TEST(Transitions, StartOnANodeThatNeverHadARole) {
  for (const Goal& goal : every_goal()) {
    SCOPED_TRACE(text(goal));
    HaNode node;
    if (goal.role != Role::off) {
      node.expect_mended(goal);
      continue;
    }
    EXPECT_TRUE(all_are(node.pass(goal), Outcome::in_sync));
    EXPECT_EQ(node.world(), World{}) << "an absent ha.conf means disabled";
  }
}

TEST(Transitions, HasNothingToDoTheSecondTime) {
  for (const Goal& goal : every_goal()) {
    SCOPED_TRACE(text(goal));
    HaNode node(vendor_world(goal));
    EXPECT_TRUE(all_are(node.pass(goal), Outcome::in_sync));
    EXPECT_EQ(node.disk.journal, Lines{});
  }
}

TEST(Transitions, TouchNothingInADryRun) {
  for_every_transition([](const Goal& from, const Goal& to) {
    HaNode node(vendor_world(from));
    const Reports reports = node.pass(to, Permission::observe_only("a dry run"));
    EXPECT_EQ(node.disk.journal, Lines{});
    EXPECT_EQ(node.world(), vendor_world(from));
    EXPECT_EQ(drift_of(reports).empty(), vendor_world(from) == vendor_world(to));
  });
}

TEST(Transitions, DoWhatTheDryRunShows) {
  for_every_transition([](const Goal& from, const Goal& to) {
    HaNode node(vendor_world(from));
    const auto planned = drift_of(node.pass(to, Permission::observe_only("a dry run")));
    std::vector<Change> done;
    for (const Report& report : node.pass(to))
      done.insert(done.end(), report.done.begin(), report.done.end());
    EXPECT_EQ(done, planned);
  });
}

TEST(Transitions, WaitWhereNoFileMayBeChanged) {
  const Goal primary = goal_of(Role::primary), secondary = goal_of(Role::secondary);
  HaNode node(vendor_world(primary));
  EXPECT_TRUE(all_are(node.pass(secondary, Permission::up_to(Reach::none)), Outcome::waiting));
  EXPECT_EQ(node.world(), vendor_world(primary));
}

TEST(Transitions, TellInEachChangeWhatItDisturbsAndWhy) {
  for_every_transition([](const Goal& from, const Goal& to) {
    HaNode node(vendor_world(from));
    for (const Change& change : drift_of(node.pass(to, Permission::observe_only("a dry run")))) {
      EXPECT_NE(change.from, change.to) << change.field;
      EXPECT_NE(change.disturbs, "") << change.field;
      EXPECT_NE(change.why, "") << change.field;
      EXPECT_EQ(change.reach, Reach::file) << change.field;
    }
  });
}

TEST(Transitions, LeaveASaneWorldWhereverTheyStopAndFinishAtTheNextPass) {
  for_every_transition([](const Goal& from, const Goal& to) {
    for (const bool after_the_change : {false, true}) {
      HaNode whole(vendor_world(from));
      whole.pass(to);
      const int steps = static_cast<int>(whole.disk.journal.size());
      for (int stop = 0; stop < steps; ++stop) {
        SCOPED_TRACE(
            fmt::format("stopped {} step {}", after_the_change ? "after" : "before", stop));
        HaNode node(vendor_world(from));
        node.disk.changes_left = stop;
        node.disk.fails_after_change = after_the_change;
        EXPECT_FALSE(all_are(node.pass(to), Outcome::repaired));
        expect_sane(node.world(), from, to);

        node.disk.changes_left = 1000;
        node.expect_mended(to);
      }
    }
  });
}

TEST(Transitions, TurnBackHalfway) {
  for_every_transition([](const Goal& from, const Goal& to) {
    for (int stop = 0; stop < 6; ++stop) {
      HaNode node(vendor_world(from));
      node.disk.changes_left = stop;
      node.pass(to);
      node.disk.changes_left = 1000;
      node.expect_mended(from);
    }
  });
}

TEST(Transitions, TakeAPeersNewAddressInEveryFileThatNamesIt) {
  for (const Role role : {Role::primary, Role::secondary}) {
    const Goal before = goal_of(role);
    Goal after = before;
    after.peer_address = "10.0.0.77";
    HaNode node(vendor_world(before));
    node.expect_mended(after);
  }
}

TEST(Transitions, LetTheOthersGoOnWhereOneCanNot) {
  HaNode node(vendor_world(goal_of(Role::primary)));
  node.disk.change_errors[kHaConf] = Error{Fault::unavailable, "no space"};
  const Goal secondary = goal_of(Role::secondary);
  node.pass(secondary);
  World expected = vendor_world(secondary);
  expected[kHaConf] = ha_conf("master", kB);
  EXPECT_EQ(node.world(), expected);
}

// ---- wild starts: any content and mode of the five files, beside one that is nobody's business

const std::string kBystander = "/var/lib/wazo/disabled";

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool one_in(std::size_t sides) { return below(sides) == 0; }

  std::string content() {
    const std::vector<std::string> kinds{ha_conf("master", kB),
                                         ha_conf("slave", kA),
                                         ha_conf("disabled", ""),
                                         ha_conf("master", "::1"),
                                         ha_conf("", ""),
                                         master_cron(kB),
                                         slave_cron(kA),
                                         slave_cron(""),
                                         "",
                                         "{}",
                                         "[1]",
                                         garbage()};
    std::string text = kinds[below(kinds.size())];
    if (one_in(4)) text.resize(below(text.size() + 1));
    if (one_in(4)) text += garbage();
    return text;
  }

  mode_t mode() {
    const std::vector<mode_t> kinds{0644, 0644, 0600, 0664, 0666, 0755, 0000, 04777};
    return kinds[below(kinds.size())];
  }

  Goal goal() {
    const auto goals = every_goal();
    Goal goal = goals[below(goals.size())];
    if (one_in(3)) goal.peer_address = fmt::format("192.0.2.{}", below(255));
    return goal;
  }

 private:
  std::string garbage() {
    std::string text(one_in(50) ? 70'000 : below(80), ' ');
    for (char& c : text) c = static_cast<char>(below(256));
    return text;
  }

  std::mt19937 engine_;
};

void scatter_files(HaNode& node, Dice& dice) {
  for (const auto& path : {kHaConf, kCronMaster, kCronSlave, kIsPrimary, kIsSecondary, kBystander})
    if (!dice.one_in(4)) node.disk.files[path] = fakes::File(dice.content(), dice.mode());
  if (dice.one_in(3)) node.disk.directories.erase("/var/lib/wazo");
}

// What one pass makes of `start`. A sentinel's content is nobody's business; XiVO's are nobody's
// files.
World world_after(const World& start, const Goal& goal) {
  World world = vendor_world(goal);
  const auto keep = [&](const std::string& path) {
    if (const auto found = start.find(path); found != start.end()) world[path] = found->second;
  };
  keep(kBystander);
  for (const std::string& sentinel : {kIsPrimary, kIsSecondary})
    if (goal.product == Product::xivo || world.contains(sentinel)) keep(sentinel);
  if (goal.role == Role::off && !start.contains(kHaConf)) world.erase(kHaConf);
  return world;
}

TEST(Transitions, ConvergeInOnePassFromAnyContentAndMode) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Dice dice(seed);
    HaNode node;
    scatter_files(node, dice);
    const Goal goal = dice.goal();
    const World start = node.world();

    for (const Report& report : node.pass(goal)) ASSERT_TRUE(is_right(report));
    ASSERT_EQ(node.world(), world_after(start, goal));
    node.disk.journal.clear();
    ASSERT_TRUE(all_are(node.pass(goal), Outcome::in_sync));
    ASSERT_EQ(node.disk.journal, Lines{});
  }
}

TEST(Transitions, ConvergeFromAnyContentWhereverTheyWereStopped) {
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Dice dice(seed);
    HaNode node;
    scatter_files(node, dice);
    const Goal goal = dice.goal();
    const World start = node.world();

    node.disk.changes_left = static_cast<int>(dice.below(7));
    node.disk.fails_after_change = dice.one_in(2);
    node.pass(goal);
    node.disk.changes_left = 1000;
    for (const Report& report : node.pass(goal)) ASSERT_TRUE(is_right(report));
    ASSERT_EQ(node.world(), world_after(start, goal));
  }
}

}  // namespace
}  // namespace tandem

#include "reconciler/schedule.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart{std::chrono::hours{1000}};

Goal goal_of(Role role) {
  Goal goal;
  goal.role = role;
  return goal;
}

class ScheduleTest : public testing::Test {
 protected:
  std::vector<std::size_t> start_all(Instant now) {
    std::vector<std::size_t> started;
    while (const auto index = schedule_.startable(now)) {
      schedule_.started(*index);
      started.push_back(*index);
    }
    return started;
  }

  void finish(std::size_t index, Outcome outcome, Instant now, bool repaired = false) {
    Report report;
    report.outcome = outcome;
    if (repaired) report.done.push_back({"field", "from", "to", "", "", Reach::file});
    schedule_.finished(index, report, now);
  }

  // 0 ha-conf, 1 sentinels, 2 registrars: towards a secondary the registrars come first, sentinels
  // last.
  Schedule schedule_{{"ha-conf", "sentinels", "registrars"}};
};

TEST_F(ScheduleTest, LooksAtAllAtOnceAndActsInTheOrderOfTheRole) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  EXPECT_EQ(start_all(kStart), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(schedule_.turn_has_come(2));
  EXPECT_FALSE(schedule_.turn_has_come(0));
  EXPECT_FALSE(schedule_.turn_has_come(1));
  finish(2, Outcome::in_sync, kStart);
  EXPECT_TRUE(schedule_.turn_has_come(0));
  EXPECT_FALSE(schedule_.turn_has_come(1));
  finish(0, Outcome::in_sync, kStart);
  EXPECT_TRUE(schedule_.turn_has_come(1));
  EXPECT_FALSE(schedule_.all_tried());
  finish(1, Outcome::in_sync, kStart);
  EXPECT_TRUE(schedule_.all_tried());
}

// They looked at the node as it was before.
TEST_F(ScheduleTest, LooksOnceMoreAtWhatComesAfterARepair) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  start_all(kStart);
  finish(0, Outcome::in_sync, kStart);
  finish(1, Outcome::in_sync, kStart);
  finish(2, Outcome::repaired, kStart, true);
  EXPECT_FALSE(schedule_.all_tried());
  const Instant later = kStart + Schedule::kGap;
  EXPECT_EQ(start_all(later), (std::vector<std::size_t>{0, 1}));
  EXPECT_FALSE(schedule_.turn_has_come(1)) << "and in the order";
  finish(0, Outcome::in_sync, later);
  finish(1, Outcome::repaired, later, true);
  EXPECT_TRUE(schedule_.all_tried());
  EXPECT_EQ(start_all(later + Schedule::kGap), std::vector<std::size_t>{}) << "each once";
}

TEST_F(ScheduleTest, TellsWhatRunsThatItsGoalIsNotTheLastAnyMore) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  start_all(kStart);
  EXPECT_FALSE(schedule_.is_outdated(0));
  schedule_.new_role(goal_of(Role::primary), kStart);
  EXPECT_TRUE(schedule_.is_outdated(0));
  finish(0, Outcome::in_sync, kStart);
  start_all(kStart + Schedule::kGap);
  EXPECT_FALSE(schedule_.is_outdated(0));
}

TEST_F(ScheduleTest, LooksAtWhatCouldNotBeSeenAsOftenAsEver) {
  schedule_.new_goal(kStart);
  Instant now = kStart;
  for (int looks = 0; looks < 20; ++looks) {
    start_all(now);
    for (const std::size_t index : {0U, 1U}) finish(index, Outcome::in_sync, now);
    Report report;
    report.outcome = Outcome::failed;
    report.seen_in_part = true;
    schedule_.finished(2, report, now);
    ASSERT_LE(schedule_.next_due(), now + Schedule::kPeriod);
    now += Schedule::kPeriod;
  }
}

TEST(OrderOf, EndsTheOldRolesJobFirstAndBeginsTheNewOnesLast) {
  EXPECT_EQ(order_of(Role::primary, Product::wazo).front(), "sentinels")
      << "what the detection needs";
  EXPECT_EQ(order_of(Role::primary, Product::wazo).back(), "cron-files") << "what starts the copy";
  EXPECT_EQ(order_of(Role::secondary, Product::wazo).front(), "cron-files");
  EXPECT_EQ(order_of(Role::secondary, Product::wazo).back(), "sentinels");
  EXPECT_EQ(order_of(Role::off, Product::wazo).front(), "cron-files");
  // It compares what the node was with what it is to be.
  for (const Role role : {Role::off, Role::primary, Role::secondary}) {
    const auto order = order_of(role, Product::wazo);
    const auto place = [&](std::string_view name) {
      return std::find(order.begin(), order.end(), name);
    };
    EXPECT_LT(place("after-role-change"), place("ha-conf"));
    EXPECT_LT(place("after-role-change"), place("registrars"));
  }
  // Without sentinels an old detection acts until its file is gone: no request may come before.
  for (const Role role : {Role::off, Role::primary, Role::secondary}) {
    EXPECT_EQ(order_of(role, Product::xivo).front(), "cron-files");
    for (const Product product : {Product::wazo, Product::xivo})
      EXPECT_EQ(order_of(role, product).size(), 12U);
  }
}

// A second edit while a change of role is under way must not let its resources overtake each other.
TEST_F(ScheduleTest, KeepsTheOrderOfARoleOverAFurtherEdit) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  start_all(kStart);
  schedule_.new_goal(kStart);
  finish(2, Outcome::in_sync, kStart);
  EXPECT_FALSE(schedule_.turn_has_come(0)) << "the registrars have not seen this goal";
  EXPECT_EQ(start_all(kStart + Schedule::kGap), std::vector<std::size_t>{2});
  finish(2, Outcome::in_sync, kStart + Schedule::kGap);
  EXPECT_TRUE(schedule_.turn_has_come(0));
}

TEST_F(ScheduleTest, GoesOnInTheOrderWhenOneFails) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  start_all(kStart);
  finish(2, Outcome::failed, kStart);
  EXPECT_TRUE(schedule_.turn_has_come(0));
}

TEST_F(ScheduleTest, LetsNoResourceWaitForAnotherInTheSteadyState) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  start_all(kStart);
  for (const std::size_t i : {2U, 0U, 1U}) finish(i, Outcome::in_sync, kStart);
  const Instant later = kStart + Schedule::kPeriod;
  EXPECT_EQ(start_all(later), (std::vector<std::size_t>{0, 1, 2}));
  for (const std::size_t i : {0U, 1U, 2U}) EXPECT_TRUE(schedule_.turn_has_come(i));
}

TEST_F(ScheduleTest, RetriesAFailureWithBackoffAndResetsItOnChange) {
  schedule_.new_role(goal_of(Role::off), kStart);
  start_all(kStart);
  finish(2, Outcome::failed, kStart);
  EXPECT_EQ(schedule_.startable(kStart + milliseconds{999}), std::nullopt);
  finish(0, Outcome::in_sync, kStart);
  finish(1, Outcome::in_sync, kStart);
  EXPECT_EQ(schedule_.next_due(), kStart + seconds{1});

  const Instant second = kStart + seconds{1};
  start_all(second);
  finish(2, Outcome::failed, second);
  EXPECT_EQ(schedule_.next_due(), second + seconds{2});

  schedule_.wake("registrars", second + milliseconds{500});
  EXPECT_EQ(schedule_.next_due(), second + milliseconds{500});
  start_all(second + milliseconds{500});
  finish(2, Outcome::failed, second + milliseconds{500});
  EXPECT_EQ(schedule_.next_due(), second + milliseconds{1500}) << "the backoff started anew";
}

TEST_F(ScheduleTest, LooksAgainWhenWokenWhileRunning) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  start_all(kStart);
  schedule_.wake("registrars", kStart);
  finish(2, Outcome::in_sync, kStart);
  start_all(kStart);
  finish(0, Outcome::in_sync, kStart);
  start_all(kStart);
  EXPECT_EQ(schedule_.next_due(), kStart + Schedule::kGap);
}

TEST_F(ScheduleTest, HoldsBackAContestedRepairForAMinute) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  Instant now = kStart;
  schedule_.started(0);
  finish(0, Outcome::in_sync, now);
  for (int i = 0; i < 6; ++i) {
    now += seconds{1};
    schedule_.started(0);
    finish(0, Outcome::repaired, now, true);
  }
  const auto held = schedule_.permission(0, Permission::up_to(Reach::reload), now);
  EXPECT_FALSE(held.act);
  EXPECT_EQ(held.outcome_if_not, Outcome::contested);
  ASSERT_EQ(schedule_.contests(now).size(), 1U);
  EXPECT_EQ(schedule_.contests(now)[0].name, "ha-conf");
  EXPECT_TRUE(schedule_.permission(0, Permission::up_to(Reach::reload), now + seconds{60}).act);
  EXPECT_TRUE(schedule_.permission(1, Permission::up_to(Reach::reload), now).act)
      << "another resource is not held back";
}

// A person who edits the declaration again and again is no fight.
TEST_F(ScheduleTest, CountsNoRepairThatANewGoalAskedFor) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  for (int i = 0; i < 20; ++i) {
    schedule_.new_goal(kStart);
    schedule_.started(0);
    finish(0, Outcome::repaired, kStart, true);
  }
  EXPECT_TRUE(schedule_.contests(kStart).empty());
}

TEST_F(ScheduleTest, LetsNoResourceWaitForAnotherWhereTheRoleStays) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  for (const std::size_t i : {2U, 0U, 1U}) {
    start_all(kStart);
    finish(i, Outcome::in_sync, kStart);
  }
  const Instant later = kStart + seconds{1};
  schedule_.new_goal(later);
  EXPECT_EQ(start_all(later), (std::vector<std::size_t>{0, 1, 2}));
}

TEST_F(ScheduleTest, LetsAnOrderPassTheLimitsOnce) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  schedule_.started(0);
  finish(0, Outcome::in_sync, kStart);
  for (int i = 0; i < 6; ++i) {
    schedule_.started(0);
    finish(0, Outcome::repaired, kStart, true);
  }
  schedule_.order(Reach::telephony, kStart);
  const auto ordered = schedule_.permission(0, Permission::up_to(Reach::file), kStart);
  EXPECT_TRUE(ordered.act);
  EXPECT_EQ(ordered.allow, Reach::telephony);
  schedule_.started(0);
  EXPECT_FALSE(schedule_.permission(0, Permission::up_to(Reach::file), kStart).act);
}

TEST_F(ScheduleTest, AnOrderNeverOpensAClosedGate) {
  schedule_.order(Reach::telephony, kStart);
  EXPECT_FALSE(schedule_.permission(0, Permission::observe_only("suspended"), kStart).act);
}

TEST_F(ScheduleTest, AnOrderIsDoneWhenEveryResourceWasLookedAtSince) {
  schedule_.new_role(goal_of(Role::secondary), kStart);
  schedule_.started(2);  // began before the order: does not count
  const auto ticket = schedule_.order(Reach::none, kStart);
  finish(2, Outcome::in_sync, kStart);
  const Instant later = kStart + Schedule::kGap;
  EXPECT_EQ(start_all(later), (std::vector<std::size_t>{0, 1, 2}));
  for (const std::size_t index : {0U, 1U}) finish(index, Outcome::in_sync, later);
  EXPECT_FALSE(schedule_.order_done(ticket));
  finish(2, Outcome::in_sync, later);
  EXPECT_TRUE(schedule_.order_done(ticket));
}

}  // namespace
}  // namespace tandem

#include "reconciler/reconcile.h"

#include "tests/reconciler/world.h"

namespace tandem {
namespace {

class ReconcileTest : public testing::Test {
 protected:
  Report look(Permission permission) {
    return run(reconcile(resource_, goal_, std::move(permission)));
  }

  Task<std::optional<Permission>> others_go_first(Permission then) {
    state_.value = 1;
    co_return then;
  }

  FakeState state_;
  ScriptedResource resource_{state_};
  Goal goal_;
};

TEST_F(ReconcileTest, RepairsAndLooksAgain) {
  const auto report = look(Permission::up_to(Reach::reload));
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(report.done.size(), 1U);
  EXPECT_TRUE(report.left.empty());
  EXPECT_EQ(state_.looks, 2);
}

TEST_F(ReconcileTest, HasNothingToDoTheSecondTime) {
  look(Permission::up_to(Reach::reload));
  const auto report = look(Permission::up_to(Reach::reload));
  EXPECT_EQ(report.outcome, Outcome::in_sync);
  EXPECT_EQ(state_.repairs, 1);
}

TEST_F(ReconcileTest, LooksOnceMoreAfterItWaitedForItsTurn) {
  Turn turn;
  turn.await = [this] { return others_go_first(Permission::up_to(Reach::reload)); };
  const auto report =
      run(reconcile(resource_, goal_, Permission::up_to(Reach::reload), std::move(turn)));
  EXPECT_EQ(report.outcome, Outcome::in_sync) << "another's repair has made it right";
  EXPECT_EQ(state_.looks, 2);
  EXPECT_EQ(state_.repairs, 0);
}

TEST_F(ReconcileTest, MayBeForbiddenToActWhileItWaits) {
  state_.wanted = 7;
  Turn turn;
  turn.await = [this] { return others_go_first(Permission::observe_only("suspended")); };
  const auto report =
      run(reconcile(resource_, goal_, Permission::up_to(Reach::reload), std::move(turn)));
  EXPECT_EQ(report.outcome, Outcome::drifted);
  EXPECT_EQ(report.note, "suspended");
  EXPECT_EQ(state_.repairs, 0);
}

TEST_F(ReconcileTest, EndsBetweenTwoStepsWhereItMayActNoMore) {
  state_.wanted = 5;
  state_.by_one = true;
  Turn turn;
  turn.closed = [this]() -> std::optional<Permission> {
    if (state_.repairs < 2) return std::nullopt;
    return Permission::observe_only("suspended");
  };
  const auto report =
      run(reconcile(resource_, goal_, Permission::up_to(Reach::reload), std::move(turn)));
  EXPECT_EQ(state_.value, 2);
  EXPECT_EQ(report.done.size(), 2U);
  EXPECT_EQ(report.left.size(), 3U);
  EXPECT_EQ(report.outcome, Outcome::drifted);
  EXPECT_EQ(report.note, "suspended");
}

TEST_F(ReconcileTest, TakesNoStepWhereItMayActNoMoreSinceItLookedAgain) {
  bool suspended = false;
  Turn turn;
  turn.await = [&]() -> Task<std::optional<Permission>> {
    suspended = true;  // while it looks once more
    co_return Permission::up_to(Reach::reload);
  };
  turn.closed = [&]() -> std::optional<Permission> {
    if (!suspended) return std::nullopt;
    return Permission::observe_only("suspended");
  };
  const auto report =
      run(reconcile(resource_, goal_, Permission::up_to(Reach::reload), std::move(turn)));
  EXPECT_EQ(state_.repairs, 0);
  EXPECT_EQ(report.outcome, Outcome::drifted);
  EXPECT_EQ(report.note, "suspended");
}

TEST_F(ReconcileTest, WaitsForNoTurnWhereThereIsNothingToDo) {
  state_.value = state_.wanted;
  Turn turn;
  turn.await = []() -> Task<std::optional<Permission>> { throw std::logic_error("asked"); };
  const auto report =
      run(reconcile(resource_, goal_, Permission::up_to(Reach::reload), std::move(turn)));
  EXPECT_EQ(report.outcome, Outcome::in_sync);
}

TEST_F(ReconcileTest, ShowsDriftAndTouchesNothingWhereItMayOnlyObserve) {
  const auto report = look(Permission::observe_only("suspended"));
  EXPECT_EQ(report.outcome, Outcome::drifted);
  EXPECT_EQ(report.note, "suspended");
  EXPECT_EQ(report.left.size(), 1U);
  EXPECT_EQ(state_.repairs, 0);
}

TEST_F(ReconcileTest, LeavesWhatReachesBeyondTheDeclaration) {
  state_.reach = Reach::restart;
  const auto report = look(Permission::up_to(Reach::reload));
  EXPECT_EQ(report.outcome, Outcome::waiting);
  EXPECT_EQ(report.left.size(), 1U);
  EXPECT_EQ(state_.repairs, 0);
}

// An answer of success proves nothing: only the second look does.
TEST_F(ReconcileTest, NeverReportsARepairThatDoesNotHold) {
  state_.forgets = true;
  const auto report = look(Permission::up_to(Reach::reload));
  EXPECT_EQ(report.outcome, Outcome::failed);
  ASSERT_TRUE(report.error.has_value());
  EXPECT_NE(report.error->message.find("value"), std::string::npos);
}

TEST_F(ReconcileTest, TellsWhyItCouldNotRepair) {
  state_.apply_error = Error{Fault::denied, "read-only file system"};
  const auto report = look(Permission::up_to(Reach::reload));
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error, state_.apply_error);
  EXPECT_TRUE(report.done.empty());
  EXPECT_EQ(report.left.size(), 1U);
}

TEST_F(ReconcileTest, TellsWhyItCouldNotLook) {
  state_.observe_error = Error{Fault::connection_refused, "confd does not listen"};
  const auto report = look(Permission::up_to(Reach::reload));
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error, state_.observe_error);
  EXPECT_EQ(state_.repairs, 0);
}

TEST_F(ReconcileTest, NeverCallsInOrderWhatItCouldNotSee) {
  state_.value = state_.wanted;
  state_.unseen = Error{Fault::unavailable, "the server does not answer"};
  state_.tells = {{"ServerAnswers", Truth::no, "ServerDown", "it does not answer", true}};
  for (Permission permission :
       {Permission::observe_only("shown only"), Permission::up_to(Reach::reload)}) {
    const auto report = look(std::move(permission));
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_EQ(report.error, state_.unseen);
    EXPECT_EQ(report.conditions.size(), 1U) << "what was seen is told all the same";
  }
}

TEST_F(ReconcileTest, MendsWhatItSawBesideWhatItCouldNot) {
  state_.unseen = Error{Fault::unavailable, "the server does not answer"};
  const auto report = look(Permission::up_to(Reach::reload));
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.done.size(), 1U);
  EXPECT_TRUE(report.left.empty());
}

TEST_F(ReconcileTest, TellsOfAFailedRepairBeforeWhatItCouldNotSee) {
  state_.apply_error = Error{Fault::denied, "read-only file system"};
  state_.unseen = Error{Fault::unavailable, "the server does not answer"};
  EXPECT_EQ(look(Permission::up_to(Reach::reload)).error, state_.apply_error);
}

}  // namespace
}  // namespace tandem

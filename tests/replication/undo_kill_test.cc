// A copy that keeps a generation, and an undo, cut at random calls: the content and what is kept
// are those of before or those of after, together.
#include <random>

#include "tests/replication/doomed_databases.h"
#include "tests/replication/undo_world.h"

namespace tandem {
namespace {

// More calls than either makes.
constexpr int kCallsMax = 400;

class UndoKillTest : public UndoTest {
 protected:
  UndoOutcome undo_over(Databases& databases) {
    UndoOrder order;
    order.secondary = order_.secondary;
    order.pair = order_.pair;
    order.primary_name = order_.primary_name;
    order.secondary_name = order_.secondary_name;
    return DatabaseUndo(databases, clock_).run(order, {}, {});
  }
  void edit(int round) {
    const std::string n = std::to_string(round);
    primary_.psql("update moh set label = 'g" + n + "'; update userfeatures set firstname = 'g" +
                  n + "' where id % 7 = 1; insert into pickup_note values ('g', " + n +
                  "); select setval('loose_numbers', 100 + (" + n + " * 7919) % 1000)");
  }
  // The call of the next cut: every run of the test tries others.
  int next(int at, unsigned most) { return at + 1 + static_cast<int>(dice_() % most); }

  std::string held() { return content(secondary_) + kept_of(secondary_); }

  const unsigned seed_ = std::random_device{}();
  std::mt19937 dice_{seed_};
};

TEST_F(UndoKillTest, ACopyAndItsGenerationAreBothThereOrBothNot) {
  copied();
  SCOPED_TRACE("seed " + std::to_string(seed_));
  bool whole = false;
  for (int at = next(-1, 15); at < kCallsMax && !whole && !HasFailure(); at = next(at, 15)) {
    SCOPED_TRACE("cut at call " + std::to_string(at));
    edit(at);
    const std::string rows = content(secondary_), all = held();
    Guillotine blade{at};
    DoomedDatabases doomed(databases_, blade);
    const CopyOutcome outcome = DatabaseCopy(doomed, clock_).run(order_, {}, {});
    whole = !blade.fell;
    if (content(secondary_) == rows) {
      EXPECT_EQ(held(), all);
      continue;
    }
    // Committed, whatever was told: it can be undone.
    EXPECT_EQ(content(secondary_), content(primary_));
    expect_undone();
    EXPECT_EQ(content(secondary_), rows);
    order_.ordered = true;
    copied();
    order_.ordered = false;
  }
  EXPECT_TRUE(whole);
}

TEST_F(UndoKillTest, AnUndoIsMadeOrNot) {
  copied();
  edit(kCallsMax);
  copied();
  SCOPED_TRACE("seed " + std::to_string(seed_));
  bool whole = false;
  for (int at = next(-1, 6); at < kCallsMax && !whole && !HasFailure(); at = next(at, 6)) {
    SCOPED_TRACE("cut at call " + std::to_string(at));
    const std::string all = held(), rows = content(secondary_);
    Guillotine blade{at};
    DoomedDatabases doomed(databases_, blade);
    const UndoOutcome outcome = undo_over(doomed);
    whole = !blade.fell;
    if (content(secondary_) == rows) {
      EXPECT_TRUE(outcome.failure);
      EXPECT_EQ(held(), all);
      continue;
    }
    EXPECT_EQ(secondary_.psql("select count(*) from tandem_undo.hold"), "1");
    order_.ordered = true;
    edit(at);
    copied();
    order_.ordered = false;
    EXPECT_TRUE(!whole || !outcome.failure) << describe(outcome);
  }
  EXPECT_TRUE(whole);
}

}  // namespace
}  // namespace tandem

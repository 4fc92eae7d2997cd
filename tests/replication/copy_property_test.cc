// Random edits on both sides, of data of every kind: one copy makes them equal, a second one finds
// nothing to do.
#include <random>

#include "replication/undo/generation.h"
#include "tests/replication/copy_world.h"

namespace tandem {
namespace {

constexpr int kRounds = 12;
constexpr int kEditsMax = 25;

class Editor {
 public:
  explicit Editor(std::mt19937& dice) : dice_(dice) {}

  // A statement that some service, person or mistake could have made.
  std::string edit() {
    const std::string n = std::to_string(dice_() % 320), m = std::to_string(dice_() % 320);
    switch (dice_() % 12) {
      case 0: return "update userfeatures set firstname = E'x\\\\\\n\\t" + n + "' where id = " + m;
      case 1: return "delete from userfeatures where id = " + n;
      case 2:
        return "insert into userfeatures (uuid, email, tenant_uuid) values ('n' || random(), "
               "random() || '@x', 't1')";
      case 3: return "delete from endpoint_sip_section_option where value like 'v" + n + "%'";
      case 4:
        return "update dialaction set action = 'none', actionarg2 = '' where categoryval = '" + n +
               "'";
      case 5:
        return "update voicemail set options = array[null, '', '\"', '\\\\'], deliver = '1 mon 2 "
               "days' where id = " +
               std::to_string(dice_() % 40);
      case 6: return "insert into pickup_note values (null, " + n + "), (null, " + n + ")";
      case 7: return "delete from pickup_note where amount % 2 = " + std::to_string(dice_() % 2);
      case 8: return "update queuefeatures set ratio = 1 / (3.0 + " + n + ")";
      case 9: return "truncate moh";
      case 10:
        return "insert into moh (uuid, name, picture, document) values (gen_random_uuid(), '', "
               "'\\x00ff', '[\"\\u00e9\"]')";
      default: return "select setval('loose_numbers', 1 + " + n + ")";
    }
  }

 private:
  std::mt19937& dice_;
};

TEST_F(CopyTest, MakesEqualWhateverWasEditedOnEitherSide) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  Editor editor(dice);
  order_.force = "the edits may take many users away";
  std::optional<CopyMemory> memory;
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    for (auto* cluster : {&primary_, &secondary_}) {
      std::string edits = "set session_replication_role = replica; ";
      for (auto left = dice() % kEditsMax; left > 0; --left) edits += editor.edit() + "; ";
      cluster->psql(edits + "select pg_stat_force_next_flush()");
    }
    // By the counters or by the proof: the same content.
    order_.since = round % 3 == 2 ? memory : std::nullopt;
    const CopyOutcome outcome = copy();
    EXPECT_TRUE(outcome.succeeded()) << describe(outcome);
    EXPECT_EQ(content(primary_), content(secondary_));
    order_.since.reset();
    const CopyOutcome again = copy();
    EXPECT_EQ(again.changed, std::vector<TableCopied>{}) << describe(again);
    EXPECT_EQ(again.sequences_set, 0U);
    memory = again.memory;
  }
}

// Every copy can be taken back, the newest first. The primary holds its references, as a real one
// does: an undo is refused that would leave one leading nowhere.
TEST_F(CopyTest, UndoesWhateverWasEdited) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  Editor editor(dice);
  order_.force = "the edits may take many users away";
  primary_.psql(
      "insert into endpoint_sip_section select md5(i::text)::uuid, 'endpoint', md5((i + "
      "1)::text)::uuid from generate_series(0, 99) i");
  expect_copied();
  std::vector<std::string> contents;
  for (int round = 0; round < kGenerationsMax && !HasFailure(); ++round) {
    std::string edits;
    for (auto left = 1 + dice() % kEditsMax; left > 0; --left) {
      std::string edit = editor.edit();
      if (edit.starts_with("select ")) edit.replace(0, 6, "perform");
      edits += "do $edit$ begin " + edit +
               "; exception when foreign_key_violation then null; end $edit$; ";
    }
    primary_.psql(edits);
    const std::string before = content(secondary_);
    const CopyOutcome outcome = copy();
    EXPECT_TRUE(outcome.succeeded()) << describe(outcome);
    if (!outcome.changed.empty()) contents.push_back(before);
  }
  for (; !contents.empty() && !HasFailure(); contents.pop_back()) {
    const UndoOutcome outcome = undo();
    EXPECT_FALSE(outcome.failure) << describe(outcome);
    EXPECT_TRUE(content(secondary_) == contents.back());
  }
}

}  // namespace
}  // namespace tandem

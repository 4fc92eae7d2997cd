// Undo against two real servers: what is kept of a copy, and that it comes back exactly.
#include "tests/replication/undo_world.h"

namespace tandem {
namespace {

using enum CopyReason;

TEST_F(UndoTest, PutsBackEveryTypeExactly) {
  copied();
  const std::string before = content(secondary_), numbers_before = sequences();
  edit_everything();
  const CopyOutcome outcome = copied();
  EXPECT_EQ(outcome.not_kept, "");
  EXPECT_GE(outcome.changed.size(), 9U);
  // One that was replaced without having been hashed first.
  EXPECT_EQ(secondary_.psql("select name, whole from tandem_undo.changed where before = ''"),
            "endpoint_sip_section_option|t");
  ASSERT_NE(content(secondary_), before);
  ASSERT_NE(sequences(), numbers_before);

  const UndoOutcome undone = undo();
  EXPECT_FALSE(undone.failure) << describe(undone);
  EXPECT_EQ(content(secondary_), before);
  EXPECT_EQ(sequences(), numbers_before);
  EXPECT_EQ(undone.changed.size(), outcome.changed.size());
  EXPECT_EQ(secondary_.psql("select length, char_length(hours) from schedule_time where id = 3"),
            "2|2");
}

// What the vendor's own installation had left there is the first generation.
TEST_F(UndoTest, PutsBackWhatWasThereBeforeTheFirstCopy) {
  const std::string before = content(secondary_);
  copied();
  expect_undone();
  EXPECT_EQ(content(secondary_), before);
  EXPECT_EQ(secondary_.psql("select uuid from infos"), "own");
  EXPECT_EQ(secondary_.psql("select count(*) from tandem.copy"), "0");
}

TEST_F(UndoTest, GoesBackOneCopyAtATime) {
  std::vector<std::string> contents{content(secondary_)};
  copied();
  for (int i = 0; i < 3; ++i) {
    contents.push_back(content(secondary_));
    primary_.psql("update moh set label = 'g" + std::to_string(i) +
                  "'; delete from dialaction where categoryval = '" + std::to_string(i + 1) +
                  "'; insert into pickup_note values ('n', " + std::to_string(i) + ")");
    copied();
    EXPECT_EQ(copied().changed, std::vector<TableCopied>{});  // keeps nothing
  }
  EXPECT_EQ(numbers(), "1 2 3 4");
  for (; !contents.empty(); contents.pop_back()) {
    expect_undone();
    EXPECT_EQ(content(secondary_), contents.back());
  }
  expect_not_undone(nothing_kept);
}

TEST_F(UndoTest, HoldsFurtherCopiesUntilOneIsOrdered) {
  copied();
  const std::string proven = secondary_.psql("select hash, proven_at from tandem.copy");
  primary_.psql("update moh set label = 'wrong'");
  copied();
  expect_undone();
  EXPECT_EQ(secondary_.psql("select hash, proven_at from tandem.copy"), proven);
  // Each copy is an object of its own, as after a start of the operator.
  expect_refused(undone);
  EXPECT_NE(describe(copy()).find("by root on pbx-a, because: a test"), std::string::npos);
  order_.since = CopyMemory();
  expect_refused(undone);
  order_.since.reset();
  order_.force = "force alone is no order to go on";
  expect_refused(undone);
  order_.force.reset();
  order_.ordered = true;
  copied();
  order_.ordered = false;
  EXPECT_EQ(secondary_.psql("select label from moh limit 1"), "wrong");
  copied();
  // The way back is kept as well.
  expect_undone();
  EXPECT_EQ(secondary_.psql("select count(label) from moh"), "0");
}

TEST_F(UndoTest, RefusesWhereSomethingWasChangedSince) {
  copied();
  primary_.psql("update moh set label = 'wrong'; delete from dialaction where categoryval = '3'");
  copied();
  secondary_.psql("update dialaction set actionarg1 = 'by hand' where categoryval = '4'");
  EXPECT_EQ(expect_not_undone(changed_since).detail, "table dialaction");
  secondary_.psql("update dialaction set actionarg1 = '4' where categoryval = '4'");
  expect_undone();
}

// Another version of the vendor's, in between. What is kept stands in nobody's way.
TEST_F(UndoTest, RefusesOverAnotherSchemaAndNamesIt) {
  copied();
  primary_.psql("update userfeatures set bsfilter = 'no', firstname = 'x'");
  copied();
  for (auto* cluster : {&primary_, &secondary_})
    cluster->psql(
        "set role asterisk; create type other as enum ('no', 'boss', 'secretary', 'more'); alter "
        "table userfeatures alter bsfilter drop default, alter bsfilter type other using "
        "bsfilter::text::other; drop type generic_bsfilter; alter table userfeatures add novel "
        "text");
  const std::string detail = expect_not_undone(kept_differs).detail;
  EXPECT_NE(detail.find("userfeatures.bsfilter public.generic_bsfilter not null was there"),
            std::string::npos)
      << detail;
  EXPECT_NE(detail.find("userfeatures.novel text is new"), std::string::npos) << detail;
}

TEST_F(UndoTest, RefusesWhereTheSecondaryServesOrIsHeldOrFollowsAnother) {
  copied();
  primary_.psql("update moh set label = 'wrong'");
  copied();
  direction_.standing_by = false;
  direction_.state = "Active";
  write_row();
  expect_not_undone(secondary_serves);
  direction_.state = "Standby, suspended until tomorrow";
  write_row();
  expect_not_undone(secondary_held);
  direction_.standing_by = true;
  direction_.state = "Standby";
  direction_.accepted_primary = "pbx-z";
  write_row();
  expect_not_undone(other_primary);
  direction_.accepted_primary = "pbx-a";
  write_row();
  secondary_.psql("update tandem.direction set written_at = now() - interval '11 min'");
  expect_not_undone(direction_stale);
}

// The journal of a takeover tells the secondary's own rows by the transactions that wrote them.
TEST_F(UndoTest, WaitsUntilWhatATakeoverLeftIsKept) {
  copied();
  primary_.psql("update moh set label = 'wrong'");
  copied();
  EXPECT_EQ(secondary_.psql("select count(*) from tandem.copied"), "1");
  secondary_.psql(
      "insert into tandem.activation (transaction, since, recorded_late, node, epoch) values "
      "(txid_current(), now(), false, 'pbx-b', 1)");
  const CopyFailure failure = expect_not_undone(changed_since);
  EXPECT_NE(failure.detail.find("it has served since"), std::string::npos) << failure.detail;
  copied();
  expect_undone();
  EXPECT_EQ(secondary_.psql("select count(*) from tandem.copied"), "0");
}

TEST_F(UndoTest, YieldsToASecondaryThatBeginsToServe) {
  copied();
  primary_.psql("update moh set label = 'wrong'");
  copied();
  bool served = false;
  sink_ = [&](const CopyProgress& progress) {
    if (served || progress.phase != CopyProgress::Phase::proving) return;
    served = true;
    direction_.standing_by = false;
    direction_.state = "Activating";
    const auto written =
        tandem::run(io_, end_copies_and_write(sql_, target(secondary_.dsn("tandem")), direction_));
    EXPECT_TRUE(written.ok()) << written.error().message;
  };
  const std::string before = content(secondary_);
  const UndoOutcome outcome = undo();
  EXPECT_TRUE(served);
  EXPECT_TRUE(outcome.failure) << describe(outcome);
  EXPECT_EQ(content(secondary_), before);
}

TEST_F(UndoTest, IsCancelledWithoutATrace) {
  copied();
  primary_.psql("update moh set label = 'wrong'");
  copied();
  sink_ = [&](const CopyProgress& progress) {
    if (progress.phase == CopyProgress::Phase::proving) stop_.request_stop();
  };
  expect_not_undone(cancelled);
}

TEST_F(UndoTest, WaitsForTheCopyThatIsUnderWay) {
  copied();
  primary_.psql("update moh set label = 'wrong'");
  copied();
  auto other = databases_.open(order_.secondary, {});
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(other.value()->ask("select pg_advisory_lock(127961812723053)").ok());
  std::jthread ends([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{400});
    other.value().reset();
  });
  expect_undone();
}

// As one of another generation would: its rows were never the primary's.
TEST_F(UndoTest, TakesAwayWhatRefersToRowsThatGo) {
  copied();
  primary_.psql("insert into auth_tenant values ('t9', 'new', 'new')");
  copied();
  secondary_.psql("insert into auth_session values ('s9', false, 't9'), ('s1', false, 't1')");
  const UndoOutcome outcome = undo();
  EXPECT_FALSE(outcome.failure) << describe(outcome);
  EXPECT_EQ(outcome.orphans.at("auth_session"), 1U);
  EXPECT_EQ(secondary_.psql("select uuid from auth_session"), "s1");
}

TEST_F(UndoTest, KeepsFiveGenerationsAndSoMuchInAll) {
  copied();
  for (int i = 0; i < 6; ++i) {
    primary_.psql("update moh set label = 'g" + std::to_string(i) + "'");
    copied();
  }
  EXPECT_EQ(numbers(), "3 4 5 6 7");
  EXPECT_EQ(secondary_.psql("select count(distinct generation) from tandem_undo.kept"), "5");
  secondary_.psql("update tandem_undo.generation set bytes = 200 * 1024 * 1024 where number < 7");
  primary_.psql("update moh set label = 'last'");
  copied();
  EXPECT_EQ(numbers(), "6 7 8");
  EXPECT_EQ(secondary_.psql("select distinct generation from tandem_undo.changed order by 1"),
            "6\n7\n8");
}

// What a scheduled run does not keep takes the generations before it along: they fit no more.
TEST_F(UndoTest, KeepsALargeRunOnlyWhereSomebodyMayNeedIt) {
  primary_.psql(
      "insert into pickup_note select 'row ' || i, i from generate_series(1, 110000) i; analyze");
  EXPECT_EQ(copy().not_kept, "");
  primary_.psql("update moh set label = 'small'");
  EXPECT_EQ(copy().not_kept, "");
  primary_.psql("update pickup_note set amount = amount + 1");
  EXPECT_NE(copy().not_kept, "");
  EXPECT_EQ(numbers(), "");
  EXPECT_EQ(undo().failure.value_or(CopyFailure()).reason, nothing_kept);

  const auto notes = [&] {
    return secondary_.psql(
        "select count(*), md5(string_agg(n::text, '' order by n::text)) from "
        "pickup_note n");
  };
  const std::string before = notes();
  primary_.psql("delete from pickup_note");
  order_.force = "a branch was closed";
  EXPECT_EQ(copy().not_kept, "");
  order_.force.reset();
  EXPECT_EQ(secondary_.psql("select cause, rows from tandem_undo.generation"),
            "forced: a branch was closed|110003");
  expect_undone();
  EXPECT_EQ(notes(), before);

  // A takeover.
  direction_.epoch = 7;
  write_row();
  order_.ordered = true;
  EXPECT_EQ(copy().not_kept, "");
  EXPECT_EQ(secondary_.psql("select cause, rows from tandem_undo.generation"),
            "the first after a takeover|110003");
}

TEST_F(UndoTest, NeedsRoomForWhatAForcedCopyTakesAway) {
  primary_.psql(
      "insert into pickup_note select 'row ' || i, i from generate_series(1, 50000) i; "
      "analyze");
  copied();
  // Enough for the new rows, and not for the old ones beside them.
  const auto size = std::stoll(primary_.psql("select pg_total_relation_size('pickup_note')"));
  direction_.disk_free_bytes = (256LL << 20U) + 3 * size;
  write_row();
  primary_.psql("update pickup_note set amount = amount + 1; vacuum full pickup_note");
  order_.force = "no matter what";
  expect_refused(secondary_disk_full);
  order_.force.reset();
  EXPECT_NE(copied().not_kept, "");
}

TEST_F(UndoTest, ListsWhatIsKept) {
  const auto none = tandem::run(io_, read_generations(sql_, target(secondary_.dsn("tandem"))));
  ASSERT_TRUE(none.ok()) << none.error().message;
  EXPECT_EQ(none.value(), KeptGenerations());
  copied();
  primary_.psql("update moh set label = 'wrong'; delete from dialaction where categoryval = '3'");
  copied();
  auto kept = tandem::run(io_, read_generations(sql_, target(secondary_.dsn("tandem"))));
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  ASSERT_EQ(kept.value().generations.size(), 2U);
  const KeptGeneration& newest = kept.value().generations[0];
  EXPECT_EQ(newest.number, 2);
  EXPECT_EQ(newest.cause, "by schedule");
  EXPECT_EQ(newest.names, (std::vector<std::string>{"dialaction", "moh"}));
  EXPECT_EQ(newest.rows, 6U);
  EXPECT_GT(newest.bytes, 100U);
  EXPECT_EQ(newest.taken_at.size(), 20U);
  EXPECT_EQ(kept.value().generations[1].cause, "the first that was kept");
  EXPECT_FALSE(kept.value().hold);
  expect_undone();
  kept = tandem::run(io_, read_generations(sql_, target(secondary_.dsn("tandem"))));
  ASSERT_TRUE(kept.ok() && kept.value().hold);
  EXPECT_EQ(kept.value().generations.size(), 1U);
  EXPECT_EQ(kept.value().hold->number, 2);
  EXPECT_EQ(kept.value().hold->by, "root on pbx-a");
  EXPECT_EQ(kept.value().hold->reason, "a test");
}

// The table that refers to it is none of the generation's: a hand, or a stream, has written there.
TEST_F(UndoTest, LeavesNoReferenceThatLeadsNowhere) {
  copied();
  primary_.psql("insert into userfeatures (id, uuid, tenant_uuid) values (7001, 'new', 't1')");
  copied();
  secondary_.psql("insert into user_line values (7001, 5)");
  const CopyFailure failure = expect_not_undone(changed_since);
  EXPECT_NE(failure.detail.find("user_line"), std::string::npos) << failure.detail;
  secondary_.psql("delete from user_line where user_id = 7001");
  expect_undone();
}

TEST_F(UndoTest, WritesNothingBesideAStreamThatComesIn) {
  copied();
  primary_.psql("update moh set label = 'x'");
  copied();
  const std::string make =
      "create subscription tandem connection 'host=127.0.0.1 port=1' publication tandem with "
      "(connect = false, slot_name = none, enabled = false); begin; alter role tandem superuser; "
      "alter subscription tandem owner to tandem; alter role tandem nosuperuser; commit";
  secondary_.psql(make);
  secondary_.psql("alter subscription tandem set (slot_name = 'tandem_x')");
  secondary_.psql("alter subscription tandem enable");
  const CopyFailure failure = expect_not_undone(changed_since);
  EXPECT_NE(failure.detail.find("stream"), std::string::npos) << failure.detail;
  secondary_.psql("alter subscription tandem disable");
  secondary_.psql("alter subscription tandem set (slot_name = none)");
  expect_undone();
  secondary_.psql("drop subscription tandem");
}

}  // namespace
}  // namespace tandem

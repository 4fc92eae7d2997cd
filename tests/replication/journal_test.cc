// What a secondary's users left in its database while it served is kept before a copy overwrites
// it: on two real servers.
#include <random>

#include "tests/replication/doomed_databases.h"
#include "tests/replication/takeover_world.h"

namespace tandem {
namespace {

class JournalTest : public TakeoverTest {};

TEST_F(JournalTest, KeepsWhatWasChangedAddedAndDeletedBeforeItIsOverwritten) {
  take_over();
  secondary_.psql(
      "update userfeatures set enablednd = 1 where id = 7; "
      "insert into extensions (context, exten) values ('default', '5555'); "
      "delete from queuefeatures where id = 2");
  primary_.psql("update userfeatures set firstname = 'the primary''s own' where id = 8");
  fail_back();
  const CopyOutcome outcome = copy();
  ASSERT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(outcome.journalled, 3U);
  EXPECT_EQ(content(primary_), content(secondary_));
  EXPECT_EQ(journal(),
            "added extensions {301}\nabsent queuefeatures {2}\nchanged userfeatures {7}");
  EXPECT_EQ(journalled("secondary_row->>'enablednd', primary_row->>'enablednd', primary_moved",
                       "kind = 'changed'"),
            "1|0|f");
  EXPECT_EQ(journalled("primary_row->>'name', secondary_row is null", "kind = 'absent'"),
            "COPY queue 2|t");
  EXPECT_EQ(secondary_.psql("select journalled_rows, epoch, recorded_late from tandem.activation"),
            "3|7|f");
}

TEST_F(JournalTest, JournalsATakeoverOnceAndKeepsItOverLaterCopies) {
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  fail_back();
  EXPECT_EQ(copy().journalled, 1U);
  primary_.psql("update userfeatures set enablednd = 0, firstname = 'x' where id = 7");
  const CopyOutcome again = copy();
  EXPECT_FALSE(again.journalled) << "the rows of the copy itself are newer, and nobody's";
  EXPECT_EQ(again.verdict, CopyOutcome::Verdict::equal);
  EXPECT_EQ(journal(), "changed userfeatures {7}");
}

TEST_F(JournalTest, ASecondTakeoverHasItsOwnRows) {
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  fail_back();
  ASSERT_TRUE(copy().succeeded());
  take_over();
  secondary_.psql("update userfeatures set destunc = '0123' where id = 9");
  fail_back();
  ASSERT_TRUE(copy().succeeded());
  EXPECT_EQ(secondary_.psql("select activation, key from tandem.journal order by id"),
            "1|{7}\n2|{9}");
}

TEST_F(JournalTest, AYieldThatIsRepeatedMakesNoSecondRow) {
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  note();
  note(quiet());
  EXPECT_EQ(secondary_.psql("select count(*) from tandem.activation"), "1");
  // A takeover before the first one's rows were kept: both are that one's.
  fail_back();
  take_over();
  EXPECT_EQ(secondary_.psql("select count(*) from tandem.activation"), "1");
  fail_back();
  ASSERT_TRUE(copy().succeeded());
  EXPECT_EQ(journal(), "changed userfeatures {7}");
}

// The database did not answer when the node began to serve.
TEST_F(JournalTest, ALateRecordReachesBackToTheLastQuietMoment) {
  write_row();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  const LastQuiet last = quiet();
  EXPECT_FALSE(last.transaction.empty());
  take_over(last);
  secondary_.psql("update userfeatures set enablednd = 1 where id = 8");
  EXPECT_EQ(secondary_.psql("select recorded_late, since < clock_timestamp() - interval '1 ms' "
                            "from tandem.activation"),
            "t|t");
  fail_back();
  ASSERT_TRUE(copy().succeeded());
  EXPECT_EQ(journal(), "changed userfeatures {7}\nchanged userfeatures {8}");
}

TEST_F(JournalTest, WhatIsLateAndShutAlreadyCountsFromTheLastProvenCopy) {
  direction_.standing_by = false;
  write_row();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  take_over(quiet());
  fail_back();
  ASSERT_TRUE(copy().succeeded());
  EXPECT_EQ(journal(), "changed userfeatures {7}");
}

TEST_F(JournalTest, WhatThePrimaryHasToTheLetterIsNoLoss) {
  take_over();
  secondary_.psql("update userfeatures set enablednd = 0; update moh set label = label");
  fail_back();
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.journalled, 0U);
  EXPECT_EQ(journal(), "");
  EXPECT_EQ(open_activations(), "0");
}

TEST_F(JournalTest, TellsWhatThePrimaryChangedSinceTheLastCopy) {
  primary_.psql("update userfeatures set firstname = 'copied' where id = 6");
  order_.since = copy().memory;
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id in (6, 7)");
  primary_.psql("update userfeatures set enablednd = 1, destunc = '9' where id = 7");
  fail_back();
  ASSERT_TRUE(copy().succeeded());
  EXPECT_EQ(secondary_.psql("select key, primary_moved from tandem.journal order by key"),
            "{6}|f\n{7}|t");
}

// Every type as it was, and tables of which a whole is replaced or no row has a name.
TEST_F(JournalTest, KeepsEveryValueExactly) {
  take_over();
  secondary_.psql(
      "update moh set picture = '\\x00ff275c', document = '{\"a\":  [\"\\u0000\", \"ü\\\"\"]}', "
      "page = "
      "'<b>&amp;</b>'; "
      "update voicemail set options = array[null, 'null', '', E'\\\\\"'], deliver = '1 mon -2 "
      "days', "
      "quota = -9223372036854775808; "
      "update queuefeatures set ratio = 1 / 3.0::float8, displayname = E'two\\nlines\\t\\\\' where "
      "id = 1; "
      "insert into pickup_note values ('same', 1), (null, 2); "
      "update endpoint_sip_section_option set value = repeat('x', 1000); analyze");
  const std::string before = secondary_.psql(
      "set timezone = 'UTC'; set intervalstyle = 'postgres'; select md5(string_agg(r, e'\\n' order "
      "by r collate \"C\")) from (select row(document, label, name, page, picture, uuid)::text r "
      "from moh union all select row(context, deliver, id, mailbox, opens, options, password, "
      "quota)::text from voicemail) all_rows");
  fail_back();
  const CopyOutcome outcome = copy();
  ASSERT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(outcome.journalled, 3'000U + 5 + 40 + 1 + 2);
  EXPECT_EQ(secondary_.psql("select md5(string_agg(secondary_text, e'\\n' order by secondary_text "
                            "collate \"C\")) from tandem.journal where table_name in ('moh', "
                            "'voicemail')"),
            before);
  EXPECT_EQ(journalled("secondary_row->>'displayname' = E'two\\nlines\\t\\\\', "
                       "(secondary_row->>'ratio')::float8 = 1 / 3.0::float8",
                       "table_name = 'queuefeatures'"),
            "t|t");
  EXPECT_EQ(journalled("count(*), min(kind)", "table_name = 'pickup_note'"), "2|added");
}

TEST_F(JournalTest, ARunByTheCountersLooksAtAllOnceATakeoverIsOver) {
  order_.since = copy().memory;
  ASSERT_TRUE(order_.since);
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  fail_back();
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(outcome.journalled, 1U);
}

TEST_F(JournalTest, LeavesOutWhatIsNotOverwrittenAnyway) {
  take_over();
  secondary_.psql("insert into cel (eventtype) values ('OWN')");
  fail_back();
  EXPECT_EQ(copy().journalled, 0U);
}

TEST_F(JournalTest, MoreThanTheLimitIsOverwrittenOnlyWhenAPersonGaveItUp) {
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id <= 20");
  fail_back();
  order_.journal.rows = 19;
  expect_refused(CopyReason::not_journalled);
  order_.journal = {};
  order_.journal.bytes = 1'000;
  expect_refused(CopyReason::not_journalled);
  EXPECT_EQ(journal(), "");
  EXPECT_EQ(open_activations(), "1");
  secondary_.psql("update tandem.activation set ended_at = now(), ended_how = 'discarded'");
  expect_copied();
  EXPECT_EQ(journal(), "");
}

// As the server says it.
TEST_F(JournalTest, WhereTheDiskIsFullNothingIsOverwritten) {
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  fail_back();
  secondary_.psql(
      "create function tandem.full_disk() returns trigger language plpgsql as $$ begin raise "
      "exception using errcode = '53100', message = 'No space left on device'; end $$; create "
      "trigger full_disk before insert on tandem.journal for each statement execute function "
      "tandem.full_disk()");
  expect_refused(CopyReason::not_journalled);
  EXPECT_EQ(open_activations(), "1");
  secondary_.psql("drop trigger full_disk on tandem.journal");
  EXPECT_EQ(copy().journalled, 1U);
  EXPECT_EQ(content(primary_), content(secondary_));
}

TEST_F(JournalTest, KeepsTheLastTakeoversOnly) {
  secondary_.psql(
      "insert into tandem.activation (transaction, since, recorded_late, node, epoch, "
      "journalled_at) select 1, now(), false, 'pbx-b', i, now() from generate_series(1, 12) i; "
      "insert into tandem.journal (activation, table_name, kind, key) select i, 'moh', 'added', "
      "'{1}' from generate_series(1, 12) i");
  take_over();
  secondary_.psql("update userfeatures set enablednd = 1 where id = 7");
  fail_back();
  ASSERT_EQ(copy().journalled, 1U);
  EXPECT_EQ(secondary_.psql("select min(id), count(*) from tandem.activation"), "4|10");
  EXPECT_EQ(secondary_.psql("select min(activation), count(*) from tandem.journal"), "4|10");
}

// Nothing that the secondary's users left goes away before all of it is in the journal.
TEST_F(JournalTest, ACutAtAnyCallLeavesTheRowsOrTheWholeJournal) {
  std::mt19937 dice(std::random_device{}());
  int cuts = 0;
  for (int at = 0; !HasFailure(); at += 1 + static_cast<int>(dice() % 8)) {
    SCOPED_TRACE("cut at call " + std::to_string(at));
    secondary_.psql("truncate tandem.journal, tandem.activation, tandem.carried");
    take_over();
    secondary_.psql(
        "update userfeatures set enablednd = 1 - enablednd, destrna = 'r' where id % 100 = 0; "
        "insert "
        "into extensions (context, exten) values ('default', '5555'); delete from moh where name = "
        "'m' and uuid = md5('1')::uuid");
    fail_back();
    const std::string served = content(secondary_);
    Guillotine blade{at};
    DoomedDatabases doomed(databases_, blade);
    const CopyOutcome outcome = DatabaseCopy(doomed, clock_).run(order_, {}, {});
    const std::string kept = secondary_.psql("select count(*) from tandem.journal");
    EXPECT_TRUE(kept == "0" || kept == "5") << kept << " rows: a part";
    EXPECT_EQ(open_activations(), kept == "0" ? "1" : "0");
    if (kept == "0") {
      EXPECT_EQ(content(secondary_), served) << "overwritten, and not kept";
    }
    expect_copied();
    EXPECT_EQ(secondary_.psql("select count(*) from tandem.journal"), "5");
    if (!blade.fell) break;
    ++cuts;
  }
  EXPECT_GT(cuts, 10);
}

// Of any edits: what was written while it served, and is not so on the primary, is kept whole.
TEST_F(JournalTest, MissesNothingWhateverIsEdited) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  const std::string rows_of_all =
      "select 'userfeatures' as n, row_to_json(t)::text as r from userfeatures t union all select "
      "'dialaction', row_to_json(t)::text from dialaction t union all select 'queuefeatures', "
      "row_to_json(t)::text from queuefeatures t";
  order_.force = "the edits may take many users away";
  for (int round = 0; round < 4 && !HasFailure(); ++round) {
    secondary_.psql("drop table if exists tandem.before; create table tandem.before as " +
                    rows_of_all);
    take_over();
    for (auto left = 1 + dice() % 25; left > 0; --left) {
      const std::string n = std::to_string(1 + dice() % 310), m = std::to_string(dice() % 3);
      const std::string edits[] = {
          "update userfeatures set destbusy = '" + m + "' where id = " + n,
          "delete from dialaction where categoryval = '" + n + "'",
          "insert into dialaction values ('busy', 'user', '" + n +
              "', 'none') on conflict do nothing",
          "begin; savepoint s; update userfeatures set enablednd = 1 - enablednd where id % 50 = " +
              m + "; release s; commit",
          "update queuefeatures set displayname = '" + n + "'",
      };
      for (auto* cluster : {&primary_, &secondary_})
        if (cluster == &secondary_ || dice() % 4 == 0)
          cluster->psql("set session_replication_role = replica; " + edits[dice() % 5]);
    }
    secondary_.psql("drop table if exists tandem.after; create table tandem.after as " +
                    rows_of_all);
    fail_back();
    const std::string id = secondary_.psql("select max(id) from tandem.activation");
    // What only the primary has to tell, as a table of the secondary's.
    const std::string others = primary_.psql(
        "select coalesce(json_agg(json_build_array(n, r)), '[]') from (" + rows_of_all + ") s");
    secondary_.psql(
        "drop table if exists tandem.others; create table tandem.others as select v->>0 as n, "
        "v->>1 as r from json_array_elements($tandem$" +
        others + "$tandem$::json) v");
    const CopyOutcome outcome = copy();
    ASSERT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
    const std::string own =
        "(select n, r from tandem.after except select n, r from tandem.before "
        "except select n, r from tandem.others)";
    EXPECT_EQ(secondary_.psql("select n, r from (" + own +
                              " except select table_name, "
                              "secondary_row::text from tandem.journal where activation = " +
                              id + ") s"),
              "")
        << "lost";
  }
  secondary_.psql("drop table tandem.before, tandem.after, tandem.others");
}

// The SQL and the function it stands for, by a real server's arithmetic.
TEST_F(JournalTest, TheServerComparesNumbersAsWeDo) {
  constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32U;
  std::string questions, answers;
  for (const std::uint64_t next :
       {std::uint64_t{1'000}, kEpoch + 2, 5 * kEpoch - 1, (kEpoch << 30U) + 77})
    for (const std::uint64_t back : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{50},
                                     std::uint64_t{999}, kEpoch / 2 + 5})
      for (const std::uint32_t row :
           {0U, 2U, 3U, 50U, 999U, 1'000U, 0x7fffffffU, 0x80000005U, 0xfffffffeU, 0xffffffffU}) {
        if (back > next) continue;
        questions += (questions.empty() ? "select " : " || ',' || ") +
                     may_be_since_sql(std::to_string(row) + "::bigint", next - back,
                                      std::to_string(next) + "::bigint");
        answers += (answers.empty() ? "" : ",");
        answers += may_be_since(row, next - back, next) ? "true" : "false";
      }
  EXPECT_EQ(secondary_.psql(questions), answers);
}

}  // namespace
}  // namespace tandem

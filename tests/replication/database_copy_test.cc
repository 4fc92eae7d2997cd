// The copy against two real servers: what it copies, what it leaves, what it says.
#include "tests/replication/copy_world.h"

namespace tandem {
namespace {

TEST_F(CopyTest, MakesAnEmptySecondaryEqualAndProvesIt) {
  const CopyOutcome outcome = copy();
  ASSERT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(content(primary_), content(secondary_));
  EXPECT_EQ(outcome.tables_equal, 24U);
  EXPECT_EQ(outcome.hash.size(), 64U);
  EXPECT_GT(outcome.bytes, 10'000U);
  EXPECT_EQ(describe(outcome).substr(0, 27), "24 tables equal, hash " + outcome.hash.substr(0, 5));
}

TEST_F(CopyTest, HasNothingToDoTheSecondTime) {
  const std::string hash = copy().hash;
  const CopyOutcome again = copy();
  EXPECT_EQ(again.verdict, CopyOutcome::Verdict::equal) << describe(again);
  EXPECT_EQ(again.changed, std::vector<TableCopied>{});
  EXPECT_EQ(again.sequences_set, 0U);
  EXPECT_EQ(again.hash, hash);
}

TEST_F(CopyTest, MovesOnlyTheRowsThatDiffer) {
  expect_copied();
  primary_.psql(
      "update userfeatures set firstname = 'Anna' where id = 17; "
      "delete from dialaction where categoryval = '5'");
  secondary_.psql("delete from queuefeatures where id = 2");
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  const std::vector<TableCopied> expected{
      {"dialaction", 1, 0, false}, {"queuefeatures", 0, 1, false}, {"userfeatures", 1, 1, false}};
  EXPECT_EQ(outcome.changed, expected);
  EXPECT_EQ(content(primary_), content(secondary_));
}

// Deletes come first, or the value would be there twice for a moment.
TEST_F(CopyTest, LetsUniqueValuesChangePlaces) {
  expect_copied();
  primary_.psql(
      "update userfeatures set email = null where id = 1; "
      "update userfeatures set email = 'u1@example.org' where id = 2; "
      "update userfeatures set email = 'u2@example.org' where id = 1");
  expect_copied();
}

TEST_F(CopyTest, ReplacesATableOfWhichAllHasChanged) {
  expect_copied();
  primary_.psql("update endpoint_sip_section_option set value = value || 'x'; analyze");
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(outcome.changed,
            (std::vector<TableCopied>{{"endpoint_sip_section_option", 3000, 3000, true}}));
  EXPECT_EQ(content(primary_), content(secondary_));
}

// Its first and last rows have changed, and no other: it is taken for one of which all has.
TEST_F(CopyTest, IsRightAlsoWhereTheFirstRowsMislead) {
  expect_copied();
  primary_.psql(
      "analyze; with t as (select uuid, row_number() over (order by uuid) n from "
      "endpoint_sip_section_option) update endpoint_sip_section_option o set value = 'x' from t "
      "where t.uuid = o.uuid and (t.n <= 16 or t.n > 2984)");
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(outcome.changed,
            (std::vector<TableCopied>{{"endpoint_sip_section_option", 3000, 3000, true}}));
  EXPECT_EQ(content(primary_), content(secondary_));
  const CopyOutcome again = copy();
  EXPECT_EQ(again.hash, outcome.hash) << "the proof of a table that was hashed late is another one";
}

// A tenth has changed, at one end: only that travels.
TEST_F(CopyTest, MovesTheRowsOfATableOfWhichSomeHaveChanged) {
  expect_copied();
  primary_.psql(
      "analyze; with t as (select uuid, row_number() over (order by uuid) n from "
      "endpoint_sip_section_option) update endpoint_sip_section_option o set value = 'x' from t "
      "where t.uuid = o.uuid and t.n <= 300");
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.changed,
            (std::vector<TableCopied>{{"endpoint_sip_section_option", 300, 300, false}}));
  EXPECT_EQ(content(primary_), content(secondary_));
}

// Found by an opponent: pg_sequences does not tell where a sequence stands that was not called yet.
TEST_F(CopyTest, CarriesASequenceThatWasSetAndNotCalledYet) {
  expect_copied();
  primary_.psql("select setval('loose_numbers', 501, false)");
  secondary_.psql("select setval('loose_numbers', 500, true)");
  expect_copied();
  EXPECT_EQ(secondary_.psql("select nextval('loose_numbers')"),
            primary_.psql("select nextval('loose_numbers')"));
}

// What PostgreSQL takes for equal, or hashes alike, and what is told by no single row.
TEST_F(CopyTest, SeesDifferencesThatCompareEqual) {
  const std::string table =
      "create collation if not exists soft (provider = icu, locale = 'und-u-ks-level2', "
      "deterministic = false); create type mood as enum ('sad', 'glad'); "
      "create table exactness (id int primary key, amount numeric, factor float8, span interval, "
      "code char(6), word varchar(20) collate soft, mood mood, flag bool, note text, mark text); "
      "alter table exactness owner to asterisk; insert into exactness values "
      "(1, 1.0, 0, '1 day', 'ab', 'Word', 'sad', true, '', null), "
      "(2, 2.5, 1, '2 days', 'cd', 'other', 'glad', null, 'x', 'y')";
  primary_.psql(table);
  // Its enum has other numbers there.
  secondary_.psql("create type other as enum ('glad', 'sad'); " + table);
  expect_copied();
  const std::vector<std::string> edits{
      "amount = 1.00 where id = 1", "factor = '-0' where id = 1", "span = '24 hours' where id = 1",
      "word = 'WORD' where id = 1", "note = null, mark = '' where id = 1",
      "flag = false where id = 2", "mood = 'glad' where id = 1",
      // Rows exchange one column's values: the columns as such hold what they held.
      "note = case id when 1 then 'x' else '' end, mark = null",
      "note = case id when 1 then '' else 'x' end"};
  for (const std::string& edit : edits) {
    primary_.psql("update exactness set " + edit);
    const CopyOutcome outcome = copy();
    EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
    EXPECT_EQ(outcome.changed.size(), 1U) << edit << ": not seen";
    EXPECT_EQ(content(primary_), content(secondary_)) << edit;
  }
}

// Its rows are its own: those of a table that inherits from it are copied with that one.
TEST_F(CopyTest, CopiesTablesThatInherit) {
  for (auto* cluster : {&primary_, &secondary_})
    cluster->psql(
        "create table parent_rows (id int primary key, word text); create table child_rows "
        "(primary key (id)) inherits (parent_rows); alter table parent_rows owner to asterisk; "
        "alter table child_rows owner to asterisk");
  primary_.psql("insert into parent_rows values (1, 'a'); insert into child_rows values (1, 'b')");
  expect_copied();
  EXPECT_EQ(secondary_.psql("select word from only parent_rows"), "a");
  EXPECT_EQ(secondary_.psql("select word from child_rows"), "b");
  primary_.psql("update child_rows set word = 'c'");
  expect_copied();
  EXPECT_EQ(secondary_.psql("select word from child_rows"), "c");
}

TEST_F(CopyTest, CarriesSequencesUpAndDown) {
  expect_copied();
  EXPECT_EQ(secondary_.psql("select last_value from loose_numbers"), "77");
  EXPECT_EQ(secondary_.psql("select last_value from userfeatures_id_seq"), "300");
  primary_.psql("select setval('loose_numbers', 5); select nextval('userfeatures_id_seq')");
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.sequences_set, 2U);
  EXPECT_EQ(secondary_.psql("select last_value from loose_numbers"), "5");
  EXPECT_EQ(secondary_.psql("select nextval('userfeatures_id_seq')"), "302");
}

TEST_F(CopyTest, LeavesWhatBelongsToTheSecondary) {
  secondary_.psql("insert into cel (eventtype) values ('OWN'); select nextval('queue_log_id_seq')");
  expect_copied();
  EXPECT_EQ(secondary_.psql("select eventtype from cel"), "OWN");
  EXPECT_EQ(secondary_.psql("select last_value from cel_id_seq"), "1");
  EXPECT_EQ(secondary_.psql("select version_num from alembic_version"), "1e0f");
}

TEST_F(CopyTest, KeepsTheSecondarysTokensThatStillMeanSomething) {
  expect_copied();
  secondary_.psql(
      "insert into auth_refresh_token values ('gone', 'u1'); "
      "insert into auth_session values ('s1', false, 't1'), ('s3', false, 't3'); "
      "insert into auth_token (uuid, auth_id, session_uuid, refresh_token_uuid) values "
      "('k1', 'a', 's1', 'gone'), ('k3', 'a', 's3', null)");
  primary_.psql(
      "set session_replication_role = replica; delete from auth_tenant where uuid = 't3'");
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(secondary_.psql("select uuid, refresh_token_uuid is null from auth_token"), "k1|t");
  EXPECT_EQ(secondary_.psql("select uuid from auth_session"), "s1");
  EXPECT_EQ(outcome.orphans.at("auth_session"), 1U);
}

TEST_F(CopyTest, BringsTheRowsThatCopiedRowsReferTo) {
  primary_.psql(
      "insert into call_logd_tenant values (md5('1')::uuid), (md5('2')::uuid); "
      "insert into call_logd_retention values (md5('1')::uuid, 30)");
  expect_copied();
  EXPECT_EQ(secondary_.psql("select uuid = md5('1')::uuid from call_logd_tenant"), "t");
}

TEST_F(CopyTest, TellsOfTablesThatItDoesNotKnow) {
  for (auto* cluster : {&primary_, &secondary_})
    cluster->psql("set role asterisk; create table brand_new (id int primary key)");
  primary_.psql("insert into brand_new values (1)");
  const CopyOutcome outcome = copy();
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(secondary_.psql("select id from brand_new"), "1");
  EXPECT_EQ(outcome.unknown_tables, (std::vector<std::string>{"brand_new", "pickup_note"}));
}

TEST_F(CopyTest, LeavesOutWhatTheDeclarationSays) {
  order_.exclude_tables = {"moh", "public.voicemail"};
  EXPECT_EQ(copy().tables_equal, 22U);
  EXPECT_EQ(secondary_.psql("select count(*) from moh"), "0");
}

TEST_F(CopyTest, LooksOnlyWhereTheCountersMoved) {
  const CopyOutcome first = copy();
  ASSERT_TRUE(first.memory);
  order_.since = first.memory;
  const CopyOutcome idle = copy();
  EXPECT_EQ(idle.verdict, CopyOutcome::Verdict::partial) << describe(idle);
  EXPECT_EQ(idle.tables_equal, 0U);
  EXPECT_LT(idle.bytes, 50'000U);

  primary_.psql(
      "update userfeatures set firstname = 'Eva' where id = 3; truncate pickup_note; "
      "select pg_stat_force_next_flush()");
  order_.since = idle.memory;
  const CopyOutcome moved = copy();
  EXPECT_EQ(moved.verdict, CopyOutcome::Verdict::partial) << describe(moved);
  EXPECT_EQ(moved.tables_equal, 2U);
  EXPECT_EQ(content(primary_), content(secondary_));

  order_.since = moved.memory;
  EXPECT_EQ(copy().tables_equal, 0U);
  secondary_.psql("update moh set label = 'drift'; select pg_stat_force_next_flush()");
  EXPECT_EQ(copy().changed, (std::vector<TableCopied>{{"moh", 5, 5, false}}));
}

TEST_F(CopyTest, HashesWithSeveralSessionsOfOneSnapshot) {
  order_.lanes = 3;
  expect_copied();
  EXPECT_EQ(copy().changed, std::vector<TableCopied>{});
}

TEST_F(CopyTest, ShowsItsProgress) {
  std::vector<std::string> phases;
  std::uint64_t rows = 0;
  sink_ = [&](const CopyProgress& progress) {
    const std::string phase(phase_name(progress.phase));
    if (phases.empty() || phases.back() != phase) phases.push_back(phase);
    if (progress.phase == CopyProgress::Phase::transferring) rows = progress.rows_done;
  };
  copy();
  EXPECT_EQ(phases, (std::vector<std::string>{"connecting", "comparing", "transferring", "proving",
                                              "done"}));
  EXPECT_GT(rows, 4'000U);
}

TEST_F(CopyTest, ShowsNoPasswordAndNoRow) {
  order_.secondary = target(secondary_.dsn("asterisk"));  // who must prove it
  order_.secondary.password = "wrong-password-of-ours";
  const CopyOutcome outcome = copy();
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->reason, CopyReason::not_permitted);
  EXPECT_EQ(describe(outcome).find("wrong-password"), std::string::npos);
}

}  // namespace
}  // namespace tandem

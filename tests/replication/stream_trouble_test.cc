// What keeps the stream from running, on two real servers, and what is told of it.
#include "tests/replication/stream_world.h"

namespace tandem {
namespace {

TEST_F(StreamTest, HealsAConflictAndGoesOn) {
  begin();
  if (HasFatalFailure()) return;
  secondary_.psql("insert into extensions (id, context, exten) values (90001, 'own', 'own')");
  primary_.psql("insert into extensions (id, context, exten) values (90001, 'ours', 'ours')");
  ASSERT_TRUE(
      wait_until([&] { return secondary_.psql("select subenabled from pg_subscription") == "f"; }));
  primary_.psql("insert into extensions (context, exten) values ('after', 'after')");
  const CopyOutcome healed = run(false);
  EXPECT_EQ(healed.verdict, CopyOutcome::Verdict::equal) << describe(healed);
  ASSERT_TRUE(healed.stream);
  EXPECT_FALSE(healed.stream->runs) << "it is told that there was one";
  EXPECT_EQ(healed.stream->reason, "Conflict");
  EXPECT_NE(
      healed.stream->message.find("table extensions, id = 90001: duplicate key value violates "
                                  "unique constraint \"extensions_pkey\""),
      std::string::npos)
      << healed.stream->message;
  EXPECT_EQ(content(primary_), content(secondary_));
  const CopyOutcome next = run(false);
  EXPECT_TRUE(next.stream && next.stream->runs) << describe(next);
}

// The key of the row is not the one that is in the way, it is not the first of its transaction, and
// what was made before it is none.
TEST_F(StreamTest, NamesTheRowThatStoppedItAndNoOther) {
  begin();
  if (HasFatalFailure()) return;
  secondary_.psql("update userfeatures set email = 'taken@example.org' where id = 9");
  primary_.psql(
      "insert into extensions (id, context, exten) values (90002, 'a', 'made before'); "
      "update extensions set exten = 'and changed' where id = 90002");
  primary_.psql(
      "set session_replication_role = replica; begin; delete from extensions where id = 5; insert "
      "into extensions (id, context, exten) "
      "values (5, 'it''s', E'back\\\\slash'); update userfeatures set id = 70008, email = null "
      "where id = 300; update userfeatures set email = 'taken@example.org' where id = 8; commit");
  ASSERT_TRUE(
      wait_until([&] { return secondary_.psql("select subenabled from pg_subscription") == "f"; }));
  const std::string before = content(secondary_);
  // Of an operator that has just been started.
  stream::StreamedCopy started(databases_, clock_);
  const CopyOutcome outcome = started.run(order_, stop_.get_token(), [&](const CopyProgress& at) {
    if (at.phase == CopyProgress::Phase::comparing) {
      EXPECT_EQ(content(secondary_), before) << "a look changes nothing";
    }
  });
  ASSERT_TRUE(outcome.stream) << describe(outcome);
  EXPECT_EQ(outcome.stream->reason, "Conflict");
  EXPECT_NE(outcome.stream->message.find("table userfeatures, id = 8: duplicate key"),
            std::string::npos)
      << outcome.stream->message;
  EXPECT_EQ(secondary_.log().find("it's"), std::string::npos) << "values are in no statement";
  EXPECT_EQ(content(primary_), content(secondary_));
}

TEST_F(StreamTest, CopiesBySnapshotWhereItCanNotBeHad) {
  primary_.psql("alter role tandem_stream noreplication");
  const CopyOutcome outcome = run();
  primary_.psql("alter role tandem_stream replication");
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(outcome.stream->reason, "NotReady");
  EXPECT_EQ(content(primary_), content(secondary_));
}

TEST_F(StreamTest, LeavesASubscriptionOfSomebodyElseAlone) {
  primary_.psql("create publication tandem");
  const std::string dsn = primary_.dsn("tandem_stream") + " sslmode=disable password=";
  secondary_.psql("create subscription tandem connection '" + dsn + kStreamPassword +
                  "' publication tandem with (create_slot = false, enabled = false, copy_data = "
                  "false, slot_name = 'mine')");
  const CopyOutcome outcome = run();
  EXPECT_EQ(outcome.stream->reason, "SubscriptionNotOurs");
  EXPECT_EQ(secondary_.psql("select subslotname from pg_subscription"), "mine");
}

TEST_F(StreamTest, NeitherUsesNorDropsAPublicationOfSomebodyElse) {
  begin();
  if (HasFatalFailure()) return;
  primary_.psql("drop publication tandem; create publication tandem for table extensions");
  for (const bool streams : {true, false}) {
    SCOPED_TRACE(streams);
    order_.streams = streams;
    primary_.psql("update userfeatures set firstname = firstname || '.' where id = 5");
    const CopyOutcome outcome = run();
    EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
    EXPECT_EQ(content(primary_), content(secondary_));
    if (streams) {
      EXPECT_EQ(outcome.stream->reason, "PublicationNotOurs");
    }
    EXPECT_EQ(primary_.psql("select tablename from pg_publication_tables"), "extensions");
    EXPECT_EQ(secondary_.psql("select count(*) from pg_subscription where subenabled"), "0");
  }
  primary_.psql("drop publication tandem");
}

TEST_F(StreamTest, LeavesASlotOfSomebodyElseAlone) {
  primary_.psql("select pg_create_logical_replication_slot('tandem_reports', 'pgoutput')");
  begin();
  if (HasFatalFailure()) return;
  order_.streams = false;
  EXPECT_TRUE(run().succeeded());
  EXPECT_EQ(primary_.psql("select slot_name from pg_replication_slots"), "tandem_reports");
}

// As a transaction that stays open on the primary does too: content must not age for it.
TEST_F(StreamTest, CopiesBySnapshotWhileItIsGivenNoBeginning) {
  begin();
  if (HasFatalFailure()) return;
  primary_.psql(
      "select pg_create_physical_replication_slot('other_' || i) from generate_series(2, "
      "current_setting('max_replication_slots')::int) i");
  primary_.psql("update userfeatures set firstname = 'meanwhile' where id = 5");
  for (const bool prove : {true, false}) {
    primary_.psql("update userfeatures set firstname = firstname || '.' where id = 5");
    const CopyOutcome outcome = run(prove);
    EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
    ASSERT_TRUE(outcome.stream);
    EXPECT_FALSE(outcome.stream->runs);
    EXPECT_EQ(outcome.stream->reason, "SlotNotMade") << outcome.stream->message;
    EXPECT_EQ(content(primary_), content(secondary_));
  }
  primary_.psql(
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_type = "
      "'physical'");
  const CopyOutcome again = run(false);
  EXPECT_TRUE(again.succeeded()) << describe(again);
  EXPECT_EQ(secondary_.psql("select subenabled from pg_subscription"), "t");
}

}  // namespace
}  // namespace tandem

// Every guard against two real servers: each refuses under its own name, and nothing is changed.
#include "tests/replication/copy_world.h"

namespace tandem {
namespace {

using enum CopyReason;

TEST_F(CopyTest, RefusesWithoutTheSecondarysWord) {
  secondary_.psql("drop schema tandem cascade");
  expect_refused(direction_missing);
}

TEST_F(CopyTest, RefusesOnAnOldWord) {
  secondary_.psql("update tandem.direction set written_at = now() - interval '11 min'");
  expect_refused(direction_stale);
}

TEST_F(CopyTest, RefusesAThirdDatabase) {
  direction_.node = "pbx-c";
  write_row();
  expect_refused(third_database);
}

TEST_F(CopyTest, RefusesBetweenTwoPrimaries) {
  direction_.role = "primary";
  write_row();
  expect_refused(both_primary);
}

TEST_F(CopyTest, RefusesASecondaryThatServes) {
  direction_.standing_by = false;
  direction_.state = "Active";
  write_row();
  order_.force = "force does not help here";
  expect_refused(secondary_serves);
}

TEST_F(CopyTest, RefusesASecondaryThatLetsNothingIn) {
  direction_.standing_by = false;
  direction_.state = "Standby, suspended until tomorrow";
  write_row();
  expect_refused(secondary_held);
}

TEST_F(CopyTest, RefusesTheDatabaseOfAnotherPair) {
  direction_.pair = "another";
  write_row();
  expect_refused(third_database);
}

TEST_F(CopyTest, RefusesASecondaryOfAnotherPrimary) {
  direction_.accepted_primary = "pbx-z";
  write_row();
  expect_refused(other_primary);
}

TEST_F(CopyTest, RefusesBeforeTheSecondarysWizard) {
  direction_.wizard_passed = false;
  write_row();
  expect_refused(secondary_wizard_missing);
}

TEST_F(CopyTest, RefusesAFullDisk) {
  direction_.disk_free_bytes = 1 << 20U;
  write_row();
  expect_refused(secondary_disk_full);
}

TEST_F(CopyTest, RefusesAPrimaryWithoutConfiguration) {
  primary_.psql("update infos set configured = false");
  expect_refused(primary_not_configured);
}

TEST_F(CopyTest, RefusesOneServerForBoth) {
  order_.secondary = order_.primary;
  expect_refused(same_server);
}

TEST_F(CopyTest, RefusesAnotherPrimaryThanLastTimeUnlessForced) {
  expect_copied();
  secondary_.psql("update tandem.copy set system_identifier = '1'");
  expect_refused(primary_changed);
  order_.force = "replaced the hardware";
  const CopyOutcome forced = copy();
  EXPECT_EQ(forced.verdict, CopyOutcome::Verdict::equal) << describe(forced);
  EXPECT_EQ(forced.overridden, std::vector<CopyReason>{primary_changed});
  order_.force.reset();
  expect_copied();
}

TEST_F(CopyTest, RefusesAPrimaryThatWentBack) {
  expect_copied();
  secondary_.psql("update tandem.copy set wal_position = wal_position + 1000000000");
  expect_refused(primary_went_back);
  secondary_.psql("update tandem.copy set wal_position = 1, transaction = transaction + 1000000");
  expect_refused(primary_went_back);
}

TEST_F(CopyTest, RefusesAPrimaryThatLostItsUsersUnlessForced) {
  expect_copied();
  primary_.psql("set session_replication_role = replica; delete from userfeatures where id > 100");
  expect_refused(shrunk);
  order_.force = "a branch was closed";
  expect_copied();
}

TEST_F(CopyTest, RefusesDifferingReleasesAndSchemas) {
  secondary_.psql("update alembic_version set version_num = 'older'");
  expect_refused(revision_differs);
  secondary_.psql("update alembic_version set version_num = '1e0f'; alter table moh add more int");
  expect_refused(schema_differs);
  EXPECT_NE(describe(copy()).find("column moh.more is missing on the primary"), std::string::npos);
  secondary_.psql("alter table moh drop more");
  expect_copied();
}

TEST_F(CopyTest, RefusesToRunTwiceAtOnce) {
  auto other = databases_.open(order_.secondary, {});
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(other.value()->ask("select pg_advisory_lock(127961812723053)").ok());
  expect_refused(already_running);
}

TEST_F(CopyTest, YieldsToASecondaryThatBeginsToServe) {
  bool served = false;
  sink_ = [&](const CopyProgress& progress) {
    if (served || progress.phase != CopyProgress::Phase::transferring) return;
    served = true;
    direction_.standing_by = false;
    direction_.state = "Activating";
    const auto written =
        tandem::run(io_, end_copies_and_write(sql_, target(secondary_.dsn("tandem")), direction_));
    EXPECT_TRUE(written.ok()) << written.error().message;
  };
  const std::string before = content(secondary_);
  const CopyOutcome outcome = copy();
  EXPECT_TRUE(served);
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::failed) << describe(outcome);
  EXPECT_EQ(content(secondary_), before);
  expect_refused(secondary_serves);
}

TEST_F(CopyTest, IsCancelledWithoutATrace) {
  const std::string before = content(secondary_);
  sink_ = [&](const CopyProgress& progress) {
    if (progress.phase == CopyProgress::Phase::proving) stop_.request_stop();
  };
  const CopyOutcome outcome = copy();
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->reason, cancelled) << describe(outcome);
  EXPECT_EQ(content(secondary_), before);
}

// The same of a table that is hashed on the primary only while the secondary writes it.
TEST_F(CopyTest, CommitsNothingThatIsNotProvenLate) {
  expect_copied();
  primary_.psql("update endpoint_sip_section_option set value = value || 'x'; analyze");
  secondary_.psql(
      "create function public.spoil() returns trigger language plpgsql as $$ begin if new.value = "
      "'v7x' then new.value := 'spoilt'; end if; return new; end $$; create trigger spoil before "
      "insert on endpoint_sip_section_option for each row execute function public.spoil(); "
      "alter table endpoint_sip_section_option enable always trigger spoil");
  const std::string before = content(secondary_);
  const CopyOutcome outcome = copy();
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->reason, not_proven) << describe(outcome);
  EXPECT_EQ(outcome.failure->detail, "table endpoint_sip_section_option");
  EXPECT_EQ(content(secondary_), before);
}

// Somebody's trigger, made to fire always, is what a copy without triggers can still meet.
TEST_F(CopyTest, CommitsNothingThatIsNotProven) {
  secondary_.psql(
      "create function public.spoil() returns trigger language plpgsql as $$ begin new.name := "
      "'spoilt'; return new; end $$; create trigger spoil before insert on moh for each row "
      "execute "
      "function public.spoil(); alter table moh enable always trigger spoil");
  const std::string before = content(secondary_);
  const CopyOutcome outcome = copy();
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->reason, not_proven) << describe(outcome);
  EXPECT_EQ(outcome.failure->detail, "table moh");
  EXPECT_EQ(content(secondary_), before);
}

}  // namespace
}  // namespace tandem

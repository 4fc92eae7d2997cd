#include "metrics/replication_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class ReplicationMetricsTest : public testing::Test {
 protected:
  std::string text() { return prometheus::TextSerializer().Serialize(registry.Collect()); }

  static CopyTold told(CopyKind kind, CopyResult result) {
    CopyTold one;
    one.kind = kind;
    one.result = result;
    one.took = milliseconds{400};
    one.bytes = 1000;
    one.changed = 7;
    return one;
  }
  static CopyTold not_made(CopyKind kind, CopyResult result, const std::string& reason) {
    CopyTold one = told(kind, result);
    one.changed = 0;
    one.reason = reason;
    return one;
  }

  prometheus::Registry registry;
  ReplicationMetrics metrics{registry};
};

TEST_F(ReplicationMetricsTest, KnowsEveryResultAndReasonFromTheStart) {
  const std::string now = text();
  for (const char* series :
       {"tandem_replication_runs_total{kind=\"database\",result=\"equal\"} 0",
        "tandem_replication_runs_total{kind=\"files\",result=\"failed\"} 0",
        "tandem_replication_failures_total{kind=\"database\",reason=\"DirectionMissing\"} 0",
        "tandem_replication_failures_total{kind=\"database\",reason=\"Failed\"} 0",
        "tandem_replication_failures_total{kind=\"files\",reason=\"SourceMissing\"} 0",
        "tandem_replication_failures_total{kind=\"files\",reason=\"Failed\"} 0",
        "tandem_replication_bytes_total{kind=\"files\"} 0", "tandem_replication_rows_total 0",
        "tandem_replication_files_total 0", "tandem_replication_tables{result=\"replaced\"} 0",
        "tandem_replication_duration_seconds_count{kind=\"database\"} 0"})
    EXPECT_THAT(now, HasSubstr(series));
}

TEST_F(ReplicationMetricsTest, CountsACopyOfTheDatabase) {
  CopyTold one = told(CopyKind::database, CopyResult::equal);
  one.parts = {{"equal", 109}, {"changed", 3}};
  metrics.copied(one);
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("runs_total{kind=\"database\",result=\"equal\"} 1"));
  EXPECT_THAT(now, HasSubstr("bytes_total{kind=\"database\"} 1000"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_rows_total 7"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_files_total 0"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_tables{result=\"equal\"} 109"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_tables{result=\"changed\"} 3"));
  EXPECT_THAT(now, HasSubstr("duration_seconds_bucket{kind=\"database\",le=\"0.5\"} 1"));
  EXPECT_THAT(now, HasSubstr("duration_seconds_bucket{kind=\"database\",le=\"0.25\"} 0"));
}

TEST_F(ReplicationMetricsTest, CountsFilesAsFiles) {
  metrics.copied(told(CopyKind::files, CopyResult::partial));
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("runs_total{kind=\"files\",result=\"partial\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_rows_total 0"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_files_total 7"));
}

// What the secondary holds is still what the last good one brought.
TEST_F(ReplicationMetricsTest, KeepsTheTablesOfTheLastGoodCopy) {
  CopyTold good = told(CopyKind::database, CopyResult::equal);
  good.parts = {{"equal", 109}, {"replaced", 1}};
  metrics.copied(good);
  metrics.copied(not_made(CopyKind::database, CopyResult::refused, "SecondaryServes"));
  std::string now = text();
  EXPECT_THAT(now, HasSubstr("runs_total{kind=\"database\",result=\"refused\"} 1"));
  EXPECT_THAT(now, HasSubstr("failures_total{kind=\"database\",reason=\"SecondaryServes\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_tables{result=\"replaced\"} 1"));

  good.parts = {{"equal", 109}};
  metrics.copied(good);
  now = text();
  EXPECT_THAT(now, HasSubstr("tandem_replication_tables{result=\"replaced\"} 0"));
  EXPECT_THAT(now, HasSubstr("failures_total{kind=\"database\",reason=\"SecondaryServes\"} 1"));
}

TEST_F(ReplicationMetricsTest, CountsAFailureThatNamesNoReason) {
  metrics.copied(not_made(CopyKind::files, CopyResult::failed, ""));
  EXPECT_THAT(text(), HasSubstr("failures_total{kind=\"files\",reason=\"Failed\"} 1"));
}

TEST_F(ReplicationMetricsTest, ShowsWhenEachKindSucceededAndWasProven) {
  CopiesShown shown;
  shown.made[CopyKind::database].past.succeeded = WallTime{seconds{2000}};
  shown.made[CopyKind::database].past.proven = WallTime{seconds{1000}};
  shown.made[CopyKind::database].running = true;
  shown.made[CopyKind::files] = {};
  metrics.show(shown);
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("last_success_timestamp_seconds{kind=\"database\"} 2000"));
  EXPECT_THAT(now, HasSubstr("last_proof_timestamp_seconds{kind=\"database\"} 1000"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_running{kind=\"database\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_replication_running{kind=\"files\"} 0"));
  EXPECT_THAT(now, Not(HasSubstr("timestamp_seconds{kind=\"files\"}"))) << "it never succeeded";
}

// An alert on a missing copy must not fire on a node that makes none.
TEST_F(ReplicationMetricsTest, ShowsNothingWhereNoCopiesAreMade) {
  CopiesShown shown;
  shown.made[CopyKind::files].past.succeeded = WallTime{seconds{2000}};
  metrics.show(shown);
  metrics.show({});
  const std::string now = text();
  EXPECT_THAT(now, Not(HasSubstr("tandem_replication_running")));
  EXPECT_THAT(now, Not(HasSubstr("timestamp_seconds")));
}

TEST_F(ReplicationMetricsTest, ShowsOnASecondaryWhatItHoldsItself) {
  CopiesShown shown;
  shown.held_proven = WallTime{seconds{1500}};
  metrics.show(shown);
  EXPECT_THAT(text(), HasSubstr("last_proof_timestamp_seconds{kind=\"database\"} 1500"));
  EXPECT_THAT(text(), Not(HasSubstr("last_success_timestamp_seconds{")));
}

TEST_F(ReplicationMetricsTest, ShowsWhatIsKeptWhereItIs) {
  metrics.show({});
  EXPECT_THAT(text(), Not(HasSubstr("tandem_replication_undo_bytes")));
  CopiesShown shown;
  shown.kept = CopiesShown::Kept{3, 1300};
  metrics.show(shown);
  EXPECT_THAT(text(), HasSubstr("tandem_replication_undo_generations 3"));
  EXPECT_THAT(text(), HasSubstr("tandem_replication_undo_bytes 1300"));
  EXPECT_THAT(text(), Not(HasSubstr("reason=\"NothingKept\""))) << "no copy ends by it";
  EXPECT_THAT(text(), HasSubstr("reason=\"Undone\""));
}

}  // namespace
}  // namespace tandem

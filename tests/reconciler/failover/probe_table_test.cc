#include "reconciler/failover/probe_table.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

Sample sample(Heard heard, std::chrono::milliseconds took = {}) {
  Sample made;
  made.heard = heard;
  made.took = took;
  return made;
}

TEST(ProbeTable, CountsAnswersFailuresAndWhatWasNotAskedApart) {
  ProbeTable table;
  table.declare("icmp", "mgmt", "10.0.0.10");
  EXPECT_FALSE(table.rows().at({"icmp", "mgmt"}).was_tried());
  table.record("icmp", "mgmt", sample(Heard::answers, std::chrono::milliseconds{3}));
  table.record("icmp", "mgmt", sample(Heard::answers, std::chrono::seconds{9}));
  table.record("icmp", "mgmt", sample(Heard::silent, std::chrono::milliseconds{800}));
  table.record("icmp", "mgmt", sample(Heard::unknown));
  const ProbeRecord& row = table.rows().at({"icmp", "mgmt"});
  EXPECT_EQ(row.attempts, 3U);
  EXPECT_EQ(row.failures, 1U);
  EXPECT_EQ(row.not_asked, 1U);
  EXPECT_EQ(row.answers(), 2U);
  EXPECT_DOUBLE_EQ(row.answer_seconds, 9.003) << "silence has no duration";
  EXPECT_EQ(row.answers_within.front(), 0U);
  EXPECT_EQ(row.answers_within.at(2), 1U) << "5 ms";
  EXPECT_EQ(row.answers_within.back(), 1U) << "9 s are beyond all of them";
  EXPECT_EQ(row.last.heard, Heard::unknown);
}

TEST(ProbeTable, KeepsTheLastHourMinuteByMinute) {
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  ProbeTable table;
  table.declare("icmp", "mgmt", "10.0.0.10");
  const Instant start{std::chrono::hours{1000}};
  for (int minute = 0; minute < 200; ++minute) {
    if (minute == 170) continue;  // nobody asked
    Sample one = sample(minute == 160 ? Heard::silent : Heard::answers, milliseconds{minute});
    one.at = start + minutes{minute};
    table.record("icmp", "mgmt", one);
    one.heard = Heard::unknown;
    table.record("icmp", "mgmt", one);
  }
  const auto told = table.rows().at({"icmp", "mgmt"}).last_hour(start + minutes{199});
  ASSERT_EQ(told.size(), 59U);
  EXPECT_EQ(told.front().number, 60'000 + 140);
  EXPECT_EQ(told.back().number, 60'000 + 199);
  EXPECT_EQ(told[20].failures, 1U);
  EXPECT_EQ(told[20].slowest.count(), 0) << "silence has no duration";
  EXPECT_EQ(told[21].slowest, milliseconds{161});
  EXPECT_EQ(told[21].attempts, 1U);
  EXPECT_EQ(told[21].not_asked, 1U);
  EXPECT_TRUE(table.rows().at({"icmp", "mgmt"}).last_hour(start + minutes{400}).empty());
}

TEST(ProbeTable, StartsAnewWithAnotherAddressOnly) {
  ProbeTable table;
  table.declare("icmp", "mgmt", "10.0.0.10");
  table.record("icmp", "mgmt", sample(Heard::silent));
  table.declare("icmp", "mgmt", "10.0.0.10");
  EXPECT_EQ(table.rows().at({"icmp", "mgmt"}).failures, 1U);
  table.declare("icmp", "mgmt", "10.0.0.11");
  EXPECT_EQ(table.rows().at({"icmp", "mgmt"}).failures, 0U);
}

TEST(ProbeTable, HasALimitAndNoRowsThatNobodyDeclared) {
  ProbeTable table;
  table.record("icmp", "mgmt", sample(Heard::answers));
  EXPECT_TRUE(table.rows().empty());
  for (int i = 0; i < 1'000; ++i) table.declare("witness", std::to_string(i), "x");
  EXPECT_EQ(table.rows().size(), ProbeTable::kRowsMax);
}

}  // namespace
}  // namespace tandem

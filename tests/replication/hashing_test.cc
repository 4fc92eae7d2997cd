#include "replication/database/hashing.h"

#include <gtest/gtest.h>

#include <random>

#include "replication/database/comparison.h"
#include "replication/database/counters.h"
#include "replication/database/sequences.h"

namespace tandem {
namespace {

CopyTable table_of(std::vector<std::string> key) {
  CopyTable table;
  table.name = "t";
  table.columns = {{"id", "integer", true, false, true}, {"label", "text", false, false, true}};
  table.key = std::move(key);
  return table;
}

TEST(Hashing, TakesAPowerOfTwoOfBuckets) {
  EXPECT_EQ(bucket_count(0), 1U);
  EXPECT_EQ(bucket_count(kBucketRows), 1U);
  EXPECT_EQ(bucket_count(kBucketRows + 1), 2U);
  EXPECT_EQ(bucket_count(1'000'000'000), kBucketsMax);
}

TEST(Hashing, ReadsTheBucketsOfSeveralTables) {
  const CopyTable table = table_of({"id"});
  const std::vector<HashPlan> plans{{&table, 1}, {&table, 2}};
  SqlRows rows;
  rows.rows = {{"1", "1", "3", "-1", "5"}, {"0", "0", "0", std::nullopt, std::nullopt}};
  const auto hashes = read_hashes(plans, rows);
  ASSERT_TRUE(hashes.ok());
  EXPECT_EQ(hashes.value()[1].buckets[1], (RowsHash{3, ~0ULL, 5}));
  EXPECT_EQ(hashes.value()[0].total(), RowsHash{});
  rows.rows = {{"1", "2", "3", "1", "5"}};
  EXPECT_FALSE(read_hashes(plans, rows).ok());
}

TEST(Hashing, FindsTheBucketsThatDiffer) {
  const TableHash one{{{1, 2, 3}, {1, 2, 3}, {0, 0, 0}}, {}};
  const TableHash other{{{1, 2, 3}, {1, 2, 4}, {1, 0, 0}}, {}};
  EXPECT_EQ(differing_buckets(one, other), (std::vector<std::uint32_t>{1, 2}));
}

TEST(Hashing, AddsTheSampleUpToItsBucket) {
  const CopyTable table = table_of({"id"});
  SqlRows rows;
  rows.rows = {{"0", "8", "3", "1", "4"}, {"0", "71", "2", "2", "4"}, {"0", "1", "7", "7", "7"}};
  const auto hashes = read_hashes({{&table, 8}}, rows);
  ASSERT_TRUE(hashes.ok());
  EXPECT_EQ(hashes.value()[0].buckets[0], (RowsHash{5, 3, 0}));
  EXPECT_EQ(hashes.value()[0].sample[63], (RowsHash{2, 2, 4}));
  EXPECT_EQ(hashes.value()[0].total(), (RowsHash{12, 4, 7}));
  rows.rows = {{"0", "72", "1", "1", "1"}};
  EXPECT_FALSE(read_hashes({{&table, 8}}, rows).ok());
}

// `changed` of `rows` rows in the sample, each in a part of its own choosing.
double told_share(int rows, int changed) {
  std::mt19937_64 chance(7);
  TableHash ours, theirs;
  ours.sample.resize(kSampleParts);
  for (int i = 0; i < rows; ++i) ours.sample[chance() % kSampleParts].add({1, chance(), chance()});
  theirs = ours;
  chance.seed(7);
  for (int i = 0; i < changed; ++i) {
    auto& part = theirs.sample[chance() % kSampleParts];
    part.add({0, chance(), chance()});
    part.first ^= 1;
  }
  return share_changed(ours, theirs);
}

TEST(Hashing, TellsHowMuchOfATableHasChanged) {
  EXPECT_EQ(told_share(256, 0), 0);
  EXPECT_NEAR(told_share(256, 26), 0.1, 0.03);
  EXPECT_NEAR(told_share(64, 64), 1, 0.25);
  // Of a large table many rows share a part.
  EXPECT_NEAR(told_share(640, 64), 0.1, 0.03);
  EXPECT_EQ(told_share(2560, 2560), 1);
  EXPECT_EQ(share_changed({}, {}), 0);
}

TEST(Hashing, GroupsSmallTables) {
  CopyTable small = table_of({"id"}), large = table_of({"id"});
  large.rows_estimate = kGroupRowsMax + 1;
  const std::vector<HashPlan> plans{{&small, 1}, {&small, 1}, {&large, 1}, {&small, 1}};
  const auto groups = in_groups(plans);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].size(), 2U);
}

TEST(Hashing, ProvesContentByName) {
  const std::string one = proof_of({{"a", {1, 2, 3}}}), two = proof_of({{"b", {1, 2, 3}}});
  EXPECT_EQ(one.size(), 64U);
  EXPECT_NE(one, two);
}

TEST(Sequences, RaiseBeforeTheCommitAndLowerAfterIt) {
  const SequenceValues primary{{"a", "5"}, {"b", "7"}, {"c", ""}, {"d", "1"}, {"e", "9"}};
  const SequenceValues secondary{{"a", "4"}, {"b", "8"}, {"c", "3"}, {"d", ""}, {"e", "9"}};
  const SequenceMoves moves = sequence_moves(primary, secondary);
  EXPECT_EQ(moves.raised, (SequenceValues{{"a", "5"}, {"d", "1"}}));
  EXPECT_EQ(moves.lowered, (SequenceValues{{"b", "7"}, {"c", ""}}));
}

TEST(Counters, TellWhatIsNotAsItWas) {
  EXPECT_EQ(tables_moved({{"a", "1/2"}, {"b", "1/2"}}, {{"a", "1/2"}, {"b", "0/2"}, {"c", "0/1"}}),
            (std::set<std::string>{"b", "c"}));
}

}  // namespace
}  // namespace tandem

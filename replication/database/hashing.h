// Equality of two tables by hashes, in buckets by key: each server hashes its own rows, and only
// what differs has to be looked at closer.
//
// A row is hashed twice, with two seeds: 128 bits; as a record where both servers can (columns
// whose type takes different texts for equal: as their text), else as its text under equal
// settings. The hashes of a bucket are combined by XOR beside the number of its rows. Rows of a
// table differ from each other (they have a key; rows without one are numbered among their equals),
// so two buckets with different content have equal hashes with a probability of 2^-128.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ports/sql.h"
#include "replication/database/catalogue.h"

namespace tandem {

// Rows in a bucket, as far as kBucketsMax buckets suffice.
inline constexpr std::uint64_t kBucketRows = 256;
inline constexpr std::uint32_t kBucketsMax = 4096;

struct RowsHash {
  std::uint64_t rows = 0;
  std::uint64_t first = 0, second = 0;

  void add(const RowsHash& other);
  bool operator==(const RowsHash&) const = default;
};

struct TableHash {
  std::vector<RowsHash> buckets;
  // Of bucket 0 where the plan samples: the same rows in finer parts, some rows in each.
  std::vector<RowsHash> sample;
  RowsHash total() const;
};

inline constexpr std::uint32_t kSampledBucketsMin = 8;
inline constexpr std::uint32_t kSampleParts = 64;

// What is hashed of a table, and in how many buckets: a power of two.
struct HashPlan {
  const CopyTable* table = nullptr;
  std::uint32_t buckets = 1;

  // Whether it also tells how much of a table has changed: where that is nearly everything, the
  // rows need not be compared one by one.
  bool samples() const { return buckets >= kSampledBucketsMin; }
};

// The share of rows that differ, 0 to 1, as far as the sample tells; 0 where there is none.
double share_changed(const TableHash& primary, const TableHash& secondary);

std::uint32_t bucket_count(std::uint64_t rows_estimate);

// One statement for several tables; its answer goes to read_hashes() with the same plans.
std::string hash_statement(const std::vector<HashPlan>& plans);
Result<std::vector<TableHash>> read_hashes(const std::vector<HashPlan>& plans, const SqlRows& rows);

// An expression: one hash of a row's text, as one of the two of a bucket is made of.
std::string row_hash(const CopyTable& table);

// The rows of some buckets: hash of the key, two hashes of the row, the columns of the key as text;
// ordered by hash and key, byte by byte, so that two servers' answers can be merged.
std::string rows_statement(const HashPlan& plan, const std::vector<std::uint32_t>& buckets);

// Plans whose hashes one statement asks for: few round trips, and progress all the same.
inline constexpr std::size_t kGroupTablesMax = 24;
inline constexpr std::uint64_t kGroupRowsMax = 100'000;
std::vector<std::vector<HashPlan>> in_groups(const std::vector<HashPlan>& plans);

// 64 hexadecimal digits for the content of all tables.
struct NamedHash {
  std::string table;
  RowsHash hash;
};
std::string proof_of(const std::vector<NamedHash>& tables);

}  // namespace tandem

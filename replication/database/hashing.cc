#include "replication/database/hashing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/digest.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

constexpr int kFirstSeed = 40'507, kSecondSeed = 715'827'883;

std::string row_text(const CopyTable& table) {
  std::string list;
  for (const auto& column : table.columns)
    list += (list.empty() ? "" : ", ") + sql_name(column.name);
  const std::string row = "row(" + list + ")::text";
  if (!table.key.empty()) return row;
  // Equal rows would cancel each other out.
  return fmt::format("{0} || '#' || row_number() over (partition by {0})", row);
}

std::string column_hash(const CopyColumn& column, std::size_t place) {
  const std::string name = sql_name(column.name);
  if (column.type == "integer" || column.type == "bigint" || column.type == "smallint")
    return fmt::format("hashint8extended({}, {})", name, place);
  if (column.type == "uuid") return fmt::format("uuid_hash_extended({}, {})", name, place);
  return fmt::format("hashtextextended({}::text, {})", name, place);
}

// Of the key. A type's text form takes longer than all else, and an enum's few values spread
// little: columns that need it are left out where others are there.
std::string key_hash(const CopyTable& table) {
  std::string hash;
  for (const bool exact : {true, false}) {
    for (std::size_t i = 0; i < table.key.size(); ++i) {
      const CopyColumn& column = table.column(table.key[i]);
      if (column.exact == exact) hash += (hash.empty() ? "" : " # ") + column_hash(column, i);
    }
    if (!hash.empty()) break;
  }
  return hash;
}

bool is_by_record(const CopyTable& table) { return table.by_record && !table.key.empty(); }

// What is hashed of a row. A record is hashed column by column, which takes half the time of its
// text.
std::string row_form(const CopyTable& table) {
  if (!is_by_record(table)) return row_text(table);
  std::string list;
  for (const auto& column : table.columns)
    list += (list.empty() ? "" : ", ") + sql_name(column.name) +
            (column.exact ? "" : "::text collate \"C\"");
  return "row(" + list + ")";
}

// Of `r`. A record's hash is a sum of its columns', and the sums of two rows that have exchanged
// the values of a column would often be equal when combined: the outer hash mixes each first.
std::string hash_of_row(const CopyTable& table, int seed) {
  if (!is_by_record(table)) return fmt::format("hashtextextended(r, {})", seed);
  return fmt::format("hashint8extended(hash_record_extended(r, {0}), {0})", seed);
}

// select ... from: `kh`, `r`, and what else is asked for.
std::string hashed_rows(const CopyTable& table, const std::string& more, const std::string& where) {
  // What is volatile keeps the planner from making the row once for each of its hashes,
  // and lets it use several processes, which OFFSET would not.
  if (table.key.empty())
    return fmt::format(
        "(select hashtextextended(r, 0) as kh, r{} from (select {} as r from only {} "
        "offset 0) n offset 0) s",
        more, row_text(table), sql_table(table.name));
  return fmt::format("(select {} as kh, {} as r{}, clock_timestamp() from only {}{}) s",
                     key_hash(table), row_form(table), more, sql_table(table.name), where);
}

// The number of a row's bucket; of bucket 0 the parts of the sample, which follow the buckets.
std::string bucket_of(const HashPlan& plan) {
  if (plan.buckets == 1) return "0";
  const std::string bucket = fmt::format("(kh & {})", plan.buckets - 1);
  if (!plan.samples()) return bucket + "::int";
  return fmt::format("(case {0} when 0 then {1} + ((kh >> 32) & {2}) else {0} end)::int", bucket,
                     plan.buckets, kSampleParts - 1);
}

}  // namespace

void RowsHash::add(const RowsHash& other) {
  rows += other.rows;
  first ^= other.first;
  second ^= other.second;
}

RowsHash TableHash::total() const {
  RowsHash sum;
  for (const auto& bucket : buckets) sum.add(bucket);
  return sum;
}

double share_changed(const TableHash& primary, const TableHash& secondary) {
  std::size_t differing = 0;
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < primary.sample.size(); ++i) {
    rows += std::max(primary.sample[i].rows, secondary.sample[i].rows);
    if (!(primary.sample[i] == secondary.sample[i])) ++differing;
  }
  if (differing == 0) return 0;
  if (differing == primary.sample.size()) return 1;
  // A part differs if one of its rows does; rows fall into the parts by chance.
  const auto parts = static_cast<double>(primary.sample.size());
  const double equal = 1 - static_cast<double>(differing) / parts;
  return std::min(1.0, -std::log(equal) * parts / static_cast<double>(rows));
}

std::uint32_t bucket_count(std::uint64_t rows_estimate) {
  std::uint32_t buckets = 1;
  while (buckets < kBucketsMax && buckets * kBucketRows < rows_estimate) buckets *= 2;
  return buckets;
}

std::string hash_statement(const std::vector<HashPlan>& plans) {
  std::string text;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const HashPlan& plan = plans[i];
    text += fmt::format("{}select {}, {}, count(*), bit_xor({}), bit_xor({}) from {}{}",
                        i == 0 ? "" : " union all ", i, bucket_of(plan),
                        hash_of_row(*plan.table, kFirstSeed), hash_of_row(*plan.table, kSecondSeed),
                        hashed_rows(*plan.table, "", ""), plan.buckets == 1 ? "" : " group by 2");
  }
  return text;
}

Result<std::vector<TableHash>> read_hashes(const std::vector<HashPlan>& plans,
                                           const SqlRows& rows) {
  std::vector<TableHash> hashes(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    hashes[i].buckets.resize(plans[i].buckets);
    if (plans[i].samples()) hashes[i].sample.resize(kSampleParts);
  }
  for (const auto& row : rows.rows) {
    if (row.size() != 5) return Error{Fault::invalid, "a server answered no hashes"};
    const auto table = static_cast<std::size_t>(number_in<std::int64_t>(row[0]));
    const auto bucket = static_cast<std::size_t>(number_in<std::int64_t>(row[1]));
    if (table >= hashes.size() ||
        bucket >= hashes[table].buckets.size() + hashes[table].sample.size())
      return Error{Fault::invalid, "a server answered a bucket that was not asked for"};
    const RowsHash found{static_cast<std::uint64_t>(number_in<std::int64_t>(row[2])),
                         static_cast<std::uint64_t>(number_in<std::int64_t>(row[3])),
                         static_cast<std::uint64_t>(number_in<std::int64_t>(row[4]))};
    auto& [buckets, sample] = hashes[table];
    if (bucket < buckets.size()) {
      buckets[bucket] = found;
      continue;
    }
    sample[bucket - buckets.size()] = found;
    buckets[0].add(found);
  }
  return hashes;
}

std::string row_hash(const CopyTable& table) {
  return fmt::format("hashtextextended({}, {})", row_text(table), kFirstSeed);
}

std::string rows_statement(const HashPlan& plan, const std::vector<std::uint32_t>& buckets) {
  std::string list, more, keys, order;
  for (const auto bucket : buckets) list += (list.empty() ? "" : ",") + std::to_string(bucket);
  for (std::size_t i = 0; i < plan.table->key.size(); ++i) {
    more += fmt::format(", {}::text collate \"C\" as k{}", sql_name(plan.table->key[i]), i);
    keys += fmt::format(", k{}", i);
    order += fmt::format(", {}", i + 4);
  }
  std::string where;
  if (buckets.size() < plan.buckets)
    where = fmt::format(" where ({}) & {} = any ('{{{}}}'::bigint[])", key_hash(*plan.table),
                        plan.buckets - 1, list);
  return fmt::format("select kh, {}, {}{} from {} order by 1{}",
                     hash_of_row(*plan.table, kFirstSeed), hash_of_row(*plan.table, kSecondSeed),
                     keys, hashed_rows(*plan.table, more, where), order);
}

std::vector<std::vector<HashPlan>> in_groups(const std::vector<HashPlan>& plans) {
  std::vector<std::vector<HashPlan>> groups;
  std::uint64_t rows = 0;
  for (const auto& plan : plans) {
    const bool full = !groups.empty() && (groups.back().size() >= kGroupTablesMax ||
                                          rows + plan.table->rows_estimate > kGroupRowsMax);
    if (groups.empty() || full) {
      groups.emplace_back();
      rows = 0;
    }
    groups.back().push_back(plan);
    rows += plan.table->rows_estimate;
  }
  return groups;
}

std::string proof_of(const std::vector<NamedHash>& tables) {
  std::string text;
  for (const auto& [table, hash] : tables)
    text += fmt::format("{} {} {:016x}{:016x}\n", table, hash.rows, hash.first, hash.second);
  return sha256(text);
}

}  // namespace tandem

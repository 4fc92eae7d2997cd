// Down to the rows: which of a table the secondary has to lose, and which it has to get.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "replication/database/hashing.h"

namespace tandem {

using RowKey = std::vector<std::string>;  // the columns of the key, as text

// Beyond so many, or so much, a table is replaced as a whole: that needs no list of keys.
inline constexpr std::size_t kChangedRowsMax = 100'000;
inline constexpr std::size_t kChangedBytesMax = 12U << 20U;

// From this share of rows on replacing a table is cheaper than a look at each row.
inline constexpr double kWholeFrom = 0.3;

struct TableChange {
  HashPlan plan;
  bool whole = false;         // all rows are replaced, and the lists are empty
  std::vector<RowKey> gone;   // rows of the secondary that are not so on the primary
  std::vector<RowKey> fresh;  // rows of the primary that are not so on the secondary
};

// The buckets whose hashes differ.
std::vector<std::uint32_t> differing_buckets(const TableHash& primary, const TableHash& secondary);

// Looks at the rows of the buckets that differ on both servers, unless nearly all have changed.
Result<TableChange> compare_rows(DatabaseSession& primary, DatabaseSession& secondary,
                                 const HashPlan& plan, const TableHash& ours,
                                 const TableHash& theirs);

}  // namespace tandem

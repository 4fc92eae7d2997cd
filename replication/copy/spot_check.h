// Finds large tables of which nearly everything has changed by a few of their rows: their rows need
// not all be hashed before they are replaced. A table that is taken for one of them and is none
// costs time, nothing else: what counts is the proof afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "replication/database/hashing.h"

namespace tandem {

// Rows looked at from each end of a table, in the order of its key.
inline constexpr int kSpotRows = 16;
// So many of a hundred of them must be other ones on the secondary, or not there.
inline constexpr int kSpotChangedMin = 90;

struct TableCounts {
  std::uint64_t primary = 0, secondary = 0;  // rows
};

// Those of `plans` to be replaced as a whole, by name. Tables that are small, or have no key that
// can be asked for, are never among them.
Result<std::map<std::string, TableCounts>> changed_throughout(DatabaseSession& primary,
                                                              DatabaseSession& secondary,
                                                              const std::vector<HashPlan>& plans);

}  // namespace tandem

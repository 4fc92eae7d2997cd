// What forbids a copy, judged from facts: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replication/database/copy_order.h"
#include "replication/database/direction.h"

namespace tandem {

// Of one server.
struct ServerFacts {
  bool in_recovery = false;
  std::string system_identifier;
  std::uint64_t wal_position = 0;
  std::uint64_t transaction = 0;  // the next one
  int version = 0;
  bool no_other_copy = false;  // we hold the lock of which there is one
};

struct NodesSeen {
  ServerFacts primary, secondary;
  bool same_server = false;
  DirectionSeen direction;
};

// Free on the secondary's disk below which nothing is written there.
inline constexpr std::int64_t kDiskFreeMin = 256LL << 20U;

// The first guard that forbids it; those that `force` silences go to `overridden`.
std::optional<CopyFailure> judge_nodes(const CopyOrder& order, const NodesSeen& seen,
                                       std::vector<CopyReason>& overridden);

// What the row under its lock must still say.
std::optional<CopyFailure> judge_direction(const CopyOrder& order, const DirectionSeen& seen);

// A table on both sides: how many rows the secondary has, and how many it would have.
struct TableSizes {
  std::string table;
  std::uint64_t before = 0, after = 0;
};
inline constexpr std::uint64_t kShrinkRowsMin = 20;
bool has_shrunk(const TableSizes& sizes, int max_shrink);

std::optional<CopyFailure> judge_shrink(const CopyOrder& order,
                                        const std::vector<TableSizes>& tables,
                                        CopyOutcome& outcome);

// `bytes`: what the tables to be replaced take on the primary, with their indexes. The secondary
// needs that twice for a while, and its log.
std::optional<CopyFailure> judge_disk(const DirectionSeen& seen, std::uint64_t bytes);

}  // namespace tandem

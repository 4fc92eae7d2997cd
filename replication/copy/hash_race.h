// Both servers hash at the same time, each session of each side one group of tables after the
// other.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "replication/database/hashing.h"
#include "replication/database/pair_sessions.h"

namespace tandem {

struct BothHashes {
  std::map<std::string, TableHash> primary, secondary;  // by table
};

// Called after each group of the secondary, one call at a time: tables and rows that it had.
using HashSink = std::function<void(std::size_t tables, std::uint64_t rows)>;

// The first failure ends the other sessions' work by `stop`, which their stop tokens belong to.
Result<BothHashes> hash_both(const PairSessions& sessions, const std::vector<HashPlan>& plans,
                             std::stop_source& stop, const HashSink& sink);

}  // namespace tandem

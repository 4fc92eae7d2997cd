// The servers' counters of changed rows: a hint which tables to look at, never a proof.
//
// Read before the snapshot, or a change in between is lost for good. They move up to ten seconds
// after a commit, and not at all for TRUNCATE (so the table's file number stands beside them); a
// crash resets them. All that can make a run miss a change for a while; the full proof finds it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "ports/database_session.h"

namespace tandem {

using Counters = std::map<std::string, std::string>;  // by table of schema public

struct CopyMemory {
  Counters primary, secondary;
};

// Servers before 15 do not tell when their counters are complete: there is no hint then.
inline constexpr int kCountersFrom = 150'000;

Result<Counters> read_counters(DatabaseSession& session);
// Of a session that has just committed changes of its own: those are in it.
Result<Counters> read_counters_after_commit(DatabaseSession& session);

// Tables that are not as they were, on either side, or are new.
std::set<std::string> tables_moved(const Counters& before, const Counters& now);

}  // namespace tandem

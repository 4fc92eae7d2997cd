#include "replication/database/guards.h"

#include <fmt/format.h>

#include <algorithm>

#include "pbx/table_map.h"

namespace tandem {
namespace {

using enum CopyReason;

std::optional<CopyFailure> refuse(CopyReason reason, std::string detail = "") {
  return CopyFailure{reason, std::move(detail)};
}

std::string in_quotes_or_nobody(const std::string& name) {
  return name.empty() ? "nobody" : "'" + name + "'";
}

// By the first word of what the row tells: a state in which nothing serves, and nothing is about
// to.
bool is_idle(const std::string& state) {
  const std::string word = state.substr(0, state.find_first_of(" ,"));
  return word == "Standby" || word == "Suspect" || word == "Isolated" || word == "Maintenance";
}

std::optional<CopyFailure> judge_servers(const NodesSeen& seen) {
  if (seen.same_server) return refuse(same_server);
  if (seen.primary.in_recovery) return refuse(primary_in_recovery);
  if (seen.secondary.in_recovery) return refuse(secondary_in_recovery);
  if (!seen.primary.no_other_copy) return refuse(already_running, "on the primary");
  if (!seen.secondary.no_other_copy) return refuse(already_running, "on the secondary");
  return std::nullopt;
}

// All that does not look right about who the primary is.
std::vector<CopyFailure> doubts(const NodesSeen& seen) {
  std::vector<CopyFailure> found;
  if (seen.primary.system_identifier == seen.secondary.system_identifier)
    found.push_back({nodes_cloned, "both have the identifier " + seen.primary.system_identifier});
  if (!seen.direction.record) return found;
  const CopyRecord& last = *seen.direction.record;
  if (last.system_identifier != seen.primary.system_identifier) {
    found.push_back(
        {primary_changed, fmt::format("identifier {}, {} at the last copy",
                                      seen.primary.system_identifier, last.system_identifier)});
    return found;  // another cluster's positions say nothing
  }
  if (seen.primary.wal_position < last.wal_position)
    found.push_back({primary_went_back, fmt::format("its log is at {}, it was at {}",
                                                    seen.primary.wal_position, last.wal_position)});
  else if (seen.primary.transaction < last.transaction)
    found.push_back({primary_went_back, fmt::format("its next transaction is {}, it was {}",
                                                    seen.primary.transaction, last.transaction)});
  return found;
}

}  // namespace

std::optional<CopyFailure> judge_direction(const CopyOrder& order, const DirectionSeen& seen) {
  if (!seen.direction) return refuse(direction_missing);
  const Direction& row = *seen.direction;
  if (row.pair != order.pair)
    return refuse(third_database, fmt::format("it is the database of a node of the pair {}",
                                              in_quotes_or_nobody(row.pair)));
  if (row.node != order.secondary_name && row.node != order.primary_name)
    return refuse(third_database, "it is the database of " + in_quotes_or_nobody(row.node));
  if (row.role == "primary") return refuse(both_primary, "'" + row.node + "' says so");
  if (row.node != order.secondary_name)
    return refuse(third_database, "it is the database of " + in_quotes_or_nobody(row.node));
  if (row.role != "secondary" || row.accepted_primary != order.primary_name)
    return refuse(other_primary, "it accepts " + in_quotes_or_nobody(row.accepted_primary));
  if (!row.standing_by)
    return refuse(is_idle(row.state) ? secondary_held : secondary_serves, "it is " + row.state);
  if (seen.age > kDirectionAgeMax || seen.age < -kDirectionAheadMax)
    return refuse(direction_stale, fmt::format("its word is {} s old", seen.age.count()));
  if (!row.wizard_passed) return refuse(secondary_wizard_missing);
  return std::nullopt;
}

std::optional<CopyFailure> judge_nodes(const CopyOrder& order, const NodesSeen& seen,
                                       std::vector<CopyReason>& overridden) {
  if (auto refused = judge_servers(seen)) return refused;
  if (auto refused = judge_direction(order, seen.direction)) return refused;
  if (seen.direction.undone && !order.ordered) return refuse(undone, *seen.direction.undone);
  for (const auto& doubt : doubts(seen)) {
    if (!order.force) return doubt;
    overridden.push_back(doubt.reason);
  }
  return judge_disk(seen.direction, 0);
}

bool has_shrunk(const TableSizes& sizes, int max_shrink) {
  if (sizes.after >= sizes.before || sizes.before - sizes.after <= kShrinkRowsMin) return false;
  return (sizes.before - sizes.after) * 100 > sizes.before * static_cast<unsigned>(max_shrink);
}

std::optional<CopyFailure> judge_shrink(const CopyOrder& order,
                                        const std::vector<TableSizes>& tables,
                                        CopyOutcome& outcome) {
  std::string found;
  for (const auto& sizes : tables) {
    if (!has_shrunk(sizes, order.max_shrink)) continue;
    const std::string words =
        fmt::format("{} from {} to {} rows", sizes.table, sizes.before, sizes.after);
    if (is_identity_table(order.product, sizes.table))
      found += (found.empty() ? "" : ", ") + words;
    else
      outcome.shrunk.push_back(words);
  }
  if (found.empty()) return std::nullopt;
  if (!order.force) return refuse(shrunk, found);
  outcome.overridden.push_back(shrunk);
  return std::nullopt;
}

std::optional<CopyFailure> judge_disk(const DirectionSeen& seen, std::uint64_t bytes) {
  if (!seen.direction || !seen.direction->disk_free_bytes) return std::nullopt;
  const std::int64_t needed = kDiskFreeMin + 2 * static_cast<std::int64_t>(bytes);
  const std::int64_t free = *seen.direction->disk_free_bytes;
  if (free >= needed) return std::nullopt;
  return refuse(secondary_disk_full,
                fmt::format("{} MiB are free, {} MiB are needed", free >> 20U, needed >> 20U));
}

}  // namespace tandem

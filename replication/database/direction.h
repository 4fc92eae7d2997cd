// The row by which the secondary says whom it lets write, in the schema `tandem` of its own
// database; and what it keeps of the copies made.
//
// The secondary's operator writes it, at each change and at least every kDirectionRefresh; each
// copy reads it under a lock in the transaction that writes. So a secondary that begins to serve
// is never written over: its change of the row waits for the copy's end, or makes the copy fail.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ports/database_session.h"
#include "ports/sql.h"
#include "ports/task.h"

namespace tandem {

inline constexpr std::chrono::minutes kDirectionRefresh{1};
// Older than this by the secondary's own clock, the row counts for nothing: its operator is not
// running, and somebody may have started the services by hand.
inline constexpr std::chrono::minutes kDirectionAgeMax{3};
// A row from the future tells as little: a clock was wrong.
inline constexpr std::chrono::minutes kDirectionAheadMax{1};

struct Direction {
  std::string pair;              // metadata.name
  std::string node;              // the writer's own name
  std::string role;              // "primary", "secondary", "off"
  std::string state;             // of the takeover's table: a word, and what else is to be said
  bool standing_by = false;      // nothing serves here, and nothing is about to
  std::string accepted_primary;  // by name
  bool wizard_passed = false;    // the node's own
  std::string spec_hash;
  std::int64_t epoch = 0;
  std::optional<std::int64_t> disk_free_bytes;  // where its database lives

  bool operator==(const Direction&) const = default;
};

// ---- for the operator of the node that holds the row: its own server, its own role

// Makes the schema where it is missing, and writes the row. timed_out or unavailable while a copy
// holds the row: end_copies() first.
Task<Status> write_direction(Sql& sql, SqlTarget own, Direction direction);

// Ends every session of a copy on this server, those of a silent primary too; the number of them.
// A transaction that had not committed is undone.
Task<Result<int>> end_copies(Sql& sql, SqlTarget own);

// Both, so that no copy slips in between: before a node begins to serve. Within kYieldMax.
inline constexpr std::chrono::seconds kYieldMax{5};
Task<Status> end_copies_and_write(Sql& sql, SqlTarget own, Direction direction);

// Ends every copy and has the row let nobody in, whatever else it says; for a node that does not
// keep the row any more. Success where there is none.
Task<Status> shut_direction(Sql& sql, SqlTarget own);

// ---- for the copy

// What is remembered on the secondary of the last proven copy, written in its own transaction.
struct CopyRecord {
  std::string primary;            // name
  std::string system_identifier;  // of the primary's cluster
  std::uint64_t wal_position = 0;
  std::uint64_t transaction = 0;
  std::uint64_t tables = 0;
  std::string hash;

  bool operator==(const CopyRecord&) const = default;
};

struct DirectionSeen {
  std::optional<Direction> direction;  // nullopt: there is no row, or no table for it
  std::chrono::seconds age{};
  std::optional<CopyRecord> record;
  // Told without a lock alone, by whoever holds the lock of the copies: only such a one changes it.
  bool keeps_generations = false;     // the schema tandem_undo is there
  std::optional<std::string> undone;  // a copy was undone, and none has been ordered since
};

enum class RowLock { none, shared };
// Not found is no error. Under RowLock::shared the row stays as it is until the transaction ends.
Result<DirectionSeen> read_direction(DatabaseSession& secondary, RowLock lock);

Status write_record(DatabaseSession& secondary, const CopyRecord& record);
// What `undone` tells of is over.
Status end_hold(DatabaseSession& secondary);

}  // namespace tandem

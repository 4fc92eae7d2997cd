// Takes the newest kept copy back: the secondary's database is then as it was before that copy.
//
// Everything happens in one transaction on the secondary's server alone, under the same guards of
// direction as a copy; the primary may be dead. The changed tables must be as that copy left them,
// by hash, and are proven to be as they were before it, before anything is committed. From then on
// no copy is made until a person orders one: the next minute's would only bring back what was
// undone.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/clock.h"
#include "ports/database_session.h"
#include "ports/sql.h"
#include "ports/task.h"
#include "replication/database/copy_order.h"
#include "replication/database/progress.h"

namespace tandem {

struct UndoOrder {
  SqlTarget secondary;  // the role tandem's
  Product product = Product::wazo;
  std::string pair;                          // metadata.name
  std::string primary_name, secondary_name;  // as declared
  std::vector<std::string> exclude_tables;
  std::string by, reason;  // for the record; the reason may be empty
};
// For a copy that is under way.
inline constexpr std::chrono::seconds kUndoPatience{20};

struct UndoOutcome {
  std::optional<CopyFailure> failure;  // nothing was changed then
  std::int64_t number = 0;             // of the generation
  std::string taken_at;                // of the copy that was undone: "2026-11-26T18:00:00Z"
  std::vector<TableCopied> changed;    // rows that the copy had brought, rows that were put back
  std::map<std::string, std::uint64_t> orphans;  // as a copy's
  std::uint64_t sequences_set = 0;
  std::uint64_t bytes = 0;
  std::chrono::milliseconds total{};
};
// What was put back, or the failure with its remedy.
std::string describe(const UndoOutcome& outcome);

class DatabaseUndo {
 public:
  DatabaseUndo(Databases& databases, const Clock& clock) : databases_(databases), clock_(clock) {}

  // Blocks. `stop` ends it within a moment; the secondary is then as it was, unless the commit was
  // already under way.
  UndoOutcome run(const UndoOrder& order, std::stop_token stop, const ProgressSink& sink);

 private:
  Databases& databases_;
  const Clock& clock_;
};

// What is kept.
struct KeptGeneration {
  std::int64_t number = 0;
  std::string taken_at;  // "2026-11-26T18:00:00Z"
  std::string cause;     // "ordered", "by schedule", "forced: ...", "the first after a takeover"
  std::uint64_t tables = 0, rows = 0, bytes = 0;
  std::vector<std::string> names;  // of the tables

  bool operator==(const KeptGeneration&) const = default;
};
struct UndoHold {
  std::int64_t number = 0;  // of the generation that was put back last
  std::string taken_at, undone_at, by, reason;

  bool operator==(const UndoHold&) const = default;
};
struct KeptGenerations {
  std::vector<KeptGeneration> generations;  // newest first
  std::optional<UndoHold> hold;             // no copy is made by itself

  bool operator==(const KeptGenerations&) const = default;
};
// {} where nothing was ever kept.
Task<Result<KeptGenerations>> read_generations(Sql& sql, SqlTarget secondary);

}  // namespace tandem

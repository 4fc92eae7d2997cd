// What the journal of a secondary tells a person: what users changed while it served, what of it
// was carried back, and what is still to be looked at. Read and written over either node's way to
// the secondary's database.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/user_features.h"
#include "ports/sql.h"
#include "ports/task.h"

namespace tandem {

// Of each kind: more is counted and not listed.
inline constexpr std::size_t kChangesListed = 10'000;
inline constexpr std::size_t kRowsListed = 1'000;

// A time that the secondary served. Times are RFC 3339, UTC.
struct ServedTime {
  std::int64_t id = 0;
  std::string node;
  std::int64_t epoch = 0;
  std::string since;
  bool late = false;          // since when is only an upper bound of the time
  std::string journalled_at;  // empty: what it holds is not kept yet, and no copy is made before
  std::uint64_t rows = 0;
  std::string ended_at;  // empty: something of it may still wait
  std::string ended_how, ended_by, reason;

  bool is_open() const { return journalled_at.empty() && ended_at.empty(); }
  bool waits() const { return !journalled_at.empty() && ended_at.empty(); }
};

// What a user changed on a phone.
struct FeatureChange {
  std::int64_t served = 0;  // ServedTime::id
  std::string user_uuid, user_name;
  UserFeature feature = UserFeature::dnd;
  FeatureValue primary, secondary;    // when it was kept
  std::optional<bool> primary_moved;  // the primary's user was changed after the last copy
  // "pending", "applied", "conflict", "gone", "superseded": a later time has one of its own.
  std::string state = "pending";
  std::string message, by, at;  // of the last try

  bool waits() const { return state == "pending" || state == "conflict" || state == "gone"; }
};

// Rows of one table and kind beside those.
struct RowCount {
  std::int64_t served = 0;
  std::string table, kind;
  std::uint64_t rows = 0;
};

struct Divergence {
  std::vector<ServedTime> times;       // the newest first
  std::vector<FeatureChange> changes;  // of the newest, and of all that wait
  std::vector<RowCount> others;
  bool cut = false;  // there are more changes than are listed

  const ServedTime* open() const;  // nullptr: nothing keeps the next copy
  // What waits for somebody: by "dnd", "forwards", "other".
  std::map<std::string, std::uint64_t> waiting() const;
  bool waits() const;
  bool waits_for(const ServedTime& time) const;
};

// not_found is no error: an earlier version wrote nothing.
Task<Result<Divergence>> read_divergence(Sql& sql, SqlTarget secondary);

// In the place of a key that is a secret itself.
inline constexpr std::string_view kKeyNotShown = "not shown: it is a secret";

// One row of the journal, without its values: passwords are among them.
struct JournalRow {
  std::int64_t served = 0;
  std::string table, kind, key;
  std::string columns;  // that differ, for a changed one
};
Task<Result<std::vector<JournalRow>>> read_journal_rows(Sql& sql, SqlTarget secondary);

// What became of one change. `change.state`, `message`, `by` are kept.
Task<Status> keep_carried(Sql& sql, SqlTarget secondary, FeatureChange change);

// Ends a time of which nothing waits.
Task<Status> end_served(Sql& sql, SqlTarget secondary, std::int64_t id, std::string how);

// Gives up what waits, also what could not be kept: the number of times that concerned. Refused as
// invalid while the secondary serves, since what is written after it would be overwritten unseen.
Task<Result<int>> discard_divergence(Sql& sql, SqlTarget secondary, std::string by,
                                     std::string reason);

}  // namespace tandem

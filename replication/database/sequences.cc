#include "replication/database/sequences.h"

#include <fmt/format.h>

#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

// From each sequence itself: pg_sequences does not tell where one stands that was not called yet.
std::string values_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text +=
        fmt::format("{}select {}::text as name, last_value || ' ' || is_called as value from {}",
                    text.empty() ? "" : " union all ", sql_text(name), sql_table(name));
  if (names.empty()) text = "select '' as name, '' as value where false";
  return "(" + text + ") s";
}

bool was_called(const std::string& value) { return value.ends_with(" true"); }

// What it gives next, if it counts by one: as good for telling which of two is ahead.
std::int64_t next_of(const std::string& value) {
  return number_in<std::int64_t>(value) + (was_called(value) ? 1 : 0);
}

}  // namespace

Result<SequenceValues> read_sequences(DatabaseSession& session,
                                      const std::vector<std::string>& names) {
  const auto found = session.ask("select name, value from " + values_of(names));
  if (!found.ok()) return found.error();
  SequenceValues values;
  for (const auto& row : found.value().rows) values[row[0].value_or("")] = row[1].value_or("");
  return values;
}

Result<std::string> sequences_fingerprint(DatabaseSession& session,
                                          const std::vector<std::string>& names) {
  const auto found = session.ask(
      "select md5(coalesce(string_agg(s::text, ',' order by name collate \"C\"), '')) from " +
      values_of(names));
  if (!found.ok()) return found.error();
  return found.value().rows.at(0).at(0).value_or("");
}

SequenceMoves sequence_moves(const SequenceValues& primary, const SequenceValues& secondary) {
  SequenceMoves moves;
  for (const auto& [name, value] : primary) {
    const auto theirs = secondary.find(name);
    if (theirs == secondary.end() || theirs->second == value) continue;
    (next_of(value) > next_of(theirs->second) ? moves.raised : moves.lowered)[name] = value;
  }
  return moves;
}

Status set_sequences(DatabaseSession& secondary, const SequenceValues& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    text += fmt::format("select setval({}::regclass, {}, {}); ", sql_text(sql_table(name)),
                        number_in<std::int64_t>(value), was_called(value));
  }
  if (text.empty()) return success();
  const auto set = secondary.ask(text);
  return set.ok() ? success() : Status(set.error());
}

}  // namespace tandem

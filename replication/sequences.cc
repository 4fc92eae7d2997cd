#include "replication/sequences.h"

#include <fmt/format.h>

#include <charconv>

#include "replication/sql_text.h"

namespace tandem {
namespace {

std::string values_of(const std::vector<std::string>& names) {
  return fmt::format(
      "(select sequencename::text as name, coalesce(last_value::text, '') as value from "
      "pg_sequences where schemaname = 'public' and sequencename = any ({}::name[])) s",
      sql_array(names));
}

std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
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
    const bool raises =
        !value.empty() && (theirs->second.empty() || number_of(value) > number_of(theirs->second));
    (raises ? moves.raised : moves.lowered)[name] = value;
  }
  return moves;
}

Status set_sequences(DatabaseSession& secondary, const SequenceValues& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    const std::string regclass = sql_text(sql_table(name)) + "::regclass";
    // One that was never called begins again where it was made to begin.
    text += value.empty()
                ? fmt::format(
                      "select setval({}, seqstart, false) from pg_sequence where seqrelid = "
                      "{}; ",
                      regclass, regclass)
                : fmt::format("select setval({}, {}); ", regclass, number_of(value));
  }
  if (text.empty()) return success();
  const auto set = secondary.ask(text);
  return set.ok() ? success() : Status(set.error());
}

}  // namespace tandem

#include "replication/undo/undo_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "replication/database/sql_text.h"

namespace tandem {
namespace {

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::string columns_difference(const std::string& table, const std::string& kept,
                               const std::string& now) {
  const auto before = lines_of(kept), after = lines_of(now);
  std::vector<std::string> told;
  for (const auto& column : before)
    if (!after.contains(column)) told.push_back(fmt::format("{}.{} was there", table, column));
  for (const auto& column : after)
    if (!before.contains(column)) told.push_back(fmt::format("{}.{} is new", table, column));
  if (told.empty()) told.push_back(fmt::format("the columns of {} have another order", table));
  if (told.size() > kDifferencesMax) told.resize(kDifferencesMax);
  std::string text;
  for (const auto& word : told) text += (text.empty() ? "" : "; ") + word;
  return text;
}

std::string removal_statement(const CopyTable& table, bool whole, std::int64_t generation,
                              int place) {
  if (whole) return "delete from only " + sql_table(table.name);
  std::string arrays, names, match;
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    const std::string column = sql_name(table.key[i]);
    arrays += fmt::format("{}a.keys[{}]::{}[]", i == 0 ? "" : ", ", i + 1,
                          table.column(table.key[i]).type);
    names += fmt::format("{}k{}", i == 0 ? "" : ", ", i);
    match += fmt::format(" and t.{} = k.k{}", column, i);
  }
  return fmt::format(
      "delete from only {} t using tandem_undo.added a, unnest({}) k({}) where a.generation = {} "
      "and a.place = {}{}",
      sql_table(table.name), arrays, names, generation, place, match);
}

// OFFSET keeps the planner from reading a text once for each of its columns.
std::string return_statement(const CopyTable& table, std::int64_t generation, int place) {
  std::string columns, values;
  for (const auto& column : table.columns) {
    if (column.generated) continue;
    columns += (columns.empty() ? "" : ", ") + sql_name(column.name);
    values += (values.empty() ? "(s.r)." : ", (s.r).") + sql_name(column.name);
  }
  return fmt::format(
      "insert into {0} ({1}) overriding system value select {2} from (select u.line::{0} as r from "
      "tandem_undo.kept k, unnest(k.rows) u(line) where k.generation = {3} and k.place = {4} "
      "offset 0) s",
      sql_table(table.name), columns, values, generation, place);
}

}  // namespace tandem

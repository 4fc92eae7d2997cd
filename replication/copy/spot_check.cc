#include "replication/copy/spot_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "replication/copy/transfer.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

// Hashes of rows by their keys.
using Rows = std::map<RowKey, std::string>;

std::string columns_of_spot(const CopyTable& table) {
  // A cast keeps the column's name, and an ORDER BY would mean the cast then, which has no index.
  std::string list = row_hash(table) + " as h";
  for (std::size_t i = 0; i < table.key.size(); ++i)
    list += fmt::format(", {}::text as k{}", sql_name(table.key[i]), i);
  return list;
}

// (select ... order by a desc, b desc limit n)
std::string end_of(const CopyTable& table, std::string_view direction) {
  std::string order;
  for (const auto& name : table.key)
    order += fmt::format("{}t.{} {}", order.empty() ? "" : ", ", sql_name(name), direction);
  return fmt::format("(select {} from only {} t order by {} limit {})", columns_of_spot(table),
                     sql_table(table.name), order, kSpotRows);
}

Result<Rows> rows_in(DatabaseSession& session, const std::string& text) {
  const auto found = session.ask(text);
  if (!found.ok()) return found.error();
  Rows rows;
  for (const auto& cells : found.value().rows) {
    if (cells.empty()) return Error{Fault::invalid, "a server answered no rows"};
    RowKey key;
    for (std::size_t i = 1; i < cells.size(); ++i) key.push_back(cells[i].value_or(""));
    rows[std::move(key)] = cells[0].value_or("");
  }
  return rows;
}

Result<bool> has_changed_throughout(DatabaseSession& primary, DatabaseSession& secondary,
                                    const CopyTable& table) {
  const auto ours = rows_in(primary, end_of(table, "asc") + " union all " + end_of(table, "desc"));
  if (!ours.ok()) return in_context("primary", ours.error());
  std::vector<RowKey> keys;
  for (const auto& [key, hash] : ours.value()) keys.push_back(key);
  if (keys.empty()) return false;
  // By these keys, not by its own ends: the servers need not agree on the order of text.
  const auto theirs =
      rows_in(secondary, fmt::format("select {} from only {}{}", columns_of_spot(table),
                                     sql_table(table.name), where_key_among(table, keys)));
  if (!theirs.ok()) return in_context("secondary", theirs.error());
  const auto same = std::count_if(ours.value().begin(), ours.value().end(), [&](const auto& row) {
    const auto other = theirs.value().find(row.first);
    return other != theirs.value().end() && other->second == row.second;
  });
  const auto changed = static_cast<std::int64_t>(keys.size()) - same;
  return changed * 100 >= static_cast<std::int64_t>(keys.size()) * kSpotChangedMin;
}

Result<std::uint64_t> count_of(DatabaseSession& session, const CopyTable& table) {
  const auto found = session.ask("select count(*) from only " + sql_table(table.name));
  if (!found.ok()) return found.error();
  return number_in<std::uint64_t>(found.value().rows.at(0).at(0));
}

}  // namespace

Result<std::map<std::string, TableCounts>> changed_throughout(DatabaseSession& primary,
                                                              DatabaseSession& secondary,
                                                              const std::vector<HashPlan>& plans) {
  std::map<std::string, TableCounts> found;
  for (const auto& plan : plans) {
    if (!plan.samples() || !plan.table->key_has_text_form()) continue;
    const auto changed = has_changed_throughout(primary, secondary, *plan.table);
    if (!changed.ok()) return changed.error();
    if (!changed.value()) continue;
    const auto ours = count_of(primary, *plan.table);
    if (!ours.ok()) return in_context("primary", ours.error());
    const auto theirs = count_of(secondary, *plan.table);
    if (!theirs.ok()) return in_context("secondary", theirs.error());
    found[plan.table->name] = {ours.value(), theirs.value()};
  }
  return found;
}

}  // namespace tandem

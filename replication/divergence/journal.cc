#include "replication/divergence/journal.h"

#include <fmt/format.h>

#include <algorithm>

#include "replication/database/comparison.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

// All columns by name: the same text for the same row on both servers.
std::string row_text(const CopyTable& table) {
  std::string columns;
  for (const auto& column : table.columns)
    columns += (columns.empty() ? "t." : ", t.") + sql_name(column.name);
  return "row(" + columns + ")::text";
}

std::string key_array(const CopyTable& table) {
  std::string list;
  for (const auto& column : table.key)
    list += (list.empty() ? "t." : ", t.") + sql_name(column) + "::text";
  return list.empty() ? "array[]::text[]" : "array[" + list + "]";
}

std::string key_columns(const CopyTable& table) {
  std::string list;
  for (const auto& column : table.key) list += (list.empty() ? "t." : ", t.") + sql_name(column);
  return list;
}

// The keys as columns k0, k1, ... of their own types.
std::string unnested(const CopyTable& table, const std::vector<RowKey>& keys) {
  std::string arrays, names;
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    std::vector<std::string> values;
    values.reserve(keys.size());
    for (const auto& key : keys) values.push_back(key[i]);
    arrays += fmt::format("{}{}::{}[]", i == 0 ? "" : ", ", sql_array(values),
                          table.column(table.key[i]).type);
    names += fmt::format("{}k{}", i == 0 ? "" : ", ", i);
  }
  return fmt::format("unnest({}) k ({})", arrays, names);
}

std::string names_of_unnested(std::size_t count) {
  std::string names;
  for (std::size_t i = 0; i < count; ++i) names += fmt::format("{}k.k{}", i == 0 ? "" : ", ", i);
  return names;
}

std::string numbers(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& number : list) text += (text.empty() ? "" : ", ") + number;
  return text;
}

// What the primary has under some keys.
struct OtherRow {
  std::string text, json, moved;
};
using OtherRows = std::map<RowKey, OtherRow>;

Result<OtherRows> rows_of_primary(DatabaseSession& primary, const CopyTable& table,
                                  const std::vector<RowKey>& keys, const std::string& moved) {
  const auto found = primary.ask(fmt::format(
      "select {}, {}, row_to_json(t)::text, {} from only {} t where ({}) in (select {} from {})",
      key_array(table) + "::text", row_text(table), moved, sql_table(table.name),
      key_columns(table), names_of_unnested(table.key.size()), unnested(table, keys)));
  if (!found.ok()) return in_context("primary", found.error());
  OtherRows rows;
  for (const auto& row : found.value().rows)
    rows[{row[0].value_or("")}] = {row[1].value_or(""), row[2].value_or(""), row[3].value_or("")};
  return rows;
}

std::string insert_of_absent(std::int64_t activation, const std::string& table,
                             const OtherRows& rows) {
  std::string values;
  for (const auto& [key, row] : rows)
    values += fmt::format("{}({}, {}, 'absent', {}::text[], {}, {}::json, {}::boolean)",
                          values.empty() ? "" : ", ", activation, sql_text(table),
                          sql_text(key.front()), sql_text(row.text), sql_text(row.json),
                          row.moved.empty() ? "null" : sql_text(row.moved));
  return "insert into tandem.journal (activation, table_name, kind, key, primary_text, "
         "primary_row, primary_moved) values " +
         values;
}

std::string update_of_changed(const std::map<std::string, OtherRow>& changed) {
  std::string values;
  for (const auto& [id, row] : changed)
    values += fmt::format("{}({}, {}, {}::json, {}::boolean)", values.empty() ? "" : ", ", id,
                          sql_text(row.text), sql_text(row.json),
                          row.moved.empty() ? "null" : sql_text(row.moved));
  return "update tandem.journal j set kind = 'changed', primary_text = v.t, primary_row = v.r, "
         "primary_moved = v.m from (values " +
         values + ") v (id, t, r, m) where j.id = v.id";
}

Status in_secondary(const Result<SqlRows>& answer) {
  return answer.ok() ? success() : Status(in_context("secondary", answer.error()));
}

}  // namespace

Result<Journalled> Journal::write(const std::vector<const CopyTable*>& tables) {
  if (const auto looked = look_for_mark(); !looked.ok()) return looked.error();
  std::size_t tables_done = 0;
  for (const CopyTable* table : tables) {
    if (const auto added = add_table(*table); !added.ok()) {
      Error error = added.error();
      error.message += " (table " + table->name + ")";
      return error;
    }
    parts_.tell(++tables_done, done_.rows());
  }
  if (const auto marked = mark(); !marked.ok()) return marked.error();
  return done_;
}

// Rows that the primary has just the same are no loss; a table without a key tells not which those
// are, and keeps all.
Status Journal::add_table(const CopyTable& table) {
  const auto size = size_of(table);
  if (!size.ok()) return size.error();
  if (size.value().rows > 0) {
    if (const auto room = take_room(table, size.value()); !room.ok()) return room;
    if (const auto added = add_own(table); !added.ok()) return added;
    const std::uint64_t fitting =
        kJournalPageBytes / std::max<std::uint64_t>(size.value().largest, 1);
    const std::uint64_t page = std::clamp<std::uint64_t>(fitting, 1, kJournalPage);
    if (!table.key.empty())
      if (const auto looked = look_at_primary(table, page); !looked.ok()) return looked;
  }
  if (table.key.empty()) return success();
  return add_absent(table);
}

Result<Journal::Size> Journal::size_of(const CopyTable& table) {
  const auto found = parts_.secondary.ask(
      fmt::format("select count(*), coalesce(sum(l), 0)::bigint, coalesce(max(l), 0) from (select "
                  "octet_length({}) + octet_length(row_to_json(t)::text) l from only {} t where "
                  "{}) s",
                  row_text(table), sql_table(table.name),
                  may_be_since_sql("t", parts_.activation.transaction)));
  if (!found.ok()) return in_context("secondary", found.error());
  const SqlRow& row = found.value().rows.at(0);
  return Size{number_in<std::uint64_t>(row[0]), number_in<std::uint64_t>(row[1]),
              number_in<std::uint64_t>(row[2])};
}

Status Journal::take_room(const CopyTable& table, const Size& size) {
  // With the primary's rows beside them.
  done_.bytes += 2 * size.bytes;
  if (done_.rows() + size.rows > parts_.limits.rows || done_.bytes > parts_.limits.bytes)
    return Error{Fault::too_large,
                 fmt::format("{} rows ({} MiB with what the primary has in their place) may have "
                             "been written there while it served, {} of {}; kept are {} rows or {} "
                             "MiB of one takeover",
                             done_.rows() + size.rows, done_.bytes >> 20U, size.rows, table.name,
                             parts_.limits.rows, parts_.limits.bytes >> 20U)};
  return parts_.room(done_.bytes);
}

Status Journal::add_own(const CopyTable& table) {
  const auto added = parts_.secondary.ask(fmt::format(
      "insert into tandem.journal (activation, table_name, kind, key, secondary_text, "
      "secondary_row) select {}, {}, 'added', {}, {}, row_to_json(t) from only {} t where {}",
      parts_.activation.id, sql_text(table.name), key_array(table), row_text(table),
      sql_table(table.name), may_be_since_sql("t", parts_.activation.transaction)));
  if (!added.ok()) return in_context("secondary", added.error());
  done_.added += parts_.secondary.affected();
  return success();
}

Status Journal::look_at_primary(const CopyTable& table, std::uint64_t page) {
  const std::string columns = [&] {
    std::string list;
    for (std::size_t i = 0; i < table.key.size(); ++i) list += fmt::format(", key[{}]", i + 1);
    return list;
  }();
  std::string last = "0";
  for (;;) {
    const auto own = parts_.secondary.ask(fmt::format(
        "select id, key::text, secondary_text{} from tandem.journal where activation = {} and "
        "table_name = {} and kind = 'added' and id > {} order by id limit {}",
        columns, parts_.activation.id, sql_text(table.name), last, page));
    if (!own.ok()) return in_context("secondary", own.error());
    if (own.value().rows.empty()) return success();
    std::vector<RowKey> keys;
    for (const auto& row : own.value().rows) {
      RowKey key;
      for (std::size_t i = 3; i < row.size(); ++i) key.push_back(row[i].value_or(""));
      keys.push_back(std::move(key));
    }
    last = own.value().rows.back()[0].value_or("0");
    const auto others = rows_of_primary(parts_.primary, table, keys, moved_sql("t"));
    if (!others.ok()) return others.error();
    std::vector<std::string> equal;
    std::map<std::string, OtherRow> changed;
    for (const auto& row : own.value().rows) {
      const auto other = others.value().find({row[1].value_or("")});
      if (other == others.value().end()) continue;
      if (other->second.text == row[2])
        equal.push_back(row[0].value_or(""));
      else
        changed[row[0].value_or("")] = other->second;
    }
    done_.added -= equal.size() + changed.size();
    done_.changed += changed.size();
    if (!equal.empty())
      if (const auto left = in_secondary(parts_.secondary.ask(
              fmt::format("delete from tandem.journal where id in ({})", numbers(equal))));
          !left.ok())
        return left;
    if (!changed.empty())
      if (const auto kept = in_secondary(parts_.secondary.ask(update_of_changed(changed)));
          !kept.ok())
        return kept;
  }
}

// By pages of keys in the primary's order, so that no list of all is held.
Status Journal::add_absent(const CopyTable& table) {
  std::string after;
  for (;;) {
    const std::string keys = key_columns(table);
    std::string cells;
    for (const auto& column : table.key)
      cells += (cells.empty() ? "t." : ", t.") + sql_name(column) + "::text";
    const auto page =
        parts_.primary.ask(fmt::format("select {} from only {} t{} order by {} limit {}", cells,
                                       sql_table(table.name), after, keys, kJournalPage));
    if (!page.ok()) return in_context("primary", page.error());
    if (page.value().rows.empty()) return success();
    std::vector<RowKey> there;
    for (const auto& row : page.value().rows) {
      RowKey key;
      for (const auto& cell : row) key.push_back(cell.value_or(""));
      there.push_back(std::move(key));
    }
    after = fmt::format(" where ({}) > (select {} from {})", keys,
                        names_of_unnested(table.key.size()), unnested(table, {there.back()}));
    const auto missing = parts_.secondary.ask(fmt::format(
        "select {} from {} where not exists (select from only {} t where ({}) = ({}))",
        [&] {
          std::string list;
          for (std::size_t i = 0; i < table.key.size(); ++i)
            list += fmt::format("{}k.k{}::text", i == 0 ? "" : ", ", i);
          return list;
        }(),
        unnested(table, there), sql_table(table.name), keys, names_of_unnested(table.key.size())));
    if (!missing.ok()) return in_context("secondary", missing.error());
    std::vector<RowKey> absent;
    for (const auto& row : missing.value().rows) {
      RowKey key;
      for (const auto& cell : row) key.push_back(cell.value_or(""));
      absent.push_back(std::move(key));
    }
    if (const auto kept = keep_absent(table, absent); !kept.ok()) return kept;
    if (there.size() < kJournalPage) return success();
  }
}

// A few at a time: nobody knows how large the primary's rows are.
Status Journal::keep_absent(const CopyTable& table, const std::vector<RowKey>& keys) {
  constexpr std::size_t kAtOnce = 50;
  for (std::size_t at = 0; at < keys.size(); at += kAtOnce) {
    const std::size_t end = std::min(at + kAtOnce, keys.size());
    const std::vector<RowKey> some(keys.begin() + static_cast<std::ptrdiff_t>(at),
                                   keys.begin() + static_cast<std::ptrdiff_t>(end));
    const auto rows = rows_of_primary(parts_.primary, table, some, moved_sql("t"));
    if (!rows.ok()) return rows.error();
    if (rows.value().empty()) continue;
    Size size;
    size.rows = rows.value().size();
    for (const auto& [key, row] : rows.value()) size.bytes += row.text.size() + row.json.size();
    if (const auto room = take_room(table, size); !room.ok()) return room;
    const auto added = in_secondary(
        parts_.secondary.ask(insert_of_absent(parts_.activation.id, table.name, rows.value())));
    if (!added.ok()) return added;
    done_.absent += size.rows;
  }
  return success();
}

Status Journal::look_for_mark() {
  const auto found =
      parts_.secondary.ask("select system_identifier, primary_transaction from tandem.copied");
  if (!found.ok()) return in_context("secondary", found.error());
  if (found.value().rows.empty()) return success();
  const SqlRow& row = found.value().rows.front();
  if (row[0] == parts_.system_identifier) read_until_ = number_in<std::uint64_t>(row[1]);
  return success();
}

std::string Journal::moved_sql(const std::string& alias) const {
  return read_until_ ? may_be_since_sql(alias, *read_until_) : "null::boolean";
}

Status Journal::mark() {
  const auto marked = parts_.secondary.ask(fmt::format(
      "update tandem.activation set journalled_at = clock_timestamp(), journalled_rows = {}, "
      "journalled_bytes = {} where id = {} and ended_at is null",
      done_.rows(), done_.bytes, parts_.activation.id));
  if (!marked.ok()) return in_context("secondary", marked.error());
  const auto pruned = parts_.secondary.ask(
      fmt::format("with old as (delete from tandem.activation where id <= (select max(id) - {} "
                  "from tandem.activation) returning id), c as (delete from tandem.carried where "
                  "activation in (select id from old)) delete from tandem.journal where activation "
                  "in (select id from old)",
                  kActivationsKept));
  if (!pruned.ok()) return in_context("secondary", pruned.error());
  return in_secondary(parts_.secondary.ask("commit"));
}

}  // namespace tandem

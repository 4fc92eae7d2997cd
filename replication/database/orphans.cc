#include "replication/database/orphans.h"

#include <fmt/format.h>

#include <algorithm>

#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

constexpr std::string_view kReferences = R"(
  select f.relname::text, t.relname::text, c.confdeltype = 'n', a.attname::text, b.attname::text,
    k.place::text
  from pg_constraint c
  join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
  join lateral unnest(c.conkey, c.confkey) with ordinality k(own, other, place) on true
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
  join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.other
  where c.contype = 'f' and c.connamespace = 'public'::regnamespace
    and f.relnamespace = c.connamespace and t.relnamespace = c.connamespace
    and (f.relname = any ({0}::name[]) or t.relname = any ({0}::name[]))
  order by f.relname, c.conname, k.place)";

bool is_in(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Rows of `o` whose reference is whole and leads nowhere.
std::string leads_nowhere(const Reference& reference) {
  std::string whole, match;
  for (std::size_t i = 0; i < reference.from_columns.size(); ++i) {
    const std::string own = sql_name(reference.from_columns[i]);
    const std::string other = sql_name(reference.to_columns[i]);
    whole += fmt::format("{}o.{} is not null", i == 0 ? "" : " and ", own);
    match += fmt::format("{}t.{} = o.{}", i == 0 ? "" : " and ", other, own);
  }
  return fmt::format(" where {} and not exists (select from {} t where {})", whole,
                     sql_table(reference.to), match);
}

std::string removal(const Reference& reference) {
  if (!reference.clears)
    return fmt::format("delete from {} o{}", sql_table(reference.from), leads_nowhere(reference));
  std::string nulls;
  for (const auto& column : reference.from_columns)
    nulls += (nulls.empty() ? "" : ", ") + sql_name(column) + " = null";
  return fmt::format("update {} o set {}{}", sql_table(reference.from), nulls,
                     leads_nowhere(reference));
}

}  // namespace

Result<std::vector<Reference>> read_references(DatabaseSession& secondary,
                                               const std::vector<std::string>& left_out) {
  const auto found = secondary.ask(fmt::format(kReferences, sql_array(left_out)));
  if (!found.ok()) return found.error();
  std::vector<Reference> references;
  for (const auto& row : found.value().rows) {
    if (row[5] != "1" && !references.empty()) {
      references.back().from_columns.push_back(row[3].value_or(""));
      references.back().to_columns.push_back(row[4].value_or(""));
      continue;
    }
    references.push_back({row[0].value_or(""),
                          row[1].value_or(""),
                          {row[3].value_or("")},
                          {row[4].value_or("")},
                          row[2] == "t"});
  }
  return references;
}

Result<std::map<std::string, std::uint64_t>> remove_orphans(
    DatabaseSession& secondary, const std::vector<Reference>& references,
    const std::vector<std::string>& left_out, std::set<std::string> changed) {
  std::map<std::string, std::uint64_t> removed;
  for (int round = 0; round < kOrphanRoundsMax && !changed.empty(); ++round) {
    std::set<std::string> now;
    for (const auto& reference : references) {
      if (!is_in(left_out, reference.from) || !changed.contains(reference.to)) continue;
      const auto done = secondary.ask(removal(reference));
      if (!done.ok()) return done.error();
      if (secondary.affected() == 0) continue;
      removed[reference.from] += secondary.affected();
      now.insert(reference.from);
    }
    changed = std::move(now);
  }
  return removed;
}

Result<std::map<std::string, std::uint64_t>> rows_astray(DatabaseSession& secondary,
                                                         const std::set<std::string>& changed,
                                                         const std::vector<std::string>& left_out) {
  const auto references = read_references(secondary, {changed.begin(), changed.end()});
  if (!references.ok()) return references.error();
  std::map<std::string, std::uint64_t> astray;
  for (const auto& reference : references.value()) {
    if (changed.contains(reference.from) == changed.contains(reference.to)) continue;
    if (is_in(left_out, reference.from) || is_in(left_out, reference.to)) continue;
    const auto found = secondary.ask(fmt::format(
        "select count(*) from {} o{}", sql_table(reference.from), leads_nowhere(reference)));
    if (!found.ok()) return found.error();
    astray[reference.from + " to " + reference.to] +=
        number_in<std::uint64_t>(found.value().rows.at(0).at(0));
  }
  return astray;
}

Result<std::vector<MissingRows>> missing_rows(DatabaseSession& secondary,
                                              const std::vector<Reference>& references,
                                              const std::vector<std::string>& left_out,
                                              const std::set<std::string>& changed) {
  std::vector<MissingRows> missing;
  for (const auto& reference : references) {
    if (is_in(left_out, reference.from) || !changed.contains(reference.from)) continue;
    std::string columns;
    for (const auto& name : reference.from_columns)
      columns += (columns.empty() ? "" : ", ") + ("o." + sql_name(name)) + "::text";
    const auto found = secondary.ask(fmt::format("select distinct {} from {} o{} limit {}", columns,
                                                 sql_table(reference.from),
                                                 leads_nowhere(reference), kMissingRowsMax));
    if (!found.ok()) return found.error();
    if (found.value().rows.empty()) continue;
    MissingRows& rows = missing.emplace_back();
    rows.table = reference.to;
    rows.columns = reference.to_columns;
    for (const auto& row : found.value().rows) {
      auto& values = rows.values.emplace_back();
      for (const auto& value : row) values.push_back(value.value_or(""));
    }
  }
  return missing;
}

}  // namespace tandem

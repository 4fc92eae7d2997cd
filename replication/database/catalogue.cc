#include "replication/database/catalogue.h"

#include <algorithm>
#include <set>

#include "pbx/table_map.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

// The form of a value is the same on both servers where its type is PostgreSQL's own, an array of
// such, or an enum, which travels by its labels. An array names its elements' type by number: of an
// enum's the two servers have different ones. A hash of the type's own takes for equal what its `=`
// does: 1.0 and 1.00, or a day and 24 hours, so only types are exact where that is the same text.
constexpr std::string_view kColumns = R"(
  select c.relname::text as tbl, a.attname::text as name,
    format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null,
    a.attgenerated <> '' as generated,
    y.typtype = 'e' or (y.typtype = 'b' and y.typnamespace = 'pg_catalog'::regnamespace
      and coalesce(e.typtype = 'b' and e.typnamespace = 'pg_catalog'::regnamespace, true))
      as is_binary,
    y.typnamespace = 'pg_catalog'::regnamespace and y.typname in ('bool', 'int2', 'int4', 'int8',
      'text', 'varchar', 'uuid', 'bytea', 'date', 'timestamp', 'timestamptz')
      and coalesce(l.collisdeterministic, true) as is_exact
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type y on y.oid = a.atttypid
  left join pg_type e on e.oid = y.typelem
  left join pg_collation l on l.oid = a.attcollation
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence <> 't')";

// The primary key, or else a unique index that can stand for one.
constexpr std::string_view kKeys = R"(
  select c.relname::text as tbl, a.attname::text as name, k.place::text as place
  from pg_class c
  join lateral (
    select i.indkey, i.indnkeyatts from pg_index i
    where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate
      and i.indpred is null and i.indexprs is null
      and not exists (select from unnest(i.indkey) u join pg_attribute n
        on n.attrelid = c.oid and n.attnum = u where not n.attnotnull)
    order by not i.indisprimary, i.indnkeyatts, i.indkey::text limit 1) i on true
  join lateral unnest(i.indkey) with ordinality k(number, place) on k.place <= i.indnkeyatts
  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence <> 't')";

constexpr std::string_view kSizes = R"(
  select relname::text, greatest(reltuples, 0)::bigint::text, pg_total_relation_size(oid)::text
  from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence <> 't')";

constexpr std::string_view kSequences = R"(
  select s.relname::text, o.relname::text from pg_class s
  left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid
    and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
  left join pg_class o on o.oid = d.refobjid
  where s.relnamespace = 'public'::regnamespace and s.relkind = 'S' order by 1)";

bool is_true(const std::optional<std::string>& text) { return text == "t"; }

Status read_columns(DatabaseSession& session, Catalogue& catalogue) {
  const auto columns = session.ask(std::string(kColumns) + " order by 1, 2");
  if (!columns.ok()) return columns.error();
  for (const auto& row : columns.value().rows) {
    CopyTable& table = catalogue.tables[row[0].value_or("")];
    table.name = row[0].value_or("");
    table.columns.push_back({row[1].value_or(""), row[2].value_or(""), is_true(row[3]),
                             is_true(row[4]), is_true(row[5]), is_true(row[6])});
  }
  const auto keys = session.ask(std::string(kKeys) + " order by 1, k.place");
  if (!keys.ok()) return keys.error();
  for (const auto& row : keys.value().rows)
    catalogue.tables[row[0].value_or("")].key.push_back(row[1].value_or(""));
  return success();
}

std::string described(const CopyColumn& column) {
  return column.type + (column.not_null ? " not null" : "") +
         (column.generated ? " generated" : "");
}

// Of two tables of one name.
void compare_columns(const CopyTable& primary, const CopyTable& secondary,
                     std::vector<std::string>& told) {
  std::map<std::string, const CopyColumn*> theirs;
  for (const auto& column : secondary.columns) theirs[column.name] = &column;
  for (const auto& column : primary.columns) {
    const auto found = theirs.find(column.name);
    const std::string place = "column " + primary.name + "." + column.name;
    if (found == theirs.end()) {
      told.push_back(place + " is missing on the secondary");
      continue;
    }
    if (described(column) != described(*found->second))
      told.push_back(place + " is " + described(column) + " on the primary, " +
                     described(*found->second) + " on the secondary");
    theirs.erase(found);
  }
  for (const auto& [name, column] : theirs)
    told.push_back("column " + primary.name + "." + name + " is missing on the primary");
  if (primary.key != secondary.key)
    told.push_back("table " + primary.name + " has another key on the secondary");
}

}  // namespace

const CopyColumn& CopyTable::column(const std::string& wanted) const {
  return *std::find_if(columns.begin(), columns.end(),
                       [&](const CopyColumn& column) { return column.name == wanted; });
}

bool CopyTable::is_binary() const {
  return std::all_of(columns.begin(), columns.end(),
                     [](const CopyColumn& column) { return column.binary || column.generated; });
}

bool CopyTable::key_has_text_form() const {
  for (const auto& part : key)
    if (column(part).type.ends_with("[]")) return false;
  return !key.empty();
}

Result<Catalogue> read_catalogue(DatabaseSession& session, int version) {
  Catalogue catalogue;
  if (const auto read = read_columns(session, catalogue); !read.ok()) return read.error();
  for (auto& [name, table] : catalogue.tables) table.by_record = version >= kRecordHashesFrom;
  const auto sizes = session.ask(std::string(kSizes));
  if (!sizes.ok()) return sizes.error();
  for (const auto& row : sizes.value().rows) {
    const auto table = catalogue.tables.find(row[0].value_or(""));
    if (table == catalogue.tables.end()) continue;  // made since, or without columns
    table->second.rows_estimate = number_in<std::uint64_t>(row[1]);
    table->second.size = number_in<std::uint64_t>(row[2]);
  }
  const auto sequences = session.ask(std::string(kSequences));
  if (!sequences.ok()) return sequences.error();
  for (const auto& row : sequences.value().rows)
    catalogue.sequences.push_back({row[0].value_or(""), row[1].value_or("")});
  auto revisions = revisions_of(session, catalogue);
  if (!revisions.ok()) return revisions.error();
  catalogue.revisions = std::move(revisions).value();
  return catalogue;
}

Result<std::map<std::string, std::string>> revisions_of(DatabaseSession& session,
                                                        const Catalogue& catalogue) {
  std::map<std::string, std::string> revisions;
  std::string text;
  for (const auto& [name, table] : catalogue.tables)
    if (is_schema_revision_table(name))
      text += (text.empty() ? "" : " union all ") +
              ("select " + sql_text(name) + ", string_agg(t::text, ',' order by t::text) from " +
               sql_table(name) + " t");
  if (text.empty()) return revisions;
  const auto found = session.ask(text);
  if (!found.ok()) return found.error();
  for (const auto& row : found.value().rows) revisions[row[0].value_or("")] = row[1].value_or("");
  return revisions;
}

Result<std::string> schema_fingerprint(DatabaseSession& session,
                                       const std::vector<std::string>& left_out) {
  const std::string filter = "tbl <> all (" + sql_array(left_out) + "::text[])";
  const auto found = session.ask(
      "select md5((select coalesce(string_agg(f::text, E'\\n' order by tbl collate \"C\", name "
      "collate \"C\"), '') from (" +
      std::string(kColumns) + ") f where " + filter +
      ") || (select coalesce(string_agg(k::text, E'\\n' order by tbl collate \"C\", place collate "
      "\"C\"), '') from (" +
      std::string(kKeys) + ") k where " + filter + "))");
  if (!found.ok()) return found.error();
  return found.value().rows.at(0).at(0).value_or("");
}

Selection select_tables(const Catalogue& catalogue, Product product,
                        const std::vector<std::string>& exclude) {
  Selection selection;
  std::set<std::string> out;
  for (const auto& [name, table] : catalogue.tables) {
    if (left_out_because(product, name, exclude)) {
      selection.left_out.push_back(name);
      out.insert(name);
      continue;
    }
    selection.tables.push_back(&table);
    if (!is_known_table(product, name)) selection.unknown.push_back(name);
  }
  for (const auto& sequence : catalogue.sequences) {
    // The vendor names them after their table, also where none owns them.
    const bool named = sequence.owner.empty() && sequence.name.ends_with("_id_seq") &&
                       out.contains(sequence.name.substr(0, sequence.name.size() - 7));
    if (!named && !out.contains(sequence.owner)) selection.sequences.push_back(sequence.name);
  }
  return selection;
}

std::vector<std::string> schema_differences(const Catalogue& primary, const Catalogue& secondary,
                                            Product product,
                                            const std::vector<std::string>& exclude) {
  std::vector<std::string> told;
  const Selection ours = select_tables(primary, product, exclude);
  const Selection theirs = select_tables(secondary, product, exclude);
  for (const CopyTable* table : ours.tables) {
    const auto found = secondary.tables.find(table->name);
    if (found == secondary.tables.end())
      told.push_back("table " + table->name + " is missing on the secondary");
    else
      compare_columns(*table, found->second, told);
  }
  for (const CopyTable* table : theirs.tables)
    if (!primary.tables.contains(table->name))
      told.push_back("table " + table->name + " is missing on the primary");
  for (const auto& name : ours.sequences)
    if (std::find(theirs.sequences.begin(), theirs.sequences.end(), name) == theirs.sequences.end())
      told.push_back("sequence " + name + " is missing on the secondary");
  if (told.size() > kDifferencesMax) told.resize(kDifferencesMax);
  return told;
}

std::vector<std::string> revision_differences(const Catalogue& primary,
                                              const Catalogue& secondary) {
  std::vector<std::string> told;
  auto all = primary.revisions;
  all.insert(secondary.revisions.begin(), secondary.revisions.end());
  for (const auto& [table, ignored] : all) {
    const auto ours = primary.revisions.find(table), theirs = secondary.revisions.find(table);
    const std::string here = ours == primary.revisions.end() ? "none" : ours->second;
    const std::string there = theirs == secondary.revisions.end() ? "none" : theirs->second;
    if (here != there)
      told.push_back(table + " is " + here + " on the primary, " + there + " on the secondary");
  }
  return told;
}

}  // namespace tandem

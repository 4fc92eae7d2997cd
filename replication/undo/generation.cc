#include "replication/undo/generation.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

// `rows` of a batch are stored as they are: compressing them takes longer than writing them.
constexpr std::string_view kSchema = R"(create schema if not exists tandem_undo;
create table if not exists tandem_undo.generation (
  number bigint generated always as identity primary key, taken_at timestamptz not null,
  cause text not null, record jsonb, tables integer not null, rows bigint not null,
  bytes bigint not null);
create table if not exists tandem_undo.changed (generation bigint not null, place integer not null,
  name text not null, whole boolean not null, columns text not null, proof text not null,
  before text not null, after text not null, primary key (generation, place));
create table if not exists tandem_undo.kept (generation bigint not null, place integer not null,
  number bigint not null, bytes bigint not null, rows text[] not null);
alter table tandem_undo.kept alter rows set storage external;
create table if not exists tandem_undo.added (generation bigint not null, place integer not null,
  keys text[] not null);
create table if not exists tandem_undo.sequence (generation bigint not null, name text not null,
  value text not null);
create table if not exists tandem_undo.seen (
  only_row boolean primary key default true check (only_row), epoch bigint not null);
create table if not exists tandem_undo.hold (
  only_row boolean primary key default true check (only_row), number bigint not null,
  taken_at timestamptz not null, undone_at timestamptz not null, by_whom text not null,
  reason text not null))";

// The statement sees what was there before it: `was` is the epoch of the last run.
constexpr std::string_view kOpen = R"(
with was as (select epoch from tandem_undo.seen),
  seen as (insert into tandem_undo.seen (epoch) values ({}) on conflict (only_row) do update
    set epoch = excluded.epoch)
insert into tandem_undo.generation (taken_at, cause, record, tables, rows, bytes)
select clock_timestamp(), '', (select to_jsonb(c) from tandem.copy c), 0, 0, 0
returning number, (select epoch from was))";

constexpr std::string_view kPrune = R"(
with ranked as (select number, row_number() over (order by number desc) as place,
    sum(bytes) over (order by number desc) as held from tandem_undo.generation),
  old as (delete from tandem_undo.generation g using ranked r where r.number = g.number
    and r.place > 1 and (r.place > {} or r.held > {}) returning g.number),
  c as (delete from tandem_undo.changed where generation in (select number from old)),
  k as (delete from tandem_undo.kept where generation in (select number from old)),
  a as (delete from tandem_undo.added where generation in (select number from old))
delete from tandem_undo.sequence where generation in (select number from old))";

std::string changed_values(const GenerationDraft& draft) {
  std::string values;
  for (std::size_t place = 0; place < draft.tables.size(); ++place) {
    const auto& [table, whole, before, after] = draft.tables[place];
    values += fmt::format("{}({}, {}, {}, {}, {}, {}, {}, {})", values.empty() ? "" : ", ",
                          draft.number, place, sql_text(table->name), whole,
                          columns_expression(table->name), sql_text(proof_fingerprint(*table)),
                          sql_text(before ? to_text(*before) : ""), sql_text(to_text(after)));
  }
  return values;
}

}  // namespace

std::string keeping(const std::string& deletion, const CopyTable& table, const KeptTable& kept) {
  return fmt::format(
      "with gone as ({0} returning ({1}.*)::text as line), cut as (select line, "
      "sum(octet_length(line)) over (rows unbounded preceding) / {2} as chunk from gone), put as "
      "(insert into tandem_undo.kept (generation, place, number, bytes, rows) select {3}, {4}, "
      "count(*), sum(octet_length(line)), array_agg(line) from cut group by chunk returning "
      "number, bytes) select coalesce(sum(number), 0), coalesce(sum(bytes), 0) from put",
      deletion, sql_name(table.name), kKeptChunkBytes, kept.generation, kept.place);
}

std::string keep_keys_statement(const CopyTable& table, const std::vector<RowKey>& keys,
                                const KeptTable& kept) {
  std::string arrays;
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    std::vector<std::string> values;
    values.reserve(keys.size());
    for (const auto& key : keys) values.push_back(key[i]);
    arrays += (i == 0 ? "" : ", ") + sql_array(values);
  }
  return fmt::format(
      "insert into tandem_undo.added (generation, place, keys) values ({}, {}, array[{}]::text[])",
      kept.generation, kept.place, arrays);
}

std::string columns_expression(const std::string& table) {
  return fmt::format(
      "(select string_agg(format('%s %s%s%s', attname, format_type(atttypid, atttypmod), case when "
      "attnotnull then ' not null' else '' end, case when attgenerated <> '' then ' generated' "
      "else '' end), E'\\n' order by attnum) from pg_attribute where attrelid = {}::regclass and "
      "attnum > 0 and not attisdropped)",
      sql_text(sql_table(table)));
}

std::string proof_fingerprint(const CopyTable& table) {
  return sha256(hash_statement({{&table, 1}}));
}

std::string to_text(const RowsHash& hash) {
  return fmt::format("{} {:016x} {:016x}", hash.rows, hash.first, hash.second);
}

Status make_undo_schema(DatabaseSession& secondary) {
  const auto made = secondary.ask(std::string(kSchema));
  return made.ok() ? success() : Status(made.error());
}

Result<GenerationDraft> open_generation(DatabaseSession& secondary, const GenerationOrder& order) {
  const auto opened = secondary.ask(fmt::format(kOpen, order.epoch));
  if (!opened.ok()) return opened.error();
  const SqlRow& row = opened.value().rows.at(0);
  GenerationDraft draft;
  draft.open = true;
  draft.number = number_in<std::int64_t>(row[0]);
  const bool first = !row[1] || number_in<std::int64_t>(row[1]) != order.epoch;
  draft.in_any_case = first || order.forced.has_value();
  draft.cause = order.ordered ? "ordered" : "by schedule";
  // Where nothing was kept before, nobody knows what the secondary held.
  if (first) draft.cause = row[1] ? "the first after a takeover" : "the first that was kept";
  if (order.forced) draft.cause = "forced: " + order.forced->substr(0, kUndoTextMax);
  return draft;
}

Status close_generation(DatabaseSession& secondary, const GenerationDraft& draft,
                        const std::vector<std::string>& sequences) {
  std::string text = fmt::format(
      "update tandem_undo.generation set cause = {}, tables = {}, rows = {}, bytes = {} where "
      "number = {}; insert into tandem_undo.changed (generation, place, name, whole, columns, "
      "proof, before, after) values {}; ",
      sql_text(draft.cause), draft.tables.size(), draft.rows, draft.bytes, draft.number,
      changed_values(draft));
  for (const std::string& name : sequences)
    text += fmt::format(
        "insert into tandem_undo.sequence (generation, name, value) select {}, {}, last_value || "
        "' ' || is_called from {}; ",
        draft.number, sql_text(name), sql_table(name));
  const auto closed =
      secondary.ask(text + fmt::format(kPrune, kGenerationsMax, kGenerationsBytesMax));
  return closed.ok() ? success() : Status(closed.error());
}

Status drop_generations(DatabaseSession& secondary) {
  const auto dropped = secondary.ask(
      "delete from tandem_undo.generation; delete from tandem_undo.changed; delete from "
      "tandem_undo.kept; delete from tandem_undo.added; delete from tandem_undo.sequence");
  return dropped.ok() ? success() : Status(dropped.error());
}

Result<std::uint64_t> table_size(DatabaseSession& session, const std::string& table) {
  const auto found =
      session.ask(fmt::format("select pg_table_size({}::regclass)", sql_text(sql_table(table))));
  if (!found.ok()) return found.error();
  return number_in<std::uint64_t>(found.value().rows.at(0).at(0));
}

}  // namespace tandem

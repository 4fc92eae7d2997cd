#include "replication/database/own_schema.h"

#include <array>
#include <chrono>
#include <string_view>

namespace tandem {
namespace {

constexpr std::chrono::milliseconds kStepMax{2'000};

// `activation` comes last: where it is, the tables that go with it are too.
constexpr std::array kTables = std::to_array<std::string_view>({
    "create schema if not exists tandem",
    R"(create table if not exists tandem.direction (
  only_row boolean primary key default true check (only_row),
  pair text not null, node text not null, role text not null, state text not null,
  standing_by boolean not null, accepted_primary text not null, wizard_passed boolean not null,
  spec_hash text not null, epoch bigint not null, disk_free_bytes bigint,
  written_at timestamptz not null))",
    R"(create table if not exists tandem.copy (
  only_row boolean primary key default true check (only_row),
  primary_name text not null, system_identifier text not null, wal_position numeric not null,
  transaction numeric not null, tables integer not null, hash text not null,
  proven_at timestamptz not null))",
    R"(create table if not exists tandem.copied (
  only_row boolean primary key default true check (only_row),
  system_identifier text not null, primary_transaction bigint not null,
  copied_at timestamptz not null))",
    R"(create table if not exists tandem.journal (
  id bigint generated always as identity primary key,
  activation bigint not null, table_name text not null,
  kind text not null check (kind in ('changed', 'added', 'absent')), key text[] not null,
  secondary_text text, secondary_row json, primary_text text, primary_row json,
  primary_moved boolean))",
    "create index if not exists journal_by_table on tandem.journal (activation, table_name, id)",
    R"(create table if not exists tandem.carried (
  activation bigint not null, user_uuid text not null, feature text not null,
  state text not null, message text not null, by text not null, at timestamptz not null,
  primary key (activation, user_uuid, feature)))",
    R"(create table if not exists tandem.activation (
  id bigint generated always as identity primary key,
  transaction bigint not null, since timestamptz not null, recorded_late boolean not null,
  node text not null, epoch bigint not null,
  journalled_at timestamptz, journalled_rows bigint, journalled_bytes bigint,
  ended_at timestamptz, ended_how text, ended_by text, reason text))",
});

}  // namespace

Task<Status> make_own_schema(Sql& sql, SqlTarget own) {
  SqlStatement look;
  look.text = "select to_regclass('tandem.activation') is not null";
  look.deadline = kStepMax;
  const auto there = co_await sql.query(own, std::move(look));
  if (!there.ok()) co_return in_context("the schema tandem was not looked at", there.error());
  if (!there.value().rows.empty() && there.value().rows.front().at(0) == "t") co_return success();
  for (const std::string_view text : kTables) {
    SqlStatement make;
    make.text = text;
    make.deadline = kStepMax;
    const auto made = co_await sql.query(own, std::move(make));
    if (!made.ok()) co_return in_context("the schema tandem was not made", made.error());
  }
  co_return success();
}

}  // namespace tandem

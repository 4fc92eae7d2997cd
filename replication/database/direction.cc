#include "replication/database/direction.h"

#include <fmt/format.h>

#include "replication/database/own_schema.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStepMax{2'000};
constexpr int kYieldTries = 2;

constexpr std::string_view kWrite = R"(
insert into tandem.direction (pair, node, role, state, standing_by, accepted_primary,
  wizard_passed, spec_hash, epoch, disk_free_bytes, written_at)
values ($1, $2, $3, $4, $5::boolean, $6, $7::boolean, $8, $9::bigint, nullif($10, '')::bigint,
  clock_timestamp())
on conflict (only_row) do update set pair = excluded.pair, node = excluded.node,
  role = excluded.role, state = excluded.state, standing_by = excluded.standing_by,
  accepted_primary = excluded.accepted_primary, wizard_passed = excluded.wizard_passed,
  spec_hash = excluded.spec_hash, epoch = excluded.epoch,
  disk_free_bytes = excluded.disk_free_bytes, written_at = excluded.written_at)";

constexpr std::string_view kHold = R"(
  (select 'at ' || to_char(undone_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' by ' ||
    by_whom || case when reason = '' then '' else ', because: ' || reason end
  from tandem_undo.hold))";

std::string word_of(bool value) { return value ? "true" : "false"; }

SqlStatement write_statement(const Direction& direction) {
  SqlStatement statement;
  statement.text = kWrite;
  statement.parameters = {
      direction.pair,
      direction.node,
      direction.role,
      direction.state,
      word_of(direction.standing_by),
      direction.accepted_primary,
      word_of(direction.wizard_passed),
      direction.spec_hash,
      std::to_string(direction.epoch),
      direction.disk_free_bytes ? std::to_string(*direction.disk_free_bytes) : ""};
  statement.deadline = kStepMax;
  return statement;
}

Direction direction_of(const SqlRow& row) {
  Direction direction;
  direction.pair = row[0].value_or("");
  direction.node = row[1].value_or("");
  direction.role = row[2].value_or("");
  direction.state = row[3].value_or("");
  direction.standing_by = row[4] == "t";
  direction.accepted_primary = row[5].value_or("");
  direction.wizard_passed = row[6] == "t";
  direction.spec_hash = row[7].value_or("");
  direction.epoch = number_in<std::int64_t>(row[8]);
  if (row[9]) direction.disk_free_bytes = number_in<std::int64_t>(row[9]);
  return direction;
}

Result<std::optional<CopyRecord>> read_record(DatabaseSession& secondary) {
  const auto found = secondary.ask(
      "select primary_name, system_identifier, wal_position, transaction, tables, hash from "
      "tandem.copy");
  if (!found.ok()) return found.error();
  if (found.value().rows.empty()) return std::optional<CopyRecord>();
  const SqlRow& row = found.value().rows.front();
  CopyRecord record;
  record.primary = row[0].value_or("");
  record.system_identifier = row[1].value_or("");
  record.wal_position = number_in<std::uint64_t>(row[2]);
  record.transaction = number_in<std::uint64_t>(row[3]);
  record.tables = number_in<std::uint64_t>(row[4]);
  record.hash = row[5].value_or("");
  return std::optional<CopyRecord>(record);
}

}  // namespace

Task<Status> write_direction(Sql& sql, SqlTarget own, Direction direction) {
  auto statement = write_statement(direction);
  const auto written = co_await sql.query(own, statement);
  if (written.ok()) co_return success();
  if (written.error().fault != Fault::not_found)
    co_return in_context("the direction of replication was not written", written.error());
  const Status made = co_await make_own_schema(sql, own);
  if (!made.ok()) co_return made;
  const auto again = co_await sql.query(std::move(own), std::move(statement));
  if (again.ok()) co_return success();
  co_return in_context("the direction of replication was not written", again.error());
}

Task<Result<int>> end_copies(Sql& sql, SqlTarget own) {
  SqlStatement statement;
  statement.text =
      "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1 "
      "and usename = current_user and pid <> pg_backend_pid()";
  statement.parameters = {std::string(kReplicationSessions)};
  statement.deadline = kStepMax;
  const auto ended = co_await sql.query(std::move(own), std::move(statement));
  if (!ended.ok()) co_return in_context("the copy's sessions were not ended", ended.error());
  co_return number_in<int>(ended.value().rows.at(0).at(0));
}

Task<Status> end_copies_and_write(Sql& sql, SqlTarget own, Direction direction) {
  Status last = success();
  for (int i = 0; i < kYieldTries; ++i) {
    // A failure to end them is told by the write, which then waits for the lock in vain.
    const auto ended = co_await end_copies(sql, own);
    last = co_await write_direction(sql, own, direction);
    if (last.ok() && ended.ok()) co_return success();
    if (!ended.ok()) last = ended.error();
  }
  co_return last;
}

Task<Status> shut_direction(Sql& sql, SqlTarget own) {
  SqlStatement shut;
  shut.text = "update tandem.direction set standing_by = false where standing_by";
  shut.deadline = kStepMax;
  for (int i = 0; i < kYieldTries; ++i) {
    const auto ended = co_await end_copies(sql, own);
    const auto written = co_await sql.query(own, shut);
    const bool none = !written.ok() && written.error().fault == Fault::not_found;
    if (none || (written.ok() && ended.ok())) co_return success();
    if (i + 1 == kYieldTries)
      co_return in_context("the direction of replication was not shut",
                           written.ok() ? ended.error() : written.error());
  }
  co_return success();
}

Result<DirectionSeen> read_direction(DatabaseSession& secondary, RowLock lock) {
  DirectionSeen seen;
  // Under the lock the row comes first: only then it is read as it is now, whatever is refreshed
  // meanwhile.
  if (lock == RowLock::none) {
    const auto there = secondary.ask(
        "select to_regclass('tandem.direction') is not null and to_regclass('tandem.copy') is not "
        "null, to_regclass('tandem_undo.hold') is not null");
    if (!there.ok()) return there.error();
    if (there.value().rows.at(0).at(0) != "t") return seen;
    seen.keeps_generations = there.value().rows.at(0).at(1) == "t";
  }
  const auto found = secondary.ask(fmt::format(
      "select pair, node, role, state, standing_by, accepted_primary, wizard_passed, spec_hash, "
      "epoch, disk_free_bytes, extract(epoch from clock_timestamp() - written_at)::bigint, "
      "{} from tandem.direction{}",
      seen.keeps_generations ? kHold : "null", lock == RowLock::shared ? " for share" : ""));
  if (!found.ok()) return found.error();
  if (!found.value().rows.empty()) {
    const SqlRow& row = found.value().rows.front();
    seen.direction = direction_of(row);
    seen.age = std::chrono::seconds(number_in<std::int64_t>(row[10]));
    seen.undone = row[11];
  }
  auto record = read_record(secondary);
  if (!record.ok()) return record.error();
  seen.record = std::move(record).value();
  return seen;
}

Status end_hold(DatabaseSession& secondary) {
  const auto ended = secondary.ask("delete from tandem_undo.hold");
  return ended.ok() ? success() : Status(ended.error());
}

Status write_record(DatabaseSession& secondary, const CopyRecord& record) {
  const auto written = secondary.ask(fmt::format(
      "insert into tandem.copy (primary_name, system_identifier, wal_position, transaction, "
      "tables, hash, proven_at) values ({}, {}, {}, {}, {}, {}, clock_timestamp()) on conflict "
      "(only_row) do update set primary_name = excluded.primary_name, system_identifier = "
      "excluded.system_identifier, wal_position = excluded.wal_position, transaction = "
      "excluded.transaction, tables = excluded.tables, hash = excluded.hash, proven_at = "
      "excluded.proven_at",
      sql_text(record.primary), sql_text(record.system_identifier), record.wal_position,
      record.transaction, record.tables, sql_text(record.hash)));
  return written.ok() ? success() : Status(written.error());
}

}  // namespace tandem

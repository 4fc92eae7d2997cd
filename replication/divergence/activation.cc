#include "replication/divergence/activation.h"

#include <fmt/format.h>

#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

constexpr std::chrono::milliseconds kStepMax{1'500};
constexpr std::uint64_t kNumbers = 0xffffffffU;  // as a mask: of the lower 32 bits
constexpr std::uint32_t kFirstNormal = 3;        // below: invalid, bootstrap, frozen

// The server's numbers of 64 bits; what was begun earlier and has not ended has at least the first.
constexpr std::string_view kSnapshot =
    "select txid_snapshot_xmin(s) as oldest, txid_snapshot_xmax(s) as next from "
    "txid_current_snapshot() s";

}  // namespace

bool may_be_since(std::uint32_t row, std::uint64_t since, std::uint64_t next) {
  // Another server's number, as after a restored dump: nothing can be told by it.
  if (next < since) return true;
  if (next == since || row < kFirstNormal) return false;
  // How many numbers were given out after the row's own: the lower bits of both tell it.
  const std::uint64_t later = (next - 1 - row) & kNumbers;
  return later <= next - 1 - since;
}

std::string may_be_since_sql(const std::string& row, std::uint64_t since, const std::string& next) {
  return fmt::format("({2} < {4} or ({0} >= {1} and (({2} - 1 - {0}) & {3}) <= {2} - 1 - {4}))",
                     row, kFirstNormal, next, kNumbers, since);
}

std::string may_be_since_sql(const std::string& alias, std::uint64_t since) {
  return may_be_since_sql(alias + ".xmin::text::bigint", since,
                          "(select txid_snapshot_xmax(txid_current_snapshot()))");
}

Task<Result<LastQuiet>> last_quiet(Sql& sql, SqlTarget own) {
  SqlStatement statement;
  statement.text =
      "select xmin::text, written_at::text from tandem.direction where standing_by union all "
      "select xmin::text, proven_at::text from tandem.copy where not exists (select from "
      "tandem.direction where standing_by)";
  statement.deadline = kStepMax;
  const auto found = co_await sql.query(std::move(own), std::move(statement));
  LastQuiet quiet;
  if (!found.ok() && found.error().fault == Fault::not_found) co_return quiet;
  if (!found.ok())
    co_return in_context("since when this node may serve is not known", found.error());
  if (found.value().rows.empty()) co_return quiet;
  quiet.transaction = found.value().rows.front().at(0).value_or("");
  quiet.at = found.value().rows.front().at(1).value_or("");
  co_return quiet;
}

Task<Status> record_activation(Sql& sql, SqlTarget own, ActivationFacts facts) {
  SqlStatement statement;
  statement.text = fmt::format(
      "insert into tandem.activation (transaction, since, recorded_late, node, epoch) "
      "select case when $1 = '' then oldest else least(oldest, next - 1 - ((next - 1 - "
      "$1::bigint) & {})) end, coalesce(nullif($2, '')::timestamptz, clock_timestamp()), "
      "$3::boolean, $4, $5::bigint from ({}) numbers where not exists (select from "
      "tandem.activation where journalled_at is null and ended_at is null)",
      kNumbers, kSnapshot);
  const LastQuiet quiet = facts.late.value_or(LastQuiet{});
  statement.parameters = {quiet.transaction, quiet.at, facts.late ? "true" : "false", facts.node,
                          std::to_string(facts.epoch)};
  statement.deadline = kStepMax;
  const auto written = co_await sql.query(std::move(own), std::move(statement));
  if (written.ok()) co_return success();
  co_return in_context("that this node serves was not written into its database", written.error());
}

Result<ActivationSeen> read_activation(DatabaseSession& secondary) {
  ActivationSeen seen;
  const auto found = secondary.ask(
      "select id, transaction from tandem.activation where journalled_at is null and ended_at is "
      "null order by id limit 1");
  if (!found.ok() && found.error().fault == Fault::not_found) return seen;
  if (!found.ok()) return found.error();
  seen.kept = true;
  if (found.value().rows.empty()) return seen;
  const SqlRow& row = found.value().rows.front();
  seen.open = OpenActivation{number_in<std::int64_t>(row[0]), number_in<std::uint64_t>(row[1])};
  return seen;
}

Status write_copied(DatabaseSession& primary, DatabaseSession& secondary,
                    const std::string& system_identifier) {
  const auto read = primary.ask("select txid_snapshot_xmin(txid_current_snapshot())::text");
  if (!read.ok()) return in_context("primary", read.error());
  const auto written = secondary.ask(fmt::format(
      "insert into tandem.copied (system_identifier, primary_transaction, copied_at) values ({}, "
      "{}, clock_timestamp()) on conflict (only_row) do update set system_identifier = "
      "excluded.system_identifier, primary_transaction = excluded.primary_transaction, copied_at "
      "= excluded.copied_at",
      sql_text(system_identifier), number_in<std::uint64_t>(read.value().rows.at(0).at(0))));
  return written.ok() ? success() : Status(in_context("secondary", written.error()));
}

}  // namespace tandem

// Which change stopped the stream. The secondary's server tells it to its log alone, in the
// server's own language, and shows numbers to everybody else. So the changes that wait are made
// once more, in a transaction that is never committed: what stopped the worker stops that too, and
// the server then tells why.
#include <fmt/format.h>

#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"
#include "replication/stream/changes.h"
#include "replication/stream/servers.h"
#include "replication/stream/subscription.h"

namespace tandem::stream {
namespace {

Status hold_values(DatabaseSession& secondary, const std::vector<WaitingChange>& changes) {
  const auto begun = secondary.ask(fmt::format(
      "begin; set local session_replication_role = replica; create temporary table {} (number "
      "bigint, new json, old json) on commit drop",
      kWaitingTable));
  if (!begun.ok()) return begun.error();
  const auto copying =
      secondary.begin_copy_in(fmt::format("copy pg_temp.{} from stdin", kWaitingTable));
  if (!copying.ok()) return copying;
  for (std::size_t i = 0; i < changes.size(); ++i)
    if (const auto put = secondary.put_copy_data(changes[i].line(i)); !put.ok()) return put;
  const auto held = secondary.end_copy_in();
  return held.ok() ? success() : Status(held.error());
}

// Leaves a transaction to be rolled back.
Result<std::optional<std::string>> first_failure(DatabaseSession& secondary,
                                                 const std::vector<WaitingChange>& changes) {
  if (const auto held = hold_values(secondary, changes); !held.ok()) return held.error();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto done = secondary.ask(changes[i].statement(i));
    if (done.ok()) continue;
    // A lock that somebody holds, or a link that was cut, stops nothing for ever.
    if (done.error().fault != Fault::invalid) return done.error();
    return std::optional(changes[i].name() + ": " + done.error().message);
  }
  return std::optional<std::string>();
}

}  // namespace

Result<std::optional<std::string>> Servers::find_conflict(const std::string& slot) {
  // The slot may hold transactions more, which the secondary has made and not confirmed yet.
  const auto made = ask(Side::secondary, progress_text());
  if (!made.ok()) return made.error();
  if (made.value().rows.empty()) return std::optional<std::string>();
  const auto waiting =
      ask(Side::slots,
          fmt::format("select encode(substr(data, 1, {2}), 'hex') from "
                      "pg_logical_slot_peek_binary_changes({0}, null, {1}, 'proto_version', '1', "
                      "'publication_names', '{3}') limit {1}",
                      sql_text(slot), kWaitingMax, kWaitingBytesMax, kPublication));
  if (!waiting.ok()) return waiting.error();
  WaitingChanges changes(number_in<std::uint64_t>(made.value().rows[0][0]));
  for (const SqlRow& row : waiting.value().rows) {
    const auto bytes = bytes_of_hex(row[0].value_or(""));
    // Of one that is cut off nothing is told, nor of what comes after it.
    if (!bytes || !changes.take(*bytes)) break;
  }
  return first_that_fails(changes);
}

Result<std::optional<std::string>> Servers::first_that_fails(const WaitingChanges& changes) {
  const auto opened = session(Side::secondary);
  if (!opened.ok()) return opened.error();
  auto found = first_failure(*opened.value(), changes.changes());
  const auto back = opened.value()->ask("rollback");
  if (!back.ok()) return back.error();
  return found;
}

}  // namespace tandem::stream

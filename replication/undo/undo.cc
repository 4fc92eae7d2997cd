#include "replication/undo/undo.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>

#include "core/wording.h"
#include "replication/database/sql_cells.h"
#include "replication/undo/generation.h"
#include "replication/undo/undo_run.h"

namespace tandem {
namespace {

constexpr std::chrono::seconds kReadMax{4};

// Names of tables hold no line feed; one that does is shown in two.
constexpr std::string_view kGenerations = R"(
select 'kept', g.number::text, to_char(g.taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  g.cause, g.tables::text, g.rows::text, g.bytes::text,
  (select string_agg(c.name, E'\n' order by c.place) from tandem_undo.changed c
    where c.generation = g.number)
from tandem_undo.generation g
union all
select 'hold', h.number::text, to_char(h.taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  h.reason, h.by_whom,
  to_char(h.undone_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), null, null
from tandem_undo.hold h)";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

KeptGenerations generations_of(const SqlRows& rows) {
  KeptGenerations kept;
  for (const auto& row : rows.rows) {
    const auto text = [&](std::size_t i) { return row.at(i).value_or(""); };
    const auto number = number_in<std::int64_t>(row.at(1));
    if (text(0) == "hold") {
      kept.hold = UndoHold{number, text(2), text(5), text(4), text(3)};
      continue;
    }
    KeptGeneration& one = kept.generations.emplace_back();
    one.number = number;
    one.taken_at = text(2);
    one.cause = text(3);
    one.tables = number_in<std::uint64_t>(row.at(4));
    one.rows = number_in<std::uint64_t>(row.at(5));
    one.bytes = number_in<std::uint64_t>(row.at(6));
    one.names = lines_of(text(7));
  }
  std::sort(kept.generations.begin(), kept.generations.end(),
            [](const auto& a, const auto& b) { return a.number > b.number; });
  return kept;
}

}  // namespace

std::string describe(const UndoOutcome& outcome) {
  if (outcome.failure) {
    const CopyReasonRow& row = row_of(outcome.failure->reason);
    return fmt::format("{}{}{}; {}", row.what, outcome.failure->detail.empty() ? "" : ": ",
                       outcome.failure->detail, row.remedy);
  }
  std::uint64_t gone = 0, back = 0;
  for (const auto& table : outcome.changed) {
    gone += table.rows_deleted;
    back += table.rows_copied;
  }
  return fmt::format(
      "the secondary's database is as it was before the copy of {} (generation {}): {} table{}, {} "
      "rows taken away, {} rows put back, proven; nothing is copied into it before somebody orders "
      "it: tandem replicate database",
      outcome.taken_at, outcome.number, outcome.changed.size(),
      outcome.changed.size() == 1 ? "" : "s", gone, back);
}

UndoOutcome DatabaseUndo::run(const UndoOrder& order, std::stop_token stop,
                              const ProgressSink& sink) {
  return UndoRun(databases_, clock_, order, std::move(stop), sink).run();
}

Task<Result<KeptGenerations>> read_generations(Sql& sql, SqlTarget secondary) {
  SqlStatement statement;
  statement.text = kGenerations;
  statement.deadline = kReadMax;
  const auto found = co_await sql.query(std::move(secondary), std::move(statement));
  if (!found.ok() && found.error().fault == Fault::not_found) co_return KeptGenerations();
  if (!found.ok()) co_return in_context("what is kept was not read", found.error());
  co_return generations_of(found.value());
}

}  // namespace tandem

#include "replication/undo/undo_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "replication/database/guards.h"
#include "replication/database/orphans.h"
#include "replication/database/pair_sessions.h"
#include "replication/database/settings.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"
#include "replication/divergence/activation.h"
#include "replication/stream/subscription.h"
#include "replication/undo/generation.h"
#include "replication/undo/undo_statements.h"

namespace tandem {
namespace {

using Phase = CopyProgress::Phase;

constexpr std::chrono::milliseconds kLookAgain{250};

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

}  // namespace

UndoRun::UndoRun(Databases& databases, const Clock& clock, const UndoOrder& order,
                 std::stop_token stop, const ProgressSink& sink)
    : databases_(databases),
      clock_(clock),
      order_(order),
      stop_(std::move(stop)),
      sink_(sink),
      started_(clock.now()) {}

UndoOutcome UndoRun::run() {
  outcome_.failure = steps();
  if (outcome_.failure) {
    outcome_.changed.clear();
    outcome_.orphans.clear();
    outcome_.sequences_set = 0;
  }
  if (session_) outcome_.bytes = session_->bytes();
  outcome_.total = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started_);
  tell(Phase::done);
  return std::move(outcome_);
}

UndoRun::Step UndoRun::steps() {
  tell(Phase::connecting);
  if (auto failure = connect()) return failure;
  if (auto failure = take_lock()) return failure;
  if (auto failure = begin()) return failure;
  if (auto failure = choose()) return failure;
  if (auto failure = match_schema()) return failure;
  if (auto failure = expect_hashes(Phase::comparing, &Changed::after, CopyReason::changed_since))
    return failure;
  auto astray = rows_astray(*session_, changed_names(), selection_.left_out);
  if (!astray.ok()) return failed(astray.error());
  if (auto failure = put_back()) return failure;
  if (auto failure = mend_references()) return failure;
  if (auto failure = expect_references(astray.value())) return failure;
  if (auto failure = expect_hashes(Phase::proving, &Changed::before, CopyReason::not_proven))
    return failure;
  if (auto failure = expect_kept_lines()) return failure;
  if (auto failure = look_at_sequences()) return failure;
  if (auto failure = finish()) return failure;
  return commit();
}

UndoRun::Step UndoRun::connect() {
  auto opened = open_copy_session(databases_, order_.secondary, ServerDuty::stands_by, stop_);
  if (!opened.ok()) return failed(opened.error());
  session_ = std::move(opened).value();
  const auto seen = session_->ask("select pg_is_in_recovery()");
  if (!seen.ok()) return failed(seen.error());
  if (seen.value().rows.at(0).at(0) == "t")
    return CopyFailure{CopyReason::secondary_in_recovery, ""};
  return std::nullopt;
}

// A copy that is under way ends first: one by schedule is a matter of seconds.
UndoRun::Step UndoRun::take_lock() {
  const Instant limit = clock_.now() + kUndoPatience;
  for (;;) {
    const auto taken = session_->ask(fmt::format("select pg_try_advisory_lock({})", kCopyLock));
    if (!taken.ok()) return failed(taken.error());
    if (taken.value().rows.at(0).at(0) == "t") return std::nullopt;
    if (stop_.stop_requested()) return CopyFailure{CopyReason::cancelled, ""};
    if (clock_.now() >= limit) return CopyFailure{CopyReason::already_running, "on the secondary"};
    std::this_thread::sleep_for(kLookAgain);
  }
}

UndoRun::Step UndoRun::judge(const DirectionSeen& seen) const {
  CopyOrder order;
  order.pair = order_.pair;
  order.primary_name = order_.primary_name;
  order.secondary_name = order_.secondary_name;
  return judge_direction(order, seen);
}

UndoRun::Step UndoRun::begin() {
  const auto before = read_direction(*session_, RowLock::none);
  if (!before.ok()) return failed(before.error());
  if (auto failure = judge(before.value())) return failure;
  if (!before.value().keeps_generations) return CopyFailure{CopyReason::nothing_kept, ""};
  // Rows that are put back would be taken for what users changed while it served.
  const auto activation = read_activation(*session_);
  if (!activation.ok()) return failed(activation.error());
  if (activation.value().open)
    return CopyFailure{CopyReason::changed_since,
                       "it has served since, and what was changed there is not kept yet: the next "
                       "copy does that first"};
  keeps_marks_ = activation.value().kept;
  if (auto failure = expect_no_stream()) return failure;
  if (const auto begun = session_->ask("begin isolation level repeatable read"); !begun.ok())
    return failed(begun.error());
  const auto now = read_direction(*session_, RowLock::shared);
  if (!now.ok()) return failed(now.error());
  if (auto failure = judge(now.value())) return failure;
  auto catalogue = read_catalogue(*session_, session_->version());
  if (!catalogue.ok()) return failed(catalogue.error());
  catalogue_ = std::move(catalogue).value();
  selection_ = select_tables(catalogue_, order_.product, order_.exclude_tables);
  return std::nullopt;
}

// The declaration of this node's may say `snapshot` already. Whoever enables one holds the lock of
// copies, as this run does.
UndoRun::Step UndoRun::expect_no_stream() {
  const auto found = session_->ask(stream::comes_in_text());
  if (!found.ok()) return failed(found.error());
  if (found.value().rows.at(0).at(0) == "f") return std::nullopt;
  return CopyFailure{CopyReason::changed_since,
                     "a stream from the primary comes in: give both nodes mode snapshot, and wait "
                     "until it has ended"};
}

UndoRun::Step UndoRun::choose() {
  const auto found = session_->ask(
      "select number, to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from "
      "tandem_undo.generation order by number desc limit 1");
  if (!found.ok()) return failed(found.error());
  if (found.value().rows.empty()) return CopyFailure{CopyReason::nothing_kept, ""};
  outcome_.number = number_in<std::int64_t>(found.value().rows[0][0]);
  outcome_.taken_at = found.value().rows[0][1].value_or("");
  return read_changed();
}

UndoRun::Step UndoRun::read_changed() {
  const auto found =
      session_->ask(fmt::format("select place, name, whole, columns, proof, before, after from "
                                "tandem_undo.changed where generation = {} order by place",
                                outcome_.number));
  if (!found.ok()) return failed(found.error());
  std::vector<std::string> missing;
  std::string text;
  for (const auto& row : found.value().rows) {
    Changed& changed = changed_.emplace_back();
    changed.place = number_in<int>(row[0]);
    changed.name = row[1].value_or("");
    changed.whole = row[2] == "t";
    changed.columns = row[3].value_or("");
    changed.proof = row[4].value_or("");
    changed.before = row[5].value_or("");
    changed.after = row[6].value_or("");
    const auto table = catalogue_.tables.find(changed.name);
    if (table == catalogue_.tables.end()) {
      missing.push_back("table " + changed.name + " is gone");
      continue;
    }
    // The copy hashed as the older of two servers can.
    if (proof_fingerprint(table->second) != changed.proof) table->second.by_record = false;
    changed.table = &table->second;
    text += (text.empty() ? "select " : " union all select ") +
            fmt::format("{}, {}", changed_.size() - 1, columns_expression(changed.name));
  }
  if (!missing.empty()) return CopyFailure{CopyReason::kept_differs, joined(missing, "; ")};
  if (text.empty()) return std::nullopt;
  const auto columns = session_->ask(text);
  if (!columns.ok()) return failed(columns.error());
  for (const auto& row : columns.value().rows)
    changed_.at(number_in<std::size_t>(row[0])).columns_now = row[1].value_or("");
  return std::nullopt;
}

UndoRun::Step UndoRun::match_schema() {
  std::vector<std::string> differences;
  for (const Changed& changed : changed_) {
    if (changed.columns != changed.columns_now)
      differences.push_back(columns_difference(changed.name, changed.columns, changed.columns_now));
    else if (proof_fingerprint(*changed.table) != changed.proof)
      differences.push_back(
          fmt::format("the key of {}, or how this version proves tables equal", changed.name));
  }
  if (differences.empty()) return std::nullopt;
  return CopyFailure{CopyReason::kept_differs, joined(differences, "; ")};
}

UndoRun::Step UndoRun::expect_hashes(Phase phase, std::string Changed::*wanted,
                                     CopyReason otherwise) {
  tell(phase);
  if (const auto set = settle_for_reading(*session_); !set.ok()) return failed(set.error());
  std::vector<HashPlan> plans;
  std::vector<const Changed*> tables;
  for (const Changed& changed : changed_) {
    if ((changed.*wanted).empty()) continue;
    plans.push_back({changed.table, 1});
    tables.push_back(&changed);
  }
  std::vector<std::string> others;
  std::size_t at = 0;
  for (const auto& group : in_groups(plans)) {
    const auto rows = session_->ask(hash_statement(group));
    if (!rows.ok()) return failed(rows.error());
    const auto hashes = read_hashes(group, rows.value());
    if (!hashes.ok()) return failed(hashes.error());
    for (const TableHash& hash : hashes.value()) {
      const Changed& changed = *tables.at(at++);
      if (to_text(hash.total()) != changed.*wanted) others.push_back("table " + changed.name);
    }
    progress_.tables_done += group.size();
    if (sink_) sink_(progress_);
  }
  if (others.empty()) return std::nullopt;
  return CopyFailure{otherwise, joined(others, ", ")};
}

// A table that was replaced without having been hashed before: it has a key, so its rows differ
// from each other, and all of them were kept.
UndoRun::Step UndoRun::expect_kept_lines() {
  for (const Changed& changed : changed_) {
    if (!changed.before.empty()) continue;
    const auto found = session_->ask(fmt::format(
        "select count(*), bit_xor(hashtextextended(line, 0)), bit_xor(hashtextextended(line, 1)) "
        "from tandem_undo.kept k, unnest(k.rows) u(line) where k.generation = {} and k.place = {} "
        "union all select count(*), bit_xor(hashtextextended(line, 0)), "
        "bit_xor(hashtextextended(line, 1)) from (select (t.*)::text as line from only {} t offset "
        "0) s",
        outcome_.number, changed.place, sql_table(changed.name)));
    if (!found.ok()) return failed(found.error());
    if (found.value().rows.at(0) != found.value().rows.at(1))
      return CopyFailure{CopyReason::not_proven, "table " + changed.name};
  }
  return std::nullopt;
}

UndoRun::Step UndoRun::put_back() {
  tell(Phase::transferring);
  // Statements that take a whole table follow; while one runs, the server sees a client that is
  // gone.
  if (const auto set = settle_for_writing(*session_); !set.ok()) return failed(set.error());
  if (const auto set = settle_for_reading(*session_); !set.ok()) return failed(set.error());
  for (const Changed& changed : changed_)
    if (auto failure = put_back_table(changed)) return failure;
  return std::nullopt;
}

UndoRun::Step UndoRun::put_back_table(const Changed& changed) {
  progress_.table = changed.name;
  if (sink_) sink_(progress_);
  const auto gone =
      change(removal_statement(*changed.table, changed.whole, outcome_.number, changed.place));
  if (!gone.ok()) return failed(gone.error());
  const auto back = change(return_statement(*changed.table, outcome_.number, changed.place));
  if (!back.ok()) return failed(back.error());
  outcome_.changed.push_back({changed.name, gone.value(), back.value(), changed.whole});
  progress_.rows_done += gone.value() + back.value();
  ++progress_.tables_done;
  return std::nullopt;
}

std::set<std::string> UndoRun::changed_names() const {
  std::set<std::string> names;
  for (const Changed& changed : changed_) names.insert(changed.name);
  return names;
}

// The tables of the generation fit each other, as they did before. What was written into another
// one since, by a hand or by a stream, may refer to rows that the undo takes away, and no key is
// checked without triggers.
UndoRun::Step UndoRun::expect_references(const std::map<std::string, std::uint64_t>& before) {
  const auto now = rows_astray(*session_, changed_names(), selection_.left_out);
  if (!now.ok()) return failed(now.error());
  for (const auto& [reference, rows] : now.value()) {
    const auto known = before.find(reference);
    if (rows > (known == before.end() ? 0 : known->second))
      return CopyFailure{CopyReason::changed_since,
                         "a reference of table " + reference + " would lead nowhere"};
  }
  return std::nullopt;
}

// As after a copy. Rows of left-out tables can not be made out of nothing, though.
UndoRun::Step UndoRun::mend_references() {
  const std::set<std::string> names = changed_names();
  const auto references = read_references(*session_, selection_.left_out);
  if (!references.ok()) return failed(references.error());
  const auto missing = missing_rows(*session_, references.value(), selection_.left_out, names);
  if (!missing.ok()) return failed(missing.error());
  if (!missing.value().empty())
    return CopyFailure{CopyReason::changed_since, "rows of table " + missing.value().front().table +
                                                      " are gone, and rows that "
                                                      "would be put back refer to them"};
  auto orphans = remove_orphans(*session_, references.value(), selection_.left_out, names);
  if (!orphans.ok()) return failed(orphans.error());
  outcome_.orphans = std::move(orphans).value();
  return std::nullopt;
}

UndoRun::Step UndoRun::look_at_sequences() {
  const auto found = session_->ask(fmt::format(
      "select name, value from tandem_undo.sequence where generation = {}", outcome_.number));
  if (!found.ok()) return failed(found.error());
  SequenceValues kept;
  std::vector<std::string> names;
  for (const auto& row : found.value().rows) {
    const std::string name = row[0].value_or("");
    const auto& all = selection_.sequences;
    if (std::find(all.begin(), all.end(), name) == all.end())
      return CopyFailure{CopyReason::kept_differs, "sequence " + name + " is gone"};
    kept[name] = row[1].value_or("");
    names.push_back(name);
  }
  const auto now = read_sequences(*session_, names);
  if (!now.ok()) return failed(now.error());
  sequences_ = sequence_moves(kept, now.value());
  return std::nullopt;
}

UndoRun::Step UndoRun::finish() {
  const auto number = outcome_.number;
  // With `tandem.copied` goes what the journal of a takeover would judge by: how far of the
  // primary's changes the secondary has.
  const auto done = session_->ask(fmt::format(
      "{3}delete from tandem.copy; "
      "insert into tandem.copy select c.* from tandem_undo.generation g, "
      "jsonb_populate_record(null::tandem.copy, g.record) c where g.number = {0} and g.record is "
      "not null; "
      "insert into tandem_undo.hold (number, taken_at, undone_at, by_whom, reason) select {0}, "
      "taken_at, clock_timestamp(), {1}, {2} from tandem_undo.generation where number = {0} on "
      "conflict (only_row) do update set number = excluded.number, taken_at = excluded.taken_at, "
      "undone_at = excluded.undone_at, by_whom = excluded.by_whom, reason = excluded.reason; "
      "delete from tandem_undo.changed where generation = {0}; "
      "delete from tandem_undo.kept where generation = {0}; "
      "delete from tandem_undo.added where generation = {0}; "
      "delete from tandem_undo.sequence where generation = {0}; "
      "delete from tandem_undo.generation where number = {0}",
      number, sql_text(order_.by.substr(0, kUndoTextMax)),
      sql_text(order_.reason.substr(0, kUndoTextMax)),
      keeps_marks_ ? "delete from tandem.copied; " : ""));
  if (!done.ok()) return failed(done.error());
  return std::nullopt;
}

// Sequences as with a copy: no transaction takes one back.
UndoRun::Step UndoRun::commit() {
  if (const auto raised = set_sequences(*session_, sequences_.raised); !raised.ok())
    return failed(raised.error());
  outcome_.sequences_set = sequences_.raised.size();
  if (const auto committed = session_->ask("commit"); !committed.ok()) {
    CopyFailure failure = failed(committed.error());
    failure.detail = "whether the secondary has committed is not known: tandem get generations; " +
                     failure.detail;
    return failure;
  }
  if (set_sequences(*session_, sequences_.lowered).ok())
    outcome_.sequences_set += sequences_.lowered.size();
  return std::nullopt;
}

CopyFailure UndoRun::failed(const Error& error) const {
  return {reason_of(error, false), "secondary: " + error.message};
}

Result<std::uint64_t> UndoRun::change(const std::string& text) {
  const auto done = session_->ask(text);
  if (!done.ok()) return done.error();
  return session_->affected();
}

void UndoRun::tell(Phase phase) {
  progress_ = CopyProgress{};
  progress_.phase = phase;
  progress_.tables = changed_.size();
  if (sink_) sink_(progress_);
}

}  // namespace tandem

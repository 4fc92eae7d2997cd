// The steps of a copy that write, from the first row to what is done after the commit.
#include <fmt/format.h>

#include <algorithm>

#include "replication/copy/copy_run.h"
#include "replication/copy/transfer.h"
#include "replication/database/comparison.h"
#include "replication/database/settings.h"
#include "replication/stream/servers.h"

namespace tandem {

namespace {

using Phase = CopyProgress::Phase;

Status in_secondary(const Status& status) {
  return status.ok() ? status : Status(in_context("secondary", status.error()));
}

}  // namespace

CopyRun::Step CopyRun::apply() {
  if (differing_.empty()) return std::nullopt;
  std::uint64_t rows = 0;
  for (const auto& plan : differing_) rows += rows_of(plan);
  begin_phase(Phase::transferring, differing_.size(), rows);
  if (auto failure = begin_generation()) return failure;
  if (auto failure = begin_late_hashes()) return failure;
  for (const auto& plan : differing_)
    if (auto failure = apply_table(plan)) return failure;
  if (auto failure = mend_references()) return failure;
  outcome_.transferring = since(phase_started_);
  return std::nullopt;
}

std::uint64_t CopyRun::rows_of(const HashPlan& plan) {
  const auto counts = throughout_.find(plan.table->name);
  if (counts != throughout_.end()) return counts->second.primary;
  return hashes_.primary[plan.table->name].total().rows;
}

CopyRun::Step CopyRun::begin_late_hashes() {
  std::vector<HashPlan> plans;
  for (const auto& plan : differing_)
    if (throughout_.contains(plan.table->name)) plans.push_back(plan);
  if (plans.empty()) return std::nullopt;
  auto session = sessions_.open_beside(order_, stop_.get_token());
  if (!session.ok()) return failed(session.error());
  late_.begin(std::move(session).value(), stop_, std::move(plans));
  return std::nullopt;
}

Result<TableChange> CopyRun::change_of(const HashPlan& plan) {
  const std::string& name = plan.table->name;
  if (throughout_.contains(name)) return TableChange{plan, true, {}, {}};
  return compare_rows(sessions_.primary(), sessions_.secondary(), plan, hashes_.primary[name],
                      hashes_.secondary[name]);
}

CopyRun::Step CopyRun::apply_table(const HashPlan& plan) {
  progress_.table = plan.table->name;
  tell();
  auto change = change_of(plan);
  if (!change.ok()) return failed(change.error());
  if (change.value().whole) {
    replaced_bytes_ += plan.table->size;
    if (auto failure = judge_disk(direction_, replaced_bytes_)) return failure;
  }
  std::optional<KeptTable> kept;
  if (auto failure = keep_table(change.value(), kept)) return failure;
  const CopyProgress before = progress_;
  const bool same_version = seen_.primary.version / 10'000 == seen_.secondary.version / 10'000;
  const auto moved = move_rows(sessions_.primary(), sessions_.secondary(), change.value(),
                               same_version, kept ? &*kept : nullptr, [&](const Moved& so_far) {
                                 progress_.rows_done = before.rows_done + so_far.rows_copied;
                                 progress_.bytes = before.bytes + so_far.bytes;
                                 tell();
                               });
  if (!moved.ok()) return failed(moved.error());
  if (kept)
    if (auto failure = count_kept(moved.value().rows_deleted, moved.value().kept_bytes))
      return failure;
  outcome_.changed.push_back({plan.table->name, moved.value().rows_deleted,
                              moved.value().rows_copied, change.value().whole});
  // What did not have to travel is done too.
  progress_.rows_done = before.rows_done + rows_of(plan);
  ++progress_.tables_done;
  return std::nullopt;
}

CopyRun::Step CopyRun::mend_references() {
  std::set<std::string> changed;
  for (const auto& plan : differing_) changed.insert(plan.table->name);
  DatabaseSession& secondary = sessions_.secondary();
  const auto references = read_references(secondary, selection_.left_out);
  if (!references.ok()) return failed(in_context("secondary", references.error()));
  const auto missing = missing_rows(secondary, references.value(), selection_.left_out, changed);
  if (!missing.ok()) return failed(in_context("secondary", missing.error()));
  for (const auto& rows : missing.value())
    if (auto failure = add_missing(rows)) return failure;
  auto orphans = remove_orphans(secondary, references.value(), selection_.left_out, changed);
  if (!orphans.ok()) return failed(in_context("secondary", orphans.error()));
  outcome_.orphans = std::move(orphans).value();
  return std::nullopt;
}

// The table is left out, and its columns were not compared: the primary's count.
CopyRun::Step CopyRun::add_missing(const MissingRows& missing) {
  CopyTable table = catalogue_.tables[missing.table];
  if (table.name.empty()) return std::nullopt;  // on the secondary alone
  table.key = missing.columns;
  TableChange change;
  change.plan.table = &table;
  change.fresh = missing.values;
  const auto moved = move_rows(sessions_.primary(), sessions_.secondary(), change, false, nullptr,
                               [](const Moved&) {});
  if (!moved.ok()) return failed(moved.error());
  if (moved.value().rows_copied > 0)
    outcome_.changed.push_back({missing.table, 0, moved.value().rows_copied, false});
  return std::nullopt;
}

CopyRun::Step CopyRun::prove() {
  std::vector<HashPlan> plans = differing_;
  for (auto& plan : plans) plan.buckets = 1;
  begin_phase(Phase::proving, plans.size(), 0);
  auto late = late_.take();
  if (!late.ok()) return failed(late.error());
  hashes_.primary.merge(std::move(late).value());
  if (!plans.empty())
    if (const auto set = settle_for_reading(sessions_.secondary()); !set.ok())
      return failed(in_context("secondary", set.error()));
  for (const auto& group : in_groups(plans)) {
    const auto rows = sessions_.secondary().ask(hash_statement(group));
    if (!rows.ok()) return failed(in_context("secondary", rows.error()));
    const auto hashes = read_hashes(group, rows.value());
    if (!hashes.ok()) return failed(in_context("secondary", hashes.error()));
    for (std::size_t i = 0; i < group.size(); ++i)
      if (!(hashes.value()[i].total() == hashes_.primary[group[i].table->name].total()))
        return CopyFailure{CopyReason::not_proven, "table " + group[i].table->name};
    progress_.tables_done += group.size();
    tell();
  }
  std::vector<NamedHash> all;
  for (const auto& [table, hash] : hashes_.primary) all.push_back({table, hash.total()});
  outcome_.tables_equal = all.size();
  if (!all.empty()) outcome_.hash = proof_of(all);
  outcome_.proving = since(phase_started_);
  return std::nullopt;
}

CopyRun::Step CopyRun::raise_sequences() {
  // Once more, after the snapshot: what was given out until then is in it, and no key may be given
  // twice after a takeover.
  if (auto failure = look_at_sequences()) return failure;
  if (auto failure = end_generation()) return failure;
  // No transaction takes a sequence back: nothing but the commit follows.
  if (auto failure = step_of(in_secondary(set_sequences(sessions_.secondary(), sequences_.raised))))
    return failure;
  outcome_.sequences_set = sequences_.raised.size();
  return std::nullopt;
}

CopyRun::Step CopyRun::commit() {
  DatabaseSession& secondary = sessions_.secondary();
  if (is_full()) {
    CopyRecord record;
    record.primary = order_.primary_name;
    record.system_identifier = seen_.primary.system_identifier;
    record.wal_position = seen_.primary.wal_position;
    record.transaction = seen_.primary.transaction;
    record.tables = outcome_.tables_equal;
    record.hash = outcome_.hash;
    if (auto failure = step_of(in_secondary(write_record(secondary, record)))) return failure;
  }
  if (activation_.kept)
    if (auto failure =
            step_of(write_copied(sessions_.primary(), secondary, seen_.primary.system_identifier)))
      return failure;
  if (seen_.direction.undone)
    if (auto failure = step_of(in_secondary(end_hold(secondary)))) return failure;
  if (!order_.slot.empty())
    if (auto failure = step_of(in_secondary(stream::follow(secondary, order_.slot))))
      return failure;
  const auto committed = secondary.ask("commit");
  if (committed.ok()) return std::nullopt;
  CopyFailure failure = failed(in_context("secondary", committed.error()));
  failure.detail = "whether the secondary has committed is not known, and the next run sees it; " +
                   failure.detail;
  return failure;
}

// The content is committed whatever happens here: a sequence that stays too high leaves a gap, and
// the next run finds it.
CopyRun::Step CopyRun::lower_sequences() {
  const auto lowered = set_sequences(sessions_.secondary(), sequences_.lowered);
  if (lowered.ok()) outcome_.sequences_set += sequences_.lowered.size();
  if (!counters_) return std::nullopt;
  auto theirs = read_counters_after_commit(sessions_.secondary());
  if (!lowered.ok() || !theirs.ok()) return std::nullopt;
  counters_->secondary = std::move(theirs).value();
  outcome_.memory = std::move(counters_);
  return std::nullopt;
}

}  // namespace tandem

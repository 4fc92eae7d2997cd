#include "reconciler/replication/database_copier.h"

#include <algorithm>
#include <utility>

#include "core/wording.h"
#include "ports/offload.h"

namespace tandem {

CopyMeter meter_of(const CopyProgress& progress) {
  CopyMeter meter;
  meter.phase = phase_name(progress.phase);
  meter.object = progress.table;
  meter.parts_done = progress.tables_done;
  meter.parts = progress.tables;
  meter.done = progress.rows_done;
  meter.total = progress.rows;
  meter.unit = "rows";
  meter.bytes = progress.bytes;
  return meter;
}

namespace {

CopyTold not_reached(const Error& error) {
  CopyTold told;
  told.result = CopyResult::failed;
  told.reason = "NotPermitted";
  told.message = error.message;
  return told;
}

void tell_failure(const CopyOutcome& outcome, CopyTold& told) {
  const bool refused = outcome.verdict == CopyOutcome::Verdict::refused;
  told.result = refused ? CopyResult::refused : CopyResult::failed;
  if (!outcome.failure) return;
  const CopyReasonRow& row = row_of(outcome.failure->reason);
  told.reason = camel_case(row.word);
  told.can_be_forced = row.yields_to_force;
}

}  // namespace

CopyTold told_of(const CopyOutcome& outcome) {
  CopyTold told;
  told.kind = CopyKind::database;
  told.message = describe(outcome);
  told.took = outcome.total;
  told.bytes = outcome.bytes;
  for (const TableCopied& table : outcome.changed) {
    told.changed += table.rows_copied + table.rows_deleted;
    ++told.parts[table.whole ? "replaced" : "changed"];
  }
  if (outcome.journalled.value_or(0) > 0)
    told.notes.push_back(std::to_string(*outcome.journalled) +
                         " rows that the secondary wrote or lacked when it had served were kept "
                         "before they were overwritten: tandem divergence");
  if (!outcome.succeeded()) {
    tell_failure(outcome, told);
    return told;
  }
  const bool equal = outcome.verdict == CopyOutcome::Verdict::equal;
  told.result = equal ? CopyResult::equal : CopyResult::partial;
  told.parts["equal"] = outcome.tables_equal;
  for (const std::string& table : outcome.unknown_tables)
    told.notes.push_back(table + ": a table that this version does not know; it is copied");
  for (const std::string& name : outcome.excluded_in_vain)
    told.notes.push_back(name + ": excludeTables names it, and there is no such table");
  for (const std::string& shrunk : outcome.shrunk)
    told.notes.push_back(shrunk +
                         ": it shrank beyond maxShrink; copied, since nobody is called by it");
  if (!outcome.not_kept.empty())
    told.notes.push_back("this run can not be undone: " + outcome.not_kept);
  for (const CopyReason reason : outcome.overridden)
    told.notes.push_back("overridden by --force: " + std::string(row_of(reason).what));
  for (const std::string& sentence : outcome.diverged) told.notes.push_back(sentence);
  if (outcome.stream && !outcome.stream->runs)
    told.notes.push_back("the stream: " + outcome.stream->message);
  return told;
}

DatabaseCopier::~DatabaseCopier() {
  abort();
  thread_.join();
}

Task<CopyTold> DatabaseCopier::run(CopyAsk ask) {
  auto ends = parts_.ends(*ask.pair);
  if (!ends.ok()) co_return not_reached(ends.error());
  const CopyOrder order = order_of(ask, std::move(ends).value());
  running_ = true;
  hurries_ = false;
  stop_ = std::stop_source();
  auto work = [this, order, token = stop_.get_token()] {
    return parts_.copy(order, token, [this](const CopyProgress& progress) {
      const std::lock_guard lock(mutex_);
      meter_ = meter_of(progress);
    });
  };
  const CopyOutcome outcome = co_await offload(thread_, std::move(work));
  running_ = false;
  {
    const std::lock_guard lock(mutex_);
    meter_.reset();
  }
  keep(outcome);
  co_return told_of(outcome);
}

CopyOrder DatabaseCopier::order_of(const CopyAsk& ask, Ends ends) const {
  const Replication& replication = ask.pair->replication;
  CopyOrder order;
  order.product = ask.pair->product;
  order.primary = std::move(ends.primary);
  order.secondary = std::move(ends.secondary);
  order.pair = ask.pair->name;
  order.primary_name = ask.pair->primary.name;
  order.secondary_name = ask.pair->secondary.name;
  order.exclude_tables = replication.exclude_tables;
  order.max_shrink = replication.database_max_shrink;
  order.force = ask.force;
  order.ordered = ask.everything;
  order.streams = replication.database_mode == Replication::DatabaseMode::stream;
  order.slots = std::move(ends.slots);
  if (!ask.everything && !ask.force && !wants_proof(*ask.pair)) order.since = memory_;
  return order;
}

bool DatabaseCopier::wants_proof(const HAPair& pair) const {
  return !memory_ || !proven_ || parts_.clock.now() - *proven_ >= pair.replication.proof_interval;
}

// Without memory the next run looks at everything: after a failure, since nobody knows what it left
// of the counters.
void DatabaseCopier::keep(const CopyOutcome& outcome) {
  memory_ = outcome.succeeded() ? outcome.memory : std::nullopt;
  if (outcome.verdict == CopyOutcome::Verdict::equal) proven_ = parts_.clock.now();
  if (outcome.stream) stream_ = outcome.stream;
}

void DatabaseCopier::abort() { stop_.request_stop(); }

std::optional<CopyMeter> DatabaseCopier::meter() const {
  const std::lock_guard lock(mutex_);
  return meter_;
}

Instant DatabaseCopier::due(const HAPair& pair, Instant begun) const {
  const Duration interval = pair.replication.database_interval;
  return begun + (hurries_ ? std::min<Duration>(interval, kSoon) : interval);
}

void DatabaseCopier::hurry() {
  hurries_ = true;
  wake_->notify();
}

std::vector<Condition> DatabaseCopier::conditions() const {
  if (!streams_) return {};
  if (!stream_)
    return {{"StreamHealthy", Truth::unknown, "NotYet", "the stream was not looked at yet", true}};
  return {{"StreamHealthy", stream_->runs ? Truth::yes : Truth::no, stream_->reason,
           stream_->message, true}};
}

void DatabaseCopier::follow(const HAPair* pair) {
  streams_ =
      pair != nullptr && pair->replication.database_mode == Replication::DatabaseMode::stream;
  if (!streams_) stream_.reset();
  if (pair == nullptr || pair->replication.exclude_tables == excluded_) return;
  excluded_ = pair->replication.exclude_tables;
  if (!running_) forget();
}

}  // namespace tandem

#include "reconciler/replication/undo_keeper.h"

#include <utility>

#include "core/wording.h"
#include "ports/offload.h"
#include "reconciler/replication/database_copier.h"

namespace tandem {

CopyTold told_of(const UndoOutcome& outcome) {
  CopyTold told;
  told.kind = CopyKind::database;
  told.message = describe(outcome);
  told.took = outcome.total;
  told.bytes = outcome.bytes;
  if (outcome.failure) {
    const CopyReasonRow& row = row_of(outcome.failure->reason);
    told.result = row.is_guard ? CopyResult::refused : CopyResult::failed;
    told.reason = camel_case(row.word);
    return told;
  }
  told.result = CopyResult::equal;
  for (const TableCopied& table : outcome.changed) {
    told.changed += table.rows_copied + table.rows_deleted;
    ++told.parts[table.whole ? "replaced" : "changed"];
  }
  for (const auto& [table, rows] : outcome.orphans)
    told.notes.push_back(table + ": " + std::to_string(rows) +
                         " rows referred to what is not there any more, and were taken away or "
                         "cleared");
  return told;
}

UndoKeeper::UndoKeeper(Parts parts)
    : parts_(std::move(parts)), signal_(parts_.clock.make_signal()) {}

UndoKeeper::~UndoKeeper() {
  stop();
  thread_.join();
}

Task<void> UndoKeeper::run() {
  while (!stopping_) {
    if (ordered_) {
      Typed typed = std::move(*ordered_);
      ordered_.reset();
      co_await run_once(std::move(typed));
      continue;
    }
    if (looked_ == Instant::min() || parts_.clock.now() - looked_ >= kLook) co_await look();
    if (stopping_ || ordered_) continue;
    co_await parts_.clock.wait(*signal_, looked_ + kLook);
  }
  ended_ = true;
}

void UndoKeeper::stop() {
  stopping_ = true;
  stop_.request_stop();
  signal_->notify();
}

Result<std::uint64_t> UndoKeeper::order(std::string by, std::string reason) {
  if (const auto order = parts_.order(); !order.ok()) return order.error();
  if (state_.running || ordered_)
    return Error{Fault::invalid, "another undo is under way, or was ordered already"};
  ordered_ = Typed{std::move(by), std::move(reason)};
  signal_->notify();
  return state_.number + 1;
}

int UndoKeeper::cancel() {
  const bool concerned = state_.running || ordered_;
  ordered_.reset();
  stop_.request_stop();
  return concerned ? 1 : 0;
}

std::optional<CopyMeter> UndoKeeper::meter() const {
  const std::lock_guard lock(mutex_);
  return meter_;
}

Task<void> UndoKeeper::run_once(Typed typed) {
  ++state_.number;
  auto order = parts_.order();
  UndoOutcome outcome;
  if (order.ok()) {
    order.value().by = typed.by;
    order.value().reason = typed.reason;
    state_.running = true;
    std::stop_source another;  // by name: g++ takes a temporary in a coroutine for uninitialized
    stop_ = std::move(another);
    auto work = [this, given = std::move(order).value(), token = stop_.get_token()] {
      return parts_.undo(given, token, [this](const CopyProgress& progress) {
        const std::lock_guard lock(mutex_);
        meter_ = meter_of(progress);
      });
    };
    outcome = co_await offload(thread_, std::move(work));
    const std::lock_guard lock(mutex_);
    meter_.reset();
  } else {
    outcome.failure = CopyFailure{CopyReason::failed, order.error().message};
  }
  state_.running = false;
  take_up(typed, outcome);
}

void UndoKeeper::take_up(const Typed& typed, const UndoOutcome& outcome) {
  CopyTold told = told_of(outcome);
  told.ended = parts_.clock.wall();
  state_.last = told;
  looked_ = Instant::min();
  for (Observer* observer : parts_.observers) observer->undone({told, typed.by, typed.reason});
  if (told.succeeded()) parts_.undone();
}

Task<void> UndoKeeper::look() {
  looked_ = parts_.clock.now();
  if (!parts_.keeps_here()) {
    state_.kept.reset();
    co_return;
  }
  auto kept = co_await read();
  state_.kept.reset();
  if (kept.ok()) state_.kept = std::move(kept).value();
}

Task<Result<KeptGenerations>> UndoKeeper::read() {
  auto order = parts_.order();
  if (!order.ok()) co_return order.error();
  SqlTarget target = std::move(order.value().secondary);
  auto kept = co_await read_generations(parts_.sql, std::move(target));
  co_return kept;
}

}  // namespace tandem

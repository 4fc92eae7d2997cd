#include "reconciler/event_recorder.h"

#include <fmt/format.h>

#include <utility>

#include "core/wording.h"

namespace tandem {
namespace {

using Type = Event::Type;

constexpr std::size_t kChangesShown = 5;
constexpr std::size_t kNotesMax = 500;

std::string changes_text(const std::vector<Change>& changes) {
  std::string text;
  for (std::size_t i = 0; i < changes.size() && i < kChangesShown; ++i)
    text += fmt::format("{}{}: {} -> {}", i == 0 ? "" : "; ", changes[i].field, changes[i].from,
                        changes[i].to);
  if (changes.size() > kChangesShown)
    text += fmt::format("; and {} more", changes.size() - kChangesShown);
  return text;
}

std::string takeover_text(const TakeoverRecord& record) {
  std::string text = fmt::format("takeover {} ({}): {}", record.epoch, cause_name(record.cause),
                                 record.result.empty() ? "begun" : record.result);
  if (!record.evidence.empty()) text += "; " + record.evidence;
  if (record.downtime)
    text += fmt::format("; SIP was away for {:.1f} s",
                        std::chrono::duration<double>(*record.downtime).count());
  return text;
}

std::string order_object(const Order& order) {
  return fmt::format("order/{}", order_name(order.kind));
}

std::string order_text(const Order& order, std::string_view what) {
  return fmt::format("{} (by {}, because: {}, id {})", what,
                     order.by.empty() ? "somebody" : order.by, order.reason, order.id);
}

}  // namespace

void EventRecorder::add(Type type, std::string reason, std::string object, std::string message) {
  Event event;
  event.at = event.last = clock_.wall();
  event.type = type;
  event.reason = std::move(reason);
  event.object = std::move(object);
  event.message = std::move(message);
  event.node = node_;
  event.epoch = epoch_;
  ++(type == Type::normal ? normal_ : warnings_);
  store_.add(std::move(event));
}

void EventRecorder::reported(const Report& report) {
  const std::string object = "resource/" + report.resource;
  if (!report.done.empty()) add(Type::normal, "Repaired", object, changes_text(report.done));
  const std::string error =
      report.outcome == Outcome::failed && report.error ? report.error->message : "";
  auto& told = failed_[report.resource];
  if (told == error) return;
  told = error;
  if (error.empty())
    add(Type::normal, "Recovered", object, "looked at and settled again");
  else
    add(Type::warning, "ReconcileFailed", object, error);
}

void EventRecorder::condition_changed(const Condition& condition) {
  const auto before = seen_.find(condition.type);
  const bool first = before == seen_.end();
  const bool well = is_well(condition);
  // What is not known yet is how each start begins.
  const bool quiet = first && (well || condition.status == Truth::unknown);
  seen_[condition.type] = condition;
  if (quiet) return;
  add(well ? Type::normal : Type::warning, condition.reason, "condition/" + condition.type,
      fmt::format("{}: {}", truth_name(condition.status), condition.message));
}

void EventRecorder::spec_rejected(std::string_view message) {
  add(Type::warning, "SpecRejected", "pair", joined_lines(message));
}

void EventRecorder::spec_accepted(std::string_view how) {
  add(Type::normal, "SpecAccepted", "pair", std::string(how));
}

void EventRecorder::state_changed(const Transition& transition) {
  epoch_ = transition.epoch;
  add(is_alarming(transition) ? Type::warning : Type::normal, "StateChanged", "failover",
      fmt::format("{} -> {}: {}", state_name(transition.from), state_name(transition.to),
                  transition.why));
}

void EventRecorder::taken_over(const TakeoverRecord& record) {
  epoch_ = record.epoch;
  store_.add(record);
  if (record.result.starts_with("given back"))
    add(Type::normal, "GivenBack", "failover", takeover_text(record));
  else
    add(Type::warning, record.result.empty() ? "TakeoverBegun" : "TakenOver", "failover",
        takeover_text(record));
}

void EventRecorder::ordered(const Order& order, const OrderAnswer& answer) {
  std::string reason;
  switch (answer.kind) {
    case OrderAnswer::Kind::accepted: reason = "OrderAccepted"; break;
    case OrderAnswer::Kind::needless: reason = "OrderNeedless"; break;
    case OrderAnswer::Kind::refused: reason = "OrderRefused"; break;
    case OrderAnswer::Kind::elsewhere: reason = "OrderElsewhere"; break;
  }
  add(answer.good() ? Type::normal : Type::warning, std::move(reason), order_object(order),
      order_text(order, answer.sentence));
}

void EventRecorder::order_lost(const Order& order, std::string_view why) {
  add(Type::warning, "OrderFailed", order_object(order), order_text(order, not_carried_out(why)));
}

void EventRecorder::copied(const CopyTold& told) {
  const std::string object = fmt::format("replication/{}", copy_kind_name(told.kind));
  const auto before = copy_failed_.find(told.kind);
  const std::string last = before == copy_failed_.end() ? "" : before->second;
  const bool first = before == copy_failed_.end();
  copy_failed_[told.kind] = told.reason;
  for (const std::string& note : told.notes)
    if (copy_notes_.size() < kNotesMax && copy_notes_.insert(note).second)
      add(Type::warning, "CopyNoted", object, note);
  if (!told.succeeded()) {
    if (told.reason == last) return;
    const bool refused = told.result == CopyResult::refused;
    add(Type::warning, refused ? "CopyRefused" : "CopyFailed", object,
        fmt::format("{}: {}", told.reason, told.message));
  } else if (first || !last.empty()) {
    add(Type::normal, "Copied", object, told.message);
  } else if (told.kind == CopyKind::files && told.changed > 0) {
    add(Type::normal, "FilesCopied", object,
        fmt::format("{} files were copied or deleted", told.changed));
  }
}

void EventRecorder::harvested(const HarvestTold& told) {
  const std::string last = std::exchange(harvest_failed_, told.reason);
  switch (told.result) {
    case HarvestResult::home: return add(Type::normal, "CameHome", "harvest", told.message);
    case HarvestResult::discarded: return add(Type::warning, "GivenUp", "harvest", told.message);
    case HarvestResult::failed: break;
  }
  if (told.reason != last)
    add(Type::warning, "HarvestFailed", "harvest",
        fmt::format("{}: {}", told.reason, told.message));
}

void EventRecorder::copy_ordered(const CopyOrderTyped& order) {
  const std::string by = order.by.empty() ? "somebody" : order.by;
  std::string how = order.confirm_direction ? ", whose direction is confirmed" : "";
  if (order.force) how += ", over the guards of identity and shrinkage, because: " + *order.force;
  for (const CopyKind kind : order.kinds)
    add(order.force || order.confirm_direction ? Type::warning : Type::normal, "CopyOrdered",
        fmt::format("replication/{}", copy_kind_name(kind)),
        fmt::format("{} ordered a copy of the {}{}", by, copy_kind_name(kind), how));
}

void EventRecorder::undone(const UndoTold& undo) {
  const CopyTold& told = undo.told;
  const bool refused = told.result == CopyResult::refused;
  std::string text = (undo.by.empty() ? "somebody" : undo.by) + " had the last copy undone";
  if (!undo.reason.empty()) text += ", because: " + undo.reason;
  if (told.succeeded())
    add(Type::warning, "CopyUndone", "replication/database", text + ": " + told.message);
  else
    add(Type::warning, refused ? "UndoRefused" : "UndoFailed", "replication/database",
        fmt::format("{}: {}: {}", text, told.reason, told.message));
}

void EventRecorder::hook_ran(std::string_view program, bool succeeded) {
  add(succeeded ? Type::normal : Type::warning, succeeded ? "HookRan" : "HookFailed", "hooks",
      fmt::format("{} {}", program,
                  succeeded ? "ended well" : "failed, or ran into its time limit"));
}

void EventRecorder::divergence_told(const DivergenceTold& told) {
  add(told.warning ? Type::warning : Type::normal, told.reason, "replication/divergence",
      told.message);
}

void EventRecorder::notified(const NotifyTold& told) {
  const std::string object = "notify/" + told.receiver;
  switch (told.kind) {
    case NotifyTold::Kind::delivered: return add(Type::normal, "Notified", object, told.text);
    case NotifyTold::Kind::failed:
      if (told.is_new) add(Type::warning, "NotifyFailed", object, told.text);
      return;
    case NotifyTold::Kind::dropped:
    case NotifyTold::Kind::removed:
      return add(Type::warning, "NotifyGivenUp", object,
                 fmt::format("{} notices were given up: {}", told.notices, told.text));
  }
}

}  // namespace tandem

#include "replication/copy/streamed_copy.h"

#include <fmt/format.h>

#include <utility>

namespace tandem::stream {
namespace {

CopyOutcome failed(CopyReason reason, std::string detail) {
  CopyOutcome outcome;
  outcome.failure = CopyFailure{reason, std::move(detail)};
  outcome.verdict =
      row_of(reason).is_guard ? CopyOutcome::Verdict::refused : CopyOutcome::Verdict::failed;
  return outcome;
}

CopyOutcome failed(const Error& error) {
  return failed(reason_of(error, error.message.starts_with("primary")), error.message);
}

// Steps that lead on to another look.
Status change(Servers& servers, Step step, const CopyOrder& order, const Seen& seen) {
  switch (step) {
    case Step::end_subscription: return servers.end_subscription();
    case Step::drop_slots: {
      std::vector<std::string> names = seen.left_over();
      if (!order.streams && seen.followed() != nullptr) names.push_back(seen.followed()->name);
      return servers.drop_slots(names);
    }
    case Step::drop_publication: return servers.drop_publication();
    case Step::publish: return servers.publish(seen.wanted);
    case Step::copy:
    case Step::seed:
    case Step::follow: break;
  }
  return success();
}

bool is_end(Step step) { return step == Step::copy || step == Step::seed || step == Step::follow; }

// What differed although no change of its table was on its way.
std::vector<std::string> diverged(const CopyOutcome& outcome, const Seen& before,
                                  const std::set<std::string>& moving) {
  std::vector<std::string> told;
  for (const TableCopied& table : outcome.changed) {
    const bool streamed = before.subscription && before.subscription->tables.contains(table.table);
    if (!streamed || moving.contains(table.table)) continue;
    told.push_back(fmt::format(
        "{}: {} rows of the secondary differed although the stream brought nothing of the table "
        "then; they are equal again",
        table.table, std::max(table.rows_copied, table.rows_deleted)));
  }
  return told;
}

// With the row that stopped it, where one did. An operator that was just started does not know
// whether an error was there: what waits tells it.
StreamTold why_it_broke(Servers& servers, const StepRow& row, const Seen& seen) {
  StreamTold told{false, std::string(row.reason), std::string(row.why)};
  const bool may_be = row.reason == "Conflict" || row.reason == "Stopped";
  if (!may_be || seen.subscription->errors == 0) return told;
  const auto found = servers.find_conflict(seen.subscription->slot);
  if (found.ok() && found.value()) {
    told.reason = "Conflict";
    told.message = fmt::format(
        "the secondary's server stopped the stream at a change that it could not make: "
        "{}",
        *found.value());
  } else if (found.ok() && row.reason == "Conflict") {
    told.message =
        "the secondary's server stopped the stream at an error, and could make the changes that "
        "waited now: a link that broke in the middle, or a row that is gone again; its log tells "
        "which";
  }
  return told;
}

}  // namespace

CopyOutcome StreamedCopy::run(const CopyOrder& order, std::stop_token stop,
                              const ProgressSink& sink) {
  if (!order.streams && clean_) return copy_.run(order, std::move(stop), sink);
  clean_ = false;
  const Places places{order.product, order.exclude_tables, order.primary, order.secondary,
                      order.slots};
  Servers servers(databases_, places, stop);
  const Wanted wanted{order.streams, !order.since, errors_};
  for (int i = 0; i < kStepsMax; ++i) {
    const auto seen = servers.look_until_followed();
    if (!seen.ok()) return failed(seen.error());
    const StepRow& row = next_step(wanted, seen.value());
    if (is_end(row.step)) return at_end(servers, order, row, seen.value(), std::move(stop), sink);
    if (const auto changed = change(servers, row.step, order, seen.value()); !changed.ok())
      return failed(changed.error());
  }
  return failed(CopyReason::failed, "primary: the stream's parts change as fast as they are made");
}

CopyOutcome StreamedCopy::at_end(Servers& servers, const CopyOrder& order, const StepRow& row,
                                 const Seen& seen, std::stop_token stop, const ProgressSink& sink) {
  CopyOutcome outcome;
  // Before it is healed.
  const StreamTold broke = order.streams ? why_it_broke(servers, row, seen) : StreamTold();
  switch (row.step) {
    case Step::seed: outcome = seed(servers, order, seen, std::move(stop), sink); break;
    case Step::follow: outcome = follow(order, seen, std::move(stop), sink); break;
    default:
      outcome = copy_.run(order, std::move(stop), sink);
      clean_ = !order.streams && outcome.succeeded();
      break;
  }
  if (!order.streams || outcome.stream) return outcome;
  // A break is told even after it has been mended: the next run says that it has lasted.
  const bool runs = row.reason == "Streaming" && outcome.succeeded();
  outcome.stream = broke;
  outcome.stream->runs = runs;
  if (row.reason == "Streaming" && !outcome.succeeded())
    outcome.stream = StreamTold{false, "NotProven", describe(outcome)};
  if (row.step == Step::seed && row.reason == "Starting" && outcome.succeeded())
    outcome.stream = StreamTold{true, "Streaming", "the stream has begun"};
  return outcome;
}

CopyOutcome StreamedCopy::follow(const CopyOrder& order, const Seen& seen, std::stop_token stop,
                                 const ProgressSink& sink) {
  CopyOrder beside = order;
  beside.only.emplace(seen.keyless);
  beside.since.reset();
  CopyOutcome outcome = copy_.run(beside, std::move(stop), sink);
  // As the last proof left it: so that the next run is another of these.
  if (outcome.succeeded()) outcome.memory = order.since;
  return outcome;
}

// What keeps a slot from beginning, as a transaction that stays open, keeps no copy from being
// made: content by snapshot is better than content that ages. The stream stands meanwhile.
CopyOutcome StreamedCopy::without_slot(const CopyOrder& order, const Error& error,
                                       std::stop_token stop, const ProgressSink& sink) {
  CopyOrder whole = order;
  whole.since.reset();
  CopyOutcome outcome = copy_.run(whole, std::move(stop), sink);
  outcome.stream = StreamTold{
      false, "SlotNotMade",
      fmt::format(
          "the primary's server gives the stream no beginning: {}; a transaction that "
          "stays open there keeps it from that: select pid, usename, xact_start, query from "
          "pg_stat_activity order by xact_start; or all of max_replication_slots are "
          "taken: table pg_replication_slots; copies are made by snapshot meanwhile",
          error.message)};
  return outcome;
}

CopyOutcome StreamedCopy::seed(Servers& servers, const CopyOrder& order, const Seen& seen,
                               std::stop_token stop, const ProgressSink& sink) {
  // Nothing is applied from here on until the commit.
  if (const auto paused = servers.pause(); !paused.ok())
    return failed(CopyReason::stream_not_paused, paused.error().message);
  auto slot = servers.begin_slot();
  if (!slot.ok()) {
    if (slot.error().fault == Fault::cancelled) return failed(slot.error());
    return without_slot(order, slot.error(), std::move(stop), sink);
  }
  std::optional<std::set<std::string>> moving;
  if (const SlotSeen* before = seen.followed(); before != nullptr && !before->lost)
    if (auto under_way = servers.under_way(before->name, slot.value().begins); under_way.ok())
      moving = std::move(under_way).value();
  // What the old slot keeps is in the snapshot.
  std::vector<std::string> old;
  for (const SlotSeen& each : seen.slots) old.push_back(each.name);
  (void)servers.drop_slots(old);

  CopyOrder whole = order;
  whole.since.reset();
  whole.snapshot = slot.value().snapshot;
  whole.slot = slot.value().name;
  CopyOutcome outcome = copy_.run(whole, std::move(stop), sink);
  slot.value().keeper.reset();
  if (!outcome.succeeded()) {
    // Whether the commit was heard of or not: a slot that is followed is active, and stays.
    const auto now = servers.look();
    if (now.ok()) (void)servers.drop_slots(now.value().left_over());
    return outcome;
  }
  if (moving) outcome.diverged = diverged(outcome, seen, *moving);
  if (seen.subscription) errors_ = seen.subscription->errors;
  return outcome;
}

}  // namespace tandem::stream

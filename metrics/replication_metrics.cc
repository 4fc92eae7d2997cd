#include "metrics/replication_metrics.h"

#include <string>
#include <utility>
#include <vector>

#include "core/wording.h"
#include "metrics/register.h"
#include "reconciler/replication/direction_keeper.h"
#include "reconciler/replication/divergence_keeper.h"
#include "reconciler/replication/replication_keeper.h"
#include "reconciler/replication/undo_keeper.h"
#include "replication/database/reasons.h"
#include "replication/files/reasons.h"

namespace tandem {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

// From a comparison that finds nothing to a first copy of everything.
const Histogram::BucketBoundaries kCopySeconds{0.1, 0.25, 0.5, 1,   2.5, 5,    10,
                                               30,  60,   120, 300, 600, 1800, 7200};

constexpr CopyResult kResults[] = {CopyResult::equal, CopyResult::partial, CopyResult::refused,
                                   CopyResult::failed};

// What told_of() of the database's copier counts tables by.
constexpr const char* kTableResults[] = {"equal", "changed", "replaced"};

std::string name_of(CopyKind kind) { return std::string(copy_kind_name(kind)); }

std::vector<std::string> reasons_of(CopyKind kind) {
  std::vector<std::string> words;
  if (kind == CopyKind::database)
    for (const CopyReasonRow& row : copy_reasons()) {
      if (!is_of_undo(row.reason)) words.push_back(camel_case(row.word));
    }
  else
    for (int i = 0; i <= static_cast<int>(files::Reason::failed); ++i)
      words.emplace_back(files::reason_name(static_cast<files::Reason>(i)));
  return words;
}

}  // namespace

CopiesShown copies_shown(const ReplicationKeeper& keeper, const DirectionKeeper& direction,
                         const UndoKeeper& undo, const DivergenceKeeper& divergence,
                         const std::optional<StreamShown>& stream) {
  CopiesShown shown;
  shown.stream = stream;
  if (const auto& kept = undo.state().kept) {
    shown.kept = CopiesShown::Kept{kept->generations.size(), 0};
    for (const KeptGeneration& one : kept->generations) shown.kept->bytes += one.bytes;
  }
  if (divergence.divergence() != nullptr) shown.diverged = divergence.divergence()->waiting();
  if (!keeper.is_in_charge()) {
    shown.held_proven = direction.proven();
    return shown;
  }
  // A primary that was a secondary holds a copy too, which nobody asks for any more.
  for (const CopyKind kind : kCopyKinds) {
    const CopyState& state = keeper.state(kind);
    shown.made[kind] = {state.past, state.running};
  }
  return shown;
}

struct ReplicationMetrics::Families {
  explicit Families(prometheus::Registry& r)
      : running(gauges(r, "tandem_replication_running")),
        succeeded(gauges(r, "tandem_replication_last_success_timestamp_seconds")),
        proven(gauges(r, "tandem_replication_last_proof_timestamp_seconds")),
        runs(counters(r, "tandem_replication_runs_total")),
        failures(counters(r, "tandem_replication_failures_total")),
        durations(histograms(r, "tandem_replication_duration_seconds")),
        bytes(counters(r, "tandem_replication_bytes_total")),
        rows(counters(r, "tandem_replication_rows_total").Add({})),
        files(counters(r, "tandem_replication_files_total").Add({})),
        tables(gauges(r, "tandem_replication_tables")),
        undo_generations(gauges(r, "tandem_replication_undo_generations")),
        undo_bytes(gauges(r, "tandem_replication_undo_bytes")),
        diverged(gauges(r, "tandem_divergence_rows")),
        lag(gauges(r, "tandem_replication_stream_lag_seconds")),
        kept_wal(gauges(r, "tandem_replication_kept_wal_bytes")) {}

  void set(Family<Gauge>& family, CopyKind kind, double value) {
    set(family, {{"kind", name_of(kind)}}, value);
  }
  void set(Family<Gauge>& family, const Labels& labels, double value) {
    Gauge& gauge = family.Add(labels);
    gauge.Set(value);
    shown.emplace_back(&family, &gauge);
  }

  Family<Gauge>& running;
  Family<Gauge>& succeeded;
  Family<Gauge>& proven;
  Family<Counter>& runs;
  Family<Counter>& failures;
  Family<Histogram>& durations;
  Family<Counter>& bytes;
  Counter& rows;
  Counter& files;
  Family<Gauge>& tables;
  Family<Gauge>& undo_generations;
  Family<Gauge>& undo_bytes;
  Family<Gauge>& diverged;
  Family<Gauge>& lag;
  Family<Gauge>& kept_wal;
  std::vector<std::pair<Family<Gauge>*, Gauge*>> shown;  // at the last scrape
};

ReplicationMetrics::ReplicationMetrics(prometheus::Registry& registry)
    : families_(std::make_unique<Families>(registry)) {
  for (const CopyKind kind : kCopyKinds) {
    const Labels labels{{"kind", name_of(kind)}};
    for (const CopyResult result : kResults)
      families_->runs.Add(
          {{"kind", name_of(kind)}, {"result", std::string(copy_result_name(result))}});
    for (const std::string& reason : reasons_of(kind))
      families_->failures.Add({{"kind", name_of(kind)}, {"reason", reason}});
    families_->durations.Add(labels, kCopySeconds);
    families_->bytes.Add(labels);
  }
  for (const char* result : kTableResults) families_->tables.Add({{"result", result}});
}

ReplicationMetrics::~ReplicationMetrics() = default;

void ReplicationMetrics::copied(const CopyTold& told) {
  const Labels labels{{"kind", name_of(told.kind)}};
  families_->runs
      .Add({{"kind", name_of(told.kind)}, {"result", std::string(copy_result_name(told.result))}})
      .Increment();
  families_->durations.Add(labels, kCopySeconds).Observe(seconds(told.took));
  families_->bytes.Add(labels).Increment(static_cast<double>(told.bytes));
  Counter& changed = told.kind == CopyKind::database ? families_->rows : families_->files;
  changed.Increment(static_cast<double>(told.changed));
  if (!told.succeeded()) {
    const std::string reason = told.reason.empty() ? "Failed" : told.reason;
    families_->failures.Add({{"kind", name_of(told.kind)}, {"reason", reason}}).Increment();
    return;
  }
  if (told.kind != CopyKind::database) return;
  for (const char* result : kTableResults) {
    const auto count = told.parts.find(result);
    families_->tables.Add({{"result", result}})
        .Set(count == told.parts.end() ? 0 : static_cast<double>(count->second));
  }
}

void ReplicationMetrics::show(const CopiesShown& shown) {
  for (const auto& [family, gauge] : families_->shown) family->Remove(gauge);
  families_->shown.clear();
  for (const auto& [kind, copy] : shown.made) {
    families_->set(families_->running, kind, one_if(copy.running));
    if (copy.past.succeeded)
      families_->set(families_->succeeded, kind, timestamp(*copy.past.succeeded));
    if (copy.past.proven) families_->set(families_->proven, kind, timestamp(*copy.past.proven));
  }
  if (shown.kept) {
    families_->set(families_->undo_generations, Labels{},
                   static_cast<double>(shown.kept->generations));
    families_->set(families_->undo_bytes, Labels{}, static_cast<double>(shown.kept->bytes));
  }
  for (const auto& [feature, rows] : shown.diverged) {
    Gauge& gauge = families_->diverged.Add({{"feature", feature}});
    gauge.Set(static_cast<double>(rows));
    families_->shown.emplace_back(&families_->diverged, &gauge);
  }
  if (shown.stream) {
    if (shown.stream->lag)
      families_->set(families_->lag, Labels{},
                     std::chrono::duration<double>(*shown.stream->lag).count());
    families_->set(families_->kept_wal, Labels{}, static_cast<double>(shown.stream->kept_bytes));
  }
  if (shown.made.empty() && shown.held_proven)
    families_->set(families_->proven, CopyKind::database, timestamp(*shown.held_proven));
}

}  // namespace tandem

#include "metrics/harvest_metrics.h"

#include "metrics/register.h"

namespace tandem {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;

struct HarvestMetrics::Families {
  explicit Families(prometheus::Registry& r)
      : pending(gauges(r, "tandem_harvest_pending")),
        succeeded(gauges(r, "tandem_harvest_last_success_timestamp_seconds")),
        items(counters(r, "tandem_harvest_items_total")),
        kept_beside(counters(r, "tandem_harvest_kept_beside_total").Add({})),
        failures(counters(r, "tandem_harvest_failures_total").Add({})) {}

  Family<Gauge>& pending;
  Family<Gauge>& succeeded;
  Family<Counter>& items;
  Counter& kept_beside;
  Counter& failures;
  Gauge* pending_shown = nullptr;  // at the last scrape
  Gauge* succeeded_shown = nullptr;
};

HarvestMetrics::HarvestMetrics(prometheus::Registry& registry)
    : families_(std::make_unique<Families>(registry)) {
  for (const auto& [kind, number] : by_kind({})) families_->items.Add({{"kind", kind}});
}

HarvestMetrics::~HarvestMetrics() = default;

void HarvestMetrics::harvested(const HarvestTold& told) {
  if (told.result == HarvestResult::failed) families_->failures.Increment();
  for (const auto& [kind, number] : by_kind(told.counts))
    families_->items.Add({{"kind", kind}}).Increment(static_cast<double>(number));
  families_->kept_beside.Increment(static_cast<double>(told.counts.kept_beside));
}

void HarvestMetrics::show(const std::optional<HarvestState>& state) {
  if (families_->pending_shown != nullptr) families_->pending.Remove(families_->pending_shown);
  if (families_->succeeded_shown != nullptr)
    families_->succeeded.Remove(families_->succeeded_shown);
  families_->pending_shown = families_->succeeded_shown = nullptr;
  if (state && state->answer) {
    families_->pending_shown = &families_->pending.Add({});
    families_->pending_shown->Set(one_if(state->owed()));
  }
  if (state && state->home) {
    families_->succeeded_shown = &families_->succeeded.Add({});
    families_->succeeded_shown->Set(timestamp(*state->home));
  }
}

}  // namespace tandem

#include "metrics/probe_metrics.h"

#include <prometheus/metric_family.h>

#include <limits>
#include <string>

#include "metrics/families.h"

namespace tandem {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::gauge: return MetricType::Gauge;
    case MetricKind::counter: return MetricType::Counter;
    case MetricKind::histogram: return MetricType::Histogram;
  }
  return MetricType::Untyped;  // unreachable: -Wswitch keeps the list complete
}

MetricFamily family(std::string_view name) {
  const MetricRow& row = metric_row(name);
  MetricFamily made;
  made.name = std::string(row.name);
  made.help = std::string(row.help);
  made.type = type_of(row.kind);
  return made;
}

ClientMetric series(const ProbeTable::Key& key) {
  ClientMetric made;
  made.label = {{"probe", key.first}, {"target", key.second}};
  return made;
}

ClientMetric gauge(const ProbeTable::Key& key, double value) {
  ClientMetric made = series(key);
  made.gauge.value = value;
  return made;
}

ClientMetric counter(const ProbeTable::Key& key, std::uint64_t value) {
  ClientMetric made = series(key);
  made.counter.value = static_cast<double>(value);
  return made;
}

ClientMetric histogram(const ProbeTable::Key& key, const ProbeRecord& row) {
  ClientMetric made = series(key);
  made.histogram.sample_count = row.answers();
  made.histogram.sample_sum = row.answer_seconds;
  for (std::size_t i = 0; i < ProbeRecord::kBucketSeconds.size(); ++i)
    made.histogram.bucket.push_back({row.answers_within[i], ProbeRecord::kBucketSeconds[i]});
  const double all = std::numeric_limits<double>::infinity();
  made.histogram.bucket.push_back({row.answers(), all});
  return made;
}

}  // namespace

std::vector<MetricFamily> ProbeMetrics::Collect() const {
  MetricFamily success = family("tandem_probe_success");
  MetricFamily durations = family("tandem_probe_duration_seconds");
  MetricFamily attempts = family("tandem_probe_attempts_total");
  MetricFamily failures = family("tandem_probe_failures_total");
  MetricFamily not_asked = family("tandem_probe_not_asked_total");
  for (const auto& [key, row] : table_.rows()) {
    // Unknown is never down: no series rather than a wrong one.
    if (row.last.heard != Heard::unknown)
      success.metric.push_back(gauge(key, row.last.heard == Heard::answers ? 1 : 0));
    durations.metric.push_back(histogram(key, row));
    attempts.metric.push_back(counter(key, row.attempts));
    failures.metric.push_back(counter(key, row.failures));
    not_asked.metric.push_back(counter(key, row.not_asked));
  }
  return {success, durations, attempts, failures, not_asked};
}

}  // namespace tandem

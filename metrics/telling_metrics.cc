#include "metrics/telling_metrics.h"

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>

#include "metrics/families.h"

namespace tandem {
namespace {

using prometheus::ClientMetric;

ClientMetric metric_of(std::string_view name, std::uint64_t value, const char* type = nullptr) {
  ClientMetric metric;
  if (type != nullptr) metric.label.push_back({"type", type});
  if (metric_row(name).kind == MetricKind::counter)
    metric.counter.value = static_cast<double>(value);
  else
    metric.gauge.value = static_cast<double>(value);
  return metric;
}

prometheus::MetricFamily family(std::string_view name, std::vector<ClientMetric> metrics) {
  const MetricRow& row = metric_row(name);
  const auto type = row.kind == MetricKind::counter ? prometheus::MetricType::Counter
                                                    : prometheus::MetricType::Gauge;
  return {std::string(name), std::string(row.help), type, std::move(metrics)};
}

prometheus::MetricFamily single(std::string_view name, std::uint64_t value) {
  return family(name, {metric_of(name, value)});
}

}  // namespace

std::vector<prometheus::MetricFamily> TellingMetrics::Collect() const {
  const Telling told = told_();
  constexpr std::string_view kEvents = "tandem_events_total";
  return {family(kEvents, {metric_of(kEvents, told.normal, "Normal"),
                           metric_of(kEvents, told.warnings, "Warning")}),
          single("tandem_events_lost_total", told.events_lost),
          single("tandem_event_stream_readers", told.readers),
          single("tandem_log_lines_lost_total", told.log_lines_lost)};
}

}  // namespace tandem

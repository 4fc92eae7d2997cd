// The table of metric families: their registration, /metrics and docs/reference/metrics.md follow
// it.
#pragma once

#include <span>
#include <string_view>

namespace tandem {

enum class MetricKind { gauge, counter, histogram };

struct MetricRow {
  std::string_view name;
  MetricKind kind;
  std::string_view labels;     // "resource|result"; empty: one series
  std::string_view help;       // one sentence, as /metrics shows it
  std::string_view more = {};  // what a reader of the reference page has to know besides
};

// In the order of the reference page.
std::span<const MetricRow> metric_rows();

// The row of that name, which must be in the table.
const MetricRow& metric_row(std::string_view name);

std::string_view kind_name(MetricKind kind);  // "gauge"

}  // namespace tandem

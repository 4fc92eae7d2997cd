// The tandem_probe_* families, made from the table of the probes at each scrape.
#pragma once

#include <prometheus/collectable.h>

#include <vector>

#include "reconciler/failover/probe_table.h"

namespace tandem {

// A target that is not asked any more has no series from the next scrape on.
class ProbeMetrics : public prometheus::Collectable {
 public:
  explicit ProbeMetrics(const ProbeTable& table) : table_(table) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const ProbeTable& table_;
};

}  // namespace tandem

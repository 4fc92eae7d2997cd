// The usual process_* metrics, which prometheus-cpp does not bring.
#pragma once

#include <prometheus/collectable.h>

#include <vector>

namespace tandem {

// Read from /proc/self at each scrape; what can not be read is left out.
class ProcessMetrics : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace tandem

// How much the operator tells of what happens, and how much of it was lost.
#pragma once

#include <prometheus/collectable.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace tandem {

struct Telling {
  std::uint64_t normal = 0, warnings = 0;  // events
  std::uint64_t events_lost = 0;
  std::uint64_t log_lines_lost = 0;
  std::size_t readers = 0;  // of the stream of events
};

class TellingMetrics : public prometheus::Collectable {
 public:
  // Asked at each scrape.
  explicit TellingMetrics(std::function<Telling()> told) : told_(std::move(told)) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::function<Telling()> told_;
};

}  // namespace tandem

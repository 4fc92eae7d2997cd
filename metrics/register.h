// How a family of the table is registered, and how times become numbers.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string>
#include <string_view>

#include "core/pair.h"
#include "metrics/families.h"
#include "ports/clock.h"

namespace tandem {

inline std::string help_of(std::string_view name) { return std::string(metric_row(name).help); }

inline prometheus::Family<prometheus::Gauge>& gauges(prometheus::Registry& registry,
                                                     const char* name) {
  return prometheus::BuildGauge().Name(name).Help(help_of(name)).Register(registry);
}

inline prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry,
                                                         const char* name) {
  return prometheus::BuildCounter().Name(name).Help(help_of(name)).Register(registry);
}

inline prometheus::Family<prometheus::Histogram>& histograms(prometheus::Registry& registry,
                                                             const char* name) {
  return prometheus::BuildHistogram().Name(name).Help(help_of(name)).Register(registry);
}

inline double one_if(bool condition) { return condition ? 1 : 0; }

inline double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

inline double timestamp(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace tandem

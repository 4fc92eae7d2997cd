// The families of what comes home from the secondary.
#pragma once

#include <prometheus/registry.h>

#include <memory>
#include <optional>

#include "reconciler/replication/harvest_told.h"

namespace tandem {

class HarvestMetrics {
 public:
  // Every known series of the counters exists from here on, as 0.
  explicit HarvestMetrics(prometheus::Registry& registry);
  ~HarvestMetrics();

  void harvested(const HarvestTold& told);
  // How it stands; nullopt: it is not this node's task.
  void show(const std::optional<HarvestState>& state);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace tandem

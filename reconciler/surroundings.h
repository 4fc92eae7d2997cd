// What the loop must know of the node besides its resources, before it may act.
#pragma once

#include <string>

#include "core/pair.h"
#include "core/result.h"
#include "ports/task.h"
#include "probes/probe.h"
#include "reconciler/upgrade_watch.h"

namespace tandem {

class Surroundings {
 public:
  virtual ~Surroundings() = default;

  // Whether this host is the node that has `own`, and not the one that has `peer`. Quick.
  virtual Reading own_address(const std::string& own, const std::string& peer) = 0;

  // Whether the node stands by, and the file that tells it. Quick.
  virtual Result<bool> standing_by(Product product) = 0;
  virtual std::string standby_marker(Product product) const = 0;

  // Whether the vendor's set-up wizard has passed. Asks the node's API; may take a deadline's time.
  virtual Task<Reading> wizard() = 0;

  // What is seen of an upgrade of the node. Quick.
  virtual UpgradeSigns upgrade_signs(Product product) = 0;

  // Whether our user holds every right that the resources need. Asks the node's API.
  virtual Task<Reading> permissions() = 0;
};

}  // namespace tandem

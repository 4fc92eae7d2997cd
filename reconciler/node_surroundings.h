// The surroundings of a real node, read by the probes.
#pragma once

#include <string>

#include "pbx/auth.h"
#include "pbx/confd.h"
#include "ports/activity.h"
#include "ports/filesystem.h"
#include "ports/network.h"
#include "reconciler/surroundings.h"

namespace tandem {

class NodeSurroundings : public Surroundings {
 public:
  // `node` has the managed root, `disk` the state directory. `remember` false: nothing is written
  // there. `services_host`: where the vendor's services are asked.
  NodeSurroundings(Filesystem& node, Filesystem& disk, Network& network, Activity& activity,
                   Confd& confd, Auth& auth, const std::string& state_dir,
                   std::string services_host, bool remember)
      : node_(node),
        disk_(disk),
        network_(network),
        activity_(activity),
        confd_(confd),
        auth_(auth),
        memory_path_(state_dir + "/wizard-passed"),
        services_host_(std::move(services_host)),
        remember_(remember) {}

  Reading own_address(const std::string& own, const std::string& peer) override;
  Result<bool> standing_by(Product product) override;
  std::string standby_marker(Product product) const override;
  UpgradeSigns upgrade_signs(Product product) override;

  // A wizard that has passed once has passed: where the API is silent, what was seen before counts,
  // so that files are kept right while the vendor's services are down. The state directory
  // remembers it.
  Task<Reading> wizard() override;
  Task<Reading> permissions() override;

 private:
  Status remember_passed(bool passed);

  Filesystem& node_;
  Filesystem& disk_;
  Network& network_;
  Activity& activity_;
  Confd& confd_;
  Auth& auth_;
  std::string memory_path_;
  std::string services_host_;
  bool remember_;
};

}  // namespace tandem

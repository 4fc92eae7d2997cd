// Where each product keeps what we manage: the one place that knows the vendor's paths and
// commands.
//
// All paths are meant under the operator's root, as ports/filesystem.h sees them.
#pragma once

#include <optional>
#include <string>

#include "core/pair.h"

namespace tandem {

struct Profile {
  std::string ha_conf = "/etc/xivo/ha.conf";

  // The two files by which the vendor's programs learn the role. XiVO has none.
  std::optional<std::string> is_primary;
  std::optional<std::string> is_secondary;

  std::string cron_master = "/etc/cron.d/xivo-ha-master";
  std::string cron_slave = "/etc/cron.d/xivo-ha-slave";

  // Exists while the node stands by; the unit of provd has it as a condition.
  std::string standby_marker;
  // A file for each provd document, named by its id.
  std::string provd_configs;

  // What makes the node serve, and what makes it stand by: whole command lines, absolute.
  std::string serve_command = "/usr/sbin/xivo-manage-slave-services start";
  std::string stand_by_command = "/usr/sbin/xivo-manage-slave-services stop";

  // What the vendor's cron files call. No trailing spaces, the peer's address follows.
  std::string check_command = "/usr/sbin/xivo-check-master-status";
  std::string replication_command = "/usr/sbin/xivo-master-slave-db-replication";
  std::string sync_command;
};

// The profile lives as long as the program.
const Profile& profile_of(Product product);

}  // namespace tandem

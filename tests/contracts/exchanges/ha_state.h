// What an update of the role leaves on a node: its files, and the commands that were run.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "tests/contracts/exchanges/replay_node.h"

namespace tandem::exchanges {

struct HaState {
  std::string ha_conf;                // its bytes
  std::string trusted;                // the address in pg_hba.conf's line, "" without the line
  bool listens = false;               // postgresql.conf: on all addresses
  std::string cron;                   // both files one after the other
  std::string sentinels;              // "is-primary", "is-secondary", "", or both
  std::vector<std::string> commands;  // in their order, since the last look
  std::vector<std::string> requests;  // to sysconfd, the same

  bool operator==(const HaState&) const = default;
};

std::ostream& operator<<(std::ostream& out, const HaState& state);

// Looks, and forgets which commands and requests there were.
HaState ha_state(ReplayNode& node);

inline const std::string kRestart = "systemctl restart postgresql.service";
inline const std::string kStartServices = "/usr/sbin/xivo-manage-slave-services start";

std::string ha_conf_of(const std::string& type, const std::string& address);
std::string master_cron(const std::string& address);
std::string slave_cron(const std::string& address);

// What all seven steps leave (contract: section 1).
HaState finished(const std::string& type, const std::string& address);

}  // namespace tandem::exchanges

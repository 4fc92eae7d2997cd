// Where each product keeps what we manage: paths, commands and directories, by product.
//
// The values and how each is known stand in one table, pbx/products.cc. All paths are meant under
// the operator's root, as ports/filesystem.h sees them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pair.h"

namespace tandem {

struct Profile {
  std::string ha_conf;

  // The two files by which the vendor's programs learn the role. XiVO has none.
  std::optional<std::string> is_primary;
  std::optional<std::string> is_secondary;

  std::string cron_master;
  std::string cron_slave;

  // Exists while the node stands by; the unit of provd has it as a condition.
  std::string standby_marker;
  // A file for each provd document, named by its id.
  std::string provd_configs;
  // A directory for each installed provisioning plug-in; files there are no plug-ins.
  std::string provd_plugins;
  // One line with the version of the product.
  std::string version_file;

  // What makes the node serve, and what makes it stand by: whole command lines, absolute.
  std::string serve_command;
  std::string stand_by_command;
  // Starts, stops, enables and tells the state of unit groups.
  std::string services_program;
  // Upgrades the product; while it runs, nobody else works on the node.
  std::string upgrade_program;

  // What the vendor's cron files call. No trailing spaces, the peer's address follows.
  std::string check_command;
  std::string replication_command;
  std::string sync_command;
  // Makes the vendor's key and has the secondary accept it.
  std::string sync_setup_command;
  // The private key of sync_command, an unrestricted one of root. Without it sync_command silently
  // does nothing.
  std::string sync_key;

  // What sync_command copies to the secondary, extras there deleted.
  std::vector<std::string> directories;
  // Below it are the tenants, each with directories of sounds, which are copied too but for
  // `tenant_sounds_excluded`. nullopt: the product has no such place.
  std::optional<std::string> tenant_sounds;
  std::vector<std::string> tenant_sounds_excluded;
  // Of these and of the tenants', the folders of sounds that users make: prompts and music.
  std::vector<std::string> sounds;
  // What a secondary that served holds and the primary does not.
  std::string voicemail;
  std::vector<std::string> recordings;

  // Where pg_hba.conf and postgresql.conf are, for a server that can not be asked. nullopt: only
  // the server knows.
  std::optional<std::string> postgres_config;
  std::string postgres_unit;

  // The configuration of the DHCP server is the secondary's own, or the primary's by the copy.
  bool copies_dhcp = false;
  std::string dhcp_table;

  std::string bnfos_program;
  std::string bnfos_conf;

  // The contact centre's containers; nullopt where the product has none.
  struct ContactCentre {
    std::string env_file;  // KEY=VALUE lines, read by the containers
    std::string log_folder;
    std::string log_owner;                           // USER:GROUP
    std::string marker;                              // the contact centre is on
    std::vector<std::vector<std::string>> commands;  // what makes it take effect, in order
  };
  std::optional<ContactCentre> contact_centre;
};

// The profile lives as long as the program.
const Profile& profile_of(Product product);

}  // namespace tandem

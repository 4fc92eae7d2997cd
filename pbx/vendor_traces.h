// What the vendor's mechanism has left on a node: read as it lies there, believed in nothing yet
// (pbx/vendor_wrecks.h judges it).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pair.h"
#include "pbx/profile.h"
#include "ports/filesystem.h"

namespace tandem {

struct VendorTraces {
  std::optional<Product> product;  // nullopt: no file of either product is there
  std::string product_mark;        // the file that tells the product

  // Contents; nullopt: there is no such file.
  std::optional<std::string> ha_conf, cron_master, cron_slave;
  bool is_primary = false, is_secondary = false;
  bool has_sentinel_folder = true;
  bool stands_by = false;  // the standby marker is there

  std::string postgres_folder;  // empty: none was found
  std::optional<std::string> pg_hba, postgresql_conf;

  bool has_sync_key = false;                  // the key of the vendor's file copy
  std::vector<std::string> missing_programs;  // of those that the vendor's cron files call

  std::vector<std::string> unread;  // what is there and could not be read, with the reason

  const Profile& profile() const { return profile_of(product.value_or(Product::wazo)); }
};

// Changes nothing. `product` given: it is taken for that one. `postgres_folder` empty: the newest
// cluster `main` under /etc/postgresql.
VendorTraces read_traces(Filesystem& files, std::optional<Product> product,
                         const std::string& postgres_folder);

// The addresses of the vendor's own lines in a pg_hba.conf: "host asterisk postgres ADDRESS/32
// trust", whatever stands for ADDRESS.
std::vector<std::string> trusted_addresses(const std::string& pg_hba);

}  // namespace tandem

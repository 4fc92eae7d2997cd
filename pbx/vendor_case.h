// Between the two sources of vendor_wrecks.h: what its rows look at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/adoption.h"
#include "core/goal.h"
#include "pbx/ha_files.h"
#include "pbx/vendor_traces.h"

namespace tandem {

// The traces of a node, read with the role and the peer in mind that were decided for it.
struct VendorCase {
  explicit VendorCase(const VendorTraces& found) : traces(found) {}

  const VendorTraces& traces;
  Role role = Role::off;  // decided; off: unknown
  bool enabled = true;
  std::string peer;

  std::optional<HaConfReading> conf;       // nullopt: no ha.conf
  std::optional<Role> conf_role;           // off: "disabled"; nullopt: none of the three words
  std::optional<std::string> master_cron;  // the address in it; nullopt: absent or another text
  std::optional<std::string> slave_cron;
  std::vector<std::string> trusted;

  Role wanted() const { return enabled ? role : Role::off; }
  bool has_sentinels() const { return traces.profile().is_primary.has_value(); }
  bool cron_is_right() const {
    return master_cron.has_value() == (wanted() == Role::primary) &&
           slave_cron.has_value() == (wanted() == Role::secondary) &&
           traces.cron_master.has_value() == master_cron.has_value() &&
           traces.cron_slave.has_value() == slave_cron.has_value();
  }
  bool sentinels_are_right() const {
    return !has_sentinels() || (traces.is_primary == (wanted() == Role::primary) &&
                                traces.is_secondary == (wanted() == Role::secondary));
  }
};

// Every kind of wreck that the case is, in the order of the table.
std::vector<Finding> wrecks_of(const VendorCase& node);

}  // namespace tandem

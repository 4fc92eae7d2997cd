// A node's role in files, as the vendor's own calls leave them (contract, section 1): literal
// bytes, so that they judge pbx/ha_files; and the three resources that keep these files.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/goal.h"
#include "reconciler/reconcile.h"
#include "resources/cron_files.h"
#include "resources/ha_conf.h"
#include "resources/sentinels.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem::ha_world {

inline const std::string kHaConf = "/etc/xivo/ha.conf";
inline const std::string kCronMaster = "/etc/cron.d/xivo-ha-master";
inline const std::string kCronSlave = "/etc/cron.d/xivo-ha-slave";
inline const std::string kIsPrimary = "/var/lib/wazo/is-primary";
inline const std::string kIsSecondary = "/var/lib/wazo/is-secondary";
inline const std::string kA = "10.0.0.1";
inline const std::string kB = "10.0.0.2";

// Path to content; a mode other than the vendor's 0644 stands before the content.
using World = std::map<std::string, std::string>;

inline Goal goal_of(Role role, Owner replication = Owner::vendor, Owner failover = Owner::vendor,
                    Product product = Product::wazo) {
  Goal goal;
  goal.product = product;
  goal.role = role;
  goal.own_address = role == Role::secondary ? kB : kA;
  goal.peer_address = role == Role::secondary ? kA : kB;
  goal.replication_owner = replication;
  goal.failover_owner = failover;
  return goal;
}

inline std::string ha_conf(const std::string& type, const std::string& address) {
  return R"({"node_type": ")" + type + R"(", "remote_address": ")" + address + R"("})";
}

inline std::string master_cron(const std::string& address, const std::string& sync = "wazo-sync") {
  return "0 * * * * root /usr/sbin/xivo-master-slave-db-replication " + address + " >/dev/null\n" +
         "0 * * * * root /usr/bin/" + sync + " >/dev/null\n";
}

inline std::string slave_cron(const std::string& address) {
  return "* * * * * root /usr/sbin/xivo-check-master-status " + address + " >/dev/null\n";
}

// What a finished call of the vendor's for this role leaves, without the job that Tandem took over.
inline World vendor_world(const Goal& goal) {
  const bool wazo = goal.product == Product::wazo;
  World world;
  switch (goal.role) {
    case Role::off: world[kHaConf] = ha_conf("disabled", ""); break;
    case Role::primary:
      world[kHaConf] = ha_conf("master", goal.peer_address);
      if (goal.replication_owner == Owner::vendor)
        world[kCronMaster] = master_cron(goal.peer_address, wazo ? "wazo-sync" : "xivo-sync");
      if (wazo) world[kIsPrimary] = "";
      break;
    case Role::secondary:
      world[kHaConf] = ha_conf("slave", goal.peer_address);
      if (goal.failover_owner == Owner::vendor) world[kCronSlave] = slave_cron(goal.peer_address);
      if (wazo) world[kIsSecondary] = "";
      break;
  }
  return world;
}

using Reports = std::vector<Report>;

inline bool all_are(const Reports& reports, Outcome outcome) {
  return std::all_of(reports.begin(), reports.end(),
                     [&](const Report& report) { return report.outcome == outcome; });
}

// As the declaration wants it: no file is ever deferred.
inline bool is_right(const Report& report) {
  return report.outcome == Outcome::in_sync || report.outcome == Outcome::repaired;
}

inline std::vector<Change> drift_of(const Reports& reports) {
  std::vector<Change> all;
  for (const Report& report : reports)
    all.insert(all.end(), report.drift.begin(), report.drift.end());
  return all;
}

class HaNode {
 public:
  explicit HaNode(const World& world = {}) {
    disk.directories = {"/etc/xivo", "/etc/cron.d", "/var/lib/wazo"};
    for (const auto& [path, content] : world) disk.files[path] = fakes::File(content);
  }

  // One pass of the three, in the order of DESIGN section 5. A failure never stops the others.
  Reports pass(const Goal& goal, const Permission& permission = Permission::up_to(Reach::file)) {
    return {run(reconcile(cron_files_, goal, permission)),
            run(reconcile(ha_conf_, goal, permission)),
            run(reconcile(sentinels_, goal, permission))};
  }

  World world() const {
    World world;
    for (const auto& [path, file] : disk.files)
      world[path] =
          file.mode == 0644 ? file.content : fmt::format("{:04o} {}", file.mode, file.content);
    return world;
  }

  // One pass brings the node to what the vendor leaves for this goal, and the next finds nothing to
  // do.
  void expect_mended(const Goal& goal) {
    for (const Report& report : pass(goal))
      EXPECT_TRUE(is_right(report))
          << report.resource << ": " << (report.error ? report.error->message : report.note);
    EXPECT_EQ(world(), vendor_world(goal));
    disk.journal.clear();
    EXPECT_TRUE(all_are(pass(goal), Outcome::in_sync));
    EXPECT_EQ(disk.journal, std::vector<std::string>{});
  }

  fakes::MemoryFilesystem disk;

 private:
  CronFiles cron_files_{disk};
  HaConf ha_conf_{disk};
  Sentinels sentinels_{disk};
};

}  // namespace tandem::ha_world

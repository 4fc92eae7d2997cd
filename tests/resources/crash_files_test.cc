// A kill, and a loss of power, at every system call of every change of role, owner and address:
// what the vendor's programs make of the node until the next start, and that the next start
// finishes. For cron files, ha.conf and sentinels; crash_vendor_test.cc has what is kept in the
// services.

#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "reconciler/schedule.h"
#include "tests/fakes/guillotine.h"
#include "tests/resources/ha_world.h"
#include "tests/resources/vendor_reader.h"

namespace tandem {
namespace {

using namespace ha_world;
using Lines = std::vector<std::string>;

// This node keeps its address in every role; the other one may be replaced.
const std::string kOwn = "10.0.0.1";

std::vector<Goal> every_goal(Product product) {
  std::vector<Goal> goals;
  for (const Role role : {Role::off, Role::primary, Role::secondary})
    for (const Owner replication : {Owner::vendor, Owner::tandem})
      for (const Owner failover : {Owner::vendor, Owner::tandem})
        for (const char* peer : {"10.0.0.2", "10.0.0.77"}) {
          Goal goal = goal_of(role, replication, failover, product);
          goal.own_address = kOwn;
          goal.peer_address = peer;
          goals.push_back(goal);
        }
  return goals;
}

std::string text(const Goal& goal) {
  const auto owner = [](Owner who) { return who == Owner::vendor ? "vendor" : "tandem"; };
  return fmt::format("{} {} beside {} (replication {}, failover {})",
                     goal.product == Product::wazo ? "wazo" : "xivo", role_name(goal.role),
                     goal.peer_address, owner(goal.replication_owner), owner(goal.failover_owner));
}

// One start of the operator: the three resources in the order of a change of role.
template <class Files>
Reports start(Files& files, const Goal& goal) {
  HaConf ha_conf(files);
  CronFiles cron_files(files);
  Sentinels sentinels(files);
  const auto permission = Permission::up_to(Reach::file);
  Reports reports;
  for (const std::string_view name : order_of(goal.role, goal.product)) {
    if (name == HaConf::name) reports.push_back(run(reconcile(ha_conf, goal, permission)));
    if (name == CronFiles::name) reports.push_back(run(reconcile(cron_files, goal, permission)));
    if (name == Sentinels::name) reports.push_back(run(reconcile(sentinels, goal, permission)));
  }
  EXPECT_EQ(reports.size(), 3U);
  return reports;
}

enum class End { kill, power };

// A start that dies at the guillotine's moment. Where the power goes, so does what is not synced.
void die_within(fakes::MemoryFilesystem& disk, const Goal& goal, fakes::Guillotine& guillotine,
                End end) {
  fakes::KilledFilesystem files(disk, guillotine);
  try {
    start(files, goal);
  } catch (const fakes::Killed&) {
    if (end == End::kill) return;
    for (const auto& [path, mode] : files.modes_before)
      if (disk.files.contains(path)) disk.files[path].mode = mode;
  }
}

VendorView view_of(const World& world, Product product) {
  HaNode node(world);
  return as_the_vendor_reads(node.disk, product);
}

// A start that turns back has nothing to write where the kill struck, and does not look for it.
void remove_leftovers(fakes::MemoryFilesystem& disk) {
  for (const auto& path : {kHaConf, kCronMaster, kCronSlave, kIsPrimary, kIsSecondary})
    disk.files.erase(fakes::KilledFilesystem::temporary_of(path));
}

// The next start brings the node to `wanted`, and the one after it writes nothing.
void expect_finished(fakes::MemoryFilesystem& disk, const Goal& goal, const World& wanted) {
  for (const Report& report : start(disk, goal)) EXPECT_TRUE(is_right(report)) << report.resource;
  for (const auto& [path, content] : wanted) {
    EXPECT_EQ(disk.files[path].content, content) << path;
    EXPECT_EQ(disk.files[path].mode, 0644U) << path;
  }
  EXPECT_EQ(disk.files.size(), wanted.size()) << "a leftover: " << disk.files.begin()->first;
  disk.journal.clear();
  EXPECT_TRUE(all_are(start(disk, goal), Outcome::in_sync));
  EXPECT_EQ(disk.journal, Lines{});
}

// Every transition between the goals of one product.
void for_every_transition(const std::function<void(const Goal& from, const Goal& to)>& test) {
  for (const Product product : {Product::wazo, Product::xivo})
    for (const Goal& from : every_goal(product))
      for (const Goal& to : every_goal(product)) {
        SCOPED_TRACE(text(from) + " to " + text(to));
        test(from, to);
        if (testing::Test::HasFailure()) return;
      }
}

// XiVO has no sentinel that holds its detection back, so that its job and ha.conf can not always
// agree; each still tells its old or its new role.
struct Count {
  int cuts = 0;
  int at_odds = 0;
};

Count cut_every_transition(End end) {
  Count count;
  for_every_transition([&](const Goal& from, const Goal& to) {
    const auto before = view_of(vendor_world(from), from.product);
    const auto after = view_of(vendor_world(to), to.product);
    count.cuts += fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
      HaNode node(vendor_world(from));
      die_within(node.disk, to, guillotine, end);
      SCOPED_TRACE("killed " + guillotine.where());
      const auto seen = as_the_vendor_reads(node.disk, to.product);
      EXPECT_EQ(misreadings(seen, before, after, kOwn), Lines{});
      if (is_at_odds(seen)) {
        ++count.at_odds;
        EXPECT_EQ(to.product, Product::xivo) << "a job of a role that ha.conf does not tell";
      }
      fakes::MemoryFilesystem turned_back;
      turned_back.directories = node.disk.directories;
      turned_back.files = node.disk.files;
      expect_finished(node.disk, to, vendor_world(to));
      remove_leftovers(turned_back);
      expect_finished(turned_back, from, vendor_world(from));
    });
  });
  return count;
}

TEST(CrashOfFiles, AKillAtAnyMomentMisleadsNoneOfTheVendorsPrograms) {
  const auto [cuts, at_odds] = cut_every_transition(End::kill);
  std::cout << "crash of files: " << cuts << " kills examined; after " << at_odds
            << ", all XiVO's, a job and ha.conf tell two roles\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 10'000));
}

TEST(CrashOfFiles, ALossOfPowerAtAnyMomentDoesNeither) {
  const auto [cuts, at_odds] = cut_every_transition(End::power);
  std::cout << "crash of files: " << cuts << " losses of power examined; after " << at_odds
            << ", all XiVO's, a job and ha.conf tell two roles\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 10'000));
}

// ---- wrecks: a start may find any mixture, with modes that cron refuses

World wreck_of(const Goal& from, const Goal& other, int kind) {
  World wreck = vendor_world(from);
  const World mixed = vendor_world(other);
  if ((kind & 1) != 0) wreck[kHaConf] = R"({"node_type": "mas)";
  if ((kind & 2) != 0)
    for (const auto& [path, content] : mixed)
      if (path.starts_with("/etc/cron.d/")) wreck[path] = content;
  if ((kind & 4) != 0)
    for (const auto& [path, content] : mixed)
      if (path.starts_with("/var/lib/wazo/")) wreck[path] = content;
  return wreck;
}

// The same, with both jobs left to the vendor.
Goal vendors_goal(Goal goal) {
  goal.replication_owner = goal.failover_owner = Owner::vendor;
  return goal;
}

// What was wrong before may last until its step; nothing else goes wrong on the way.
TEST(CrashOfFiles, AKillWithinTheRepairOfAWreckIsFinishedByTheNextStart) {
  int cuts = 0;
  for_every_transition([&](const Goal& from, const Goal& to) {
    if (from != vendors_goal(from) || from.peer_address == to.peer_address) return;
    for (int kind = 1; kind < 8; ++kind)
      for (const mode_t mode : {0644U, 0666U})
        cuts += fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
          HaNode node(wreck_of(from, to, kind));
          for (auto& [path, file] : node.disk.files)
            if (!path.starts_with("/var/lib/wazo/")) file.mode = mode;
          const auto before = as_the_vendor_reads(node.disk, to.product);
          die_within(node.disk, to, guillotine, End::power);
          SCOPED_TRACE("killed " + guillotine.where());
          const auto seen = as_the_vendor_reads(node.disk, to.product);
          EXPECT_LE(seen.sentinels.size(), std::max<std::size_t>(before.sentinels.size(), 1U));
          EXPECT_EQ(seen.complaints.size(), 0U) << seen.complaints.front();
          expect_finished(node.disk, to, vendor_world(to));
        });
  });
  std::cout << "crash of files: " << cuts << " kills within the repair of a wreck examined\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 20'000));
}

}  // namespace
}  // namespace tandem

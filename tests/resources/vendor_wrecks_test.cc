// The vendor's calls stop at their first failure and undo nothing. Each test starts from exactly
// what such a call leaves (contract: the table of section 1, and the failures of PUT /1.1/ha in
// section 5). Only the files are seen here; PostgreSQL's and the registrars have their own
// resources.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/resources/ha_world.h"

namespace tandem {
namespace {

using namespace ha_world;
using Lines = std::vector<std::string>;

const Goal kOff = goal_of(Role::off);
const Goal kMaster = goal_of(Role::primary);
const Goal kSlave = goal_of(Role::secondary);

// A call that stopped between its first step and the cron files: only ha.conf is new.
World ha_conf_alone(const Goal& old_role, const std::string& content) {
  World wreck = vendor_world(old_role);
  wreck[kHaConf] = content;
  return wreck;
}

// A call that stopped between the cron files and the sentinels.
World all_but_sentinels(const Goal& old_role, const Goal& new_role) {
  World wreck = vendor_world(new_role);
  wreck.erase(kIsPrimary);
  wreck.erase(kIsSecondary);
  for (const auto& [path, content] : vendor_world(old_role))
    if (path == kIsPrimary || path == kIsSecondary) wreck[path] = content;
  return wreck;
}

void expect_mended(const World& wreck, const Goal& goal) {
  HaNode node(wreck);
  node.expect_mended(goal);
}

// Whichever role was meant: the declaration tells, the wreck does not.
void expect_mended_for_any_role(const World& wreck) {
  for (const Goal& goal : {kOff, kMaster, kSlave}) {
    SCOPED_TRACE(role_name(goal.role));
    expect_mended(wreck, goal);
  }
}

// ---- POST /update_ha_config: a body that is not what it should be

TEST(VendorWrecks, UpdateWithoutNodeTypeOverwritesHaConf) {
  expect_mended_for_any_role(ha_conf_alone(kSlave, R"({"remote_address": "10.0.0.1"})"));
}

TEST(VendorWrecks, UpdateWithoutRemoteAddressOverwritesHaConf) {
  expect_mended_for_any_role(ha_conf_alone(kSlave, R"({"node_type": "slave"})"));
  expect_mended_for_any_role(ha_conf_alone(kMaster, R"({"node_type": "slave"})"));
}

TEST(VendorWrecks, EmptyUpdateLeavesAnEmptyObject) {  // also null, an empty body, no body
  expect_mended_for_any_role(ha_conf_alone(kSlave, "{}"));
  expect_mended_for_any_role(ha_conf_alone(kMaster, "{}"));
}

TEST(VendorWrecks, RefusedBodyLeavesTheOldRole) {  // unparsable, an array, text/plain: 422
  expect_mended(vendor_world(kMaster), kSlave);
  expect_mended(vendor_world(kSlave), kMaster);
}

TEST(VendorWrecks, UnknownNodeTypeRemovesBothCronFiles) {
  World wreck = vendor_world(kSlave);
  wreck[kHaConf] = ha_conf("primary", kA);
  wreck.erase(kCronSlave);
  expect_mended_for_any_role(wreck);
}

TEST(VendorWrecks, NullNodeTypeRemovesBothCronFiles) {
  World wreck = vendor_world(kMaster);
  wreck[kHaConf] = R"({"node_type": null, "remote_address": "10.0.0.1"})";
  wreck.erase(kCronMaster);
  expect_mended_for_any_role(wreck);
}

TEST(VendorWrecks, AnotherKeyIsStoredInHaConf) {
  World wreck = vendor_world(kMaster);
  wreck[kHaConf] = R"({"node_type": "master", "remote_address": "10.0.0.2", "note": "x"})";
  expect_mended_for_any_role(wreck);
}

// ---- values that nobody checks

TEST(VendorWrecks, EmptyAddressIsWatchedByTheSlave) {
  World wreck = vendor_world(kSlave);
  wreck[kHaConf] = ha_conf("slave", "");
  wreck[kCronSlave] = slave_cron("");
  expect_mended(wreck, kSlave);
}

TEST(VendorWrecks, NullAddressIsWatchedAsTheHostNone) {
  World wreck = vendor_world(kSlave);
  wreck[kHaConf] = R"({"node_type": "slave", "remote_address": null})";
  wreck[kCronSlave] = slave_cron("None");
  expect_mended(wreck, kSlave);
}

TEST(VendorWrecks, HostNameStandsInPlaceOfTheAddress) {
  World wreck = vendor_world(kSlave);
  wreck[kHaConf] = ha_conf("slave", "master.example.test");
  wreck[kCronSlave] = slave_cron("master.example.test");
  expect_mended(wreck, kSlave);
}

TEST(VendorWrecks, AddressOfIpv6StandsInPlaceOfTheAddress) {
  World wreck = vendor_world(kMaster);
  wreck[kHaConf] = ha_conf("master", "fd00::2");
  wreck[kCronMaster] = master_cron("fd00::2");
  expect_mended(wreck, kMaster);
}

// ---- POST /update_ha_config: a step that fails

TEST(VendorWrecks, InterruptedWriteLeavesAnEmptyHaConf) {
  expect_mended_for_any_role(ha_conf_alone(kMaster, ""));
}

TEST(VendorWrecks, InterruptedWriteLeavesAPieceOfHaConf) {
  expect_mended_for_any_role(ha_conf_alone(kMaster, R"({"node_type": "mas)"));
}

TEST(VendorWrecks, MissingPgHbaLeavesOldCronAndSentinel) {
  expect_mended(ha_conf_alone(kMaster, ha_conf("slave", kA)), kSlave);
}

TEST(VendorWrecks, PostgresRestartFailedLeavesOldCronAndSentinel) {
  expect_mended(ha_conf_alone(kMaster, ha_conf("slave", kA)), kSlave);
  expect_mended(ha_conf_alone(kSlave, ha_conf("master", kB)), kMaster);
  expect_mended(ha_conf_alone(kSlave, ha_conf("disabled", "")), kOff);
  expect_mended(ha_conf_alone(kOff, ha_conf("master", kB)), kMaster);
}

TEST(VendorWrecks, PostgresRestartFailedLeavesANewSlaveThatNeverFailsOver) {
  HaNode node(ha_conf_alone(kOff, ha_conf("slave", kA)));
  Lines missing;
  for (const Change& change : drift_of(node.pass(kSlave, Permission::observe_only("a dry run"))))
    missing.push_back(change.field + ": " + change.from);
  EXPECT_EQ(missing, (Lines{kCronSlave + ": absent", kIsSecondary + ": absent"}));
  node.expect_mended(kSlave);
}

TEST(VendorWrecks, PostgresRestartStillRunsWhileHaConfIsNew) {  // a client's time-out
  expect_mended(ha_conf_alone(kOff, ha_conf("master", kB)), kMaster);
}

TEST(VendorWrecks, SlaveServicesFailedLeavesOldSentinel) {
  expect_mended(all_but_sentinels(kSlave, kMaster), kMaster);
  expect_mended(all_but_sentinels(kSlave, kOff), kOff);
  expect_mended(all_but_sentinels(kOff, kMaster), kMaster);
}

TEST(VendorWrecks, MissingFolderOfSentinelsLeavesNoRole) {
  for (const Goal& goal : {kMaster, kSlave, kOff}) {
    SCOPED_TRACE(role_name(goal.role));
    HaNode node(all_but_sentinels(kOff, goal));
    node.disk.directories.erase("/var/lib/wazo");
    node.expect_mended(goal);
  }
}

TEST(VendorWrecks, TwoCallsAtOnceLeaveOneRoleInEachFile) {
  World wreck = vendor_world(kMaster);
  wreck[kCronSlave] = slave_cron(kA);
  wreck[kIsSecondary] = "";
  expect_mended_for_any_role(wreck);
  expect_mended_for_any_role(ha_conf_alone(kSlave, ha_conf("master", kB)));
}

TEST(VendorWrecks, LostSentinelSwitchesTheFailoverOff) {
  World wreck = vendor_world(kSlave);
  wreck.erase(kIsSecondary);
  HaNode node(wreck);
  const auto drift = drift_of(node.pass(kSlave, Permission::observe_only("a dry run")));
  ASSERT_EQ(drift.size(), 1u);
  EXPECT_EQ(drift[0].why,
            "spec.secondary is this node; without it the vendor's failover silently does nothing");
  node.expect_mended(kSlave);
}

// ---- PUT /1.1/ha

TEST(VendorWrecks, SysconfdDownLeavesTheOldRole) {  // the registrars have changed already
  expect_mended(vendor_world(kOff), kMaster);
  expect_mended(vendor_world(kMaster), kOff);
}

TEST(VendorWrecks, SysconfdFailedLeavesHaConfAheadOfTheRest) {
  expect_mended(ha_conf_alone(kOff, ha_conf("master", kB)), kMaster);
}

TEST(VendorWrecks, ProvdDownKeepsAMasterFromBeingMade) {
  expect_mended(vendor_world(kOff), kMaster);
  expect_mended(vendor_world(kSlave), kMaster);
}

TEST(VendorWrecks, ProvdDownKeepsAMasterFromBeingDisabled) {
  expect_mended(vendor_world(kMaster), kOff);
}

TEST(VendorWrecks, ProvdDownIsNoMatterToASlave) {
  expect_mended(vendor_world(kSlave), kSlave);
  expect_mended(vendor_world(kSlave), kOff);
}

TEST(VendorWrecks, DamagedHaConfKeepsANodeFromBeingDisabled) {
  for (const char* damage : {"", "{", "not json", "[1]", "\xEF\xBB\xBF{}"}) {
    SCOPED_TRACE(damage);
    expect_mended(ha_conf_alone(kMaster, damage), kOff);
  }
}

TEST(VendorWrecks, DisabledKeepsTheAddressItWasGiven) {
  expect_mended(ha_conf_alone(kOff, ha_conf("disabled", kB)), kOff);
}

}  // namespace
}  // namespace tandem

// What `tandem import` says of each half-applied state that the vendor's calls leave (contract: the
// table of section 1): the role, the peer, and the wreck by name.
#include "pbx/vendor_wrecks.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

using Names = std::vector<std::string>;
using World = std::map<std::string, std::string>;

const std::string kA = "10.0.0.1", kB = "10.0.0.2";
const std::string kHaConf = "/etc/xivo/ha.conf";
const std::string kCronMaster = "/etc/cron.d/xivo-ha-master";
const std::string kCronSlave = "/etc/cron.d/xivo-ha-slave";
const std::string kIsPrimary = "/var/lib/wazo/is-primary";
const std::string kIsSecondary = "/var/lib/wazo/is-secondary";
const std::string kPgHba = "/etc/postgresql/15/main/pg_hba.conf";
const std::string kPgConf = "/etc/postgresql/15/main/postgresql.conf";

std::string ha_conf(const std::string& type, const std::string& address) {
  return R"({"node_type": ")" + type + R"(", "remote_address": ")" + address + R"("})";
}

World bare() {
  return {{"/usr/bin/wazo-service", ""},
          {"/usr/bin/wazo-sync", ""},
          {"/usr/sbin/xivo-check-master-status", ""},
          {"/usr/sbin/xivo-master-slave-db-replication", ""},
          {"/var/lib/wazo/keep", ""},
          {"/root/.ssh/xivo_id_rsa", ""},
          {kPgHba, "local all postgres peer\n"},
          {kPgConf, "#listen_addresses = 'localhost'\n"}};
}

World off() {
  World world = bare();
  world[kHaConf] = ha_conf("disabled", "");
  return world;
}

World master() {
  World world = bare();
  world[kHaConf] = ha_conf("master", kB);
  world[kCronMaster] = "0 * * * * root /usr/sbin/xivo-master-slave-db-replication " + kB +
                       " >/dev/null\n0 * * * * root /usr/bin/wazo-sync >/dev/null\n";
  world[kIsPrimary] = "";
  return world;
}

World slave() {
  World world = bare();
  world[kHaConf] = ha_conf("slave", kA);
  world[kCronSlave] = "* * * * * root /usr/sbin/xivo-check-master-status " + kA + " >/dev/null\n";
  world[kIsSecondary] = "";
  world[kPgHba] += "host asterisk postgres " + kA + "/32 trust\n";
  world[kPgConf] += "listen_addresses = '*'\n";
  return world;
}

World with(World world, const std::string& path, const std::string& content) {
  world[path] = content;
  return world;
}
World without(World world, const std::string& path) {
  world.erase(path);
  return world;
}

VendorTraces traces_of(const World& world) {
  fakes::MemoryFilesystem disk;
  for (const auto& [path, content] : world) disk.files[path] = fakes::File(content);
  auto traces = read_traces(disk, std::nullopt, "");
  EXPECT_EQ(disk.journal, Names{});
  return traces;
}

struct Expected {
  Role role;
  bool enabled;
  std::string peer;
  Names findings;
};

void expect_story(const World& world, const Expected& expected) {
  const VendorStory story = tell(traces_of(world), Role::off, "");
  EXPECT_EQ(story.role, expected.role) << role_name(story.role);
  EXPECT_EQ(story.enabled, expected.enabled);
  EXPECT_EQ(story.peer_address.value, expected.peer);
  Names names;
  for (const Finding& finding : story.findings) {
    names.push_back(finding.name);
    EXPECT_GT(finding.meaning.size(), 20U);
    EXPECT_EQ(finding.meaning.find("\""), finding.meaning.find("\"\"")) << finding.meaning;
  }
  EXPECT_EQ(names, expected.findings);
}

constexpr Role kPrimary = Role::primary, kSecondary = Role::secondary;

TEST(VendorStory, HasNothingToSayOfARightNode) {
  expect_story(master(), {kPrimary, true, kB, {}});
  expect_story(slave(), {kSecondary, true, kA, {}});
  expect_story(off(), {Role::off, false, "", {}});
  expect_story(bare(), {Role::off, false, "", {}});
}

TEST(VendorStory, KnowsTheProductByItsFiles) {
  EXPECT_EQ(traces_of(master()).product, Product::wazo);
  EXPECT_EQ(traces_of({{"/usr/bin/xivo-service", ""}}).product, Product::xivo);
  EXPECT_EQ(traces_of({{"/etc/hosts", ""}}).product, std::nullopt);
}

TEST(VendorStory, NamesAFailedRestartOfPostgres) {  // the worst: failover is off for ever
  World wreck = with(bare(), kHaConf, ha_conf("slave", kA));
  wreck[kPgHba] = slave()[kPgHba];
  wreck[kPgConf] = slave()[kPgConf];
  expect_story(wreck, {kSecondary, true, kA, {"StoppedAfterHaConf"}});
  // On a node that was a primary, whose hourly copy goes on.
  World former = with(master(), kHaConf, ha_conf("slave", kA));
  former[kPgHba] = slave()[kPgHba];
  former[kPgConf] = slave()[kPgConf];
  expect_story(former, {kSecondary, true, kA, {"StoppedAfterHaConf"}});
  expect_story(with(slave(), kHaConf, ha_conf("master", kB)),
               {kPrimary, true, kB, {"StoppedAfterHaConf", "PostgresLineLeft"}});
  expect_story(with(master(), kHaConf, ha_conf("disabled", "")),
               {kPrimary, false, kB, {"StoppedAfterHaConf"}});
}

TEST(VendorStory, NamesAMissingPgHba) {
  expect_story(without(with(master(), kHaConf, ha_conf("slave", kA)), kPgHba),
               {kSecondary,
                true,
                kA,
                {"StoppedAfterHaConf", "PostgresListensLocally", "PostgresFilesMissing"}});
}

TEST(VendorStory, NamesAStopBeforeTheSentinels) {
  World wreck = without(with(master(), kIsSecondary, ""), kIsPrimary);
  expect_story(wreck, {kPrimary, true, kB, {"StoppedBeforeSentinels"}});
  expect_story(with(off(), kIsPrimary, ""), {kPrimary, false, "", {"StoppedBeforeSentinels"}});
  expect_story(without(slave(), kIsSecondary), {kSecondary, true, kA, {"SentinelLost"}});
}

TEST(VendorStory, NamesAMissingFolderOfSentinels) {
  World wreck = without(without(slave(), kIsSecondary), "/var/lib/wazo/keep");
  expect_story(wreck, {kSecondary, true, kA, {"SentinelFolderMissing"}});
}

TEST(VendorStory, NamesADamagedHaConf) {
  for (const char* damage : {"", "{", "not json", "[1]", "\xEF\xBB\xBF{}", R"({"node_type": "mas)"})
    expect_story(with(slave(), kHaConf, damage), {kSecondary, true, kA, {"HaConfDamaged"}});
  expect_story(with(bare(), kHaConf, ""), {Role::off, true, "", {"HaConfDamaged"}});
}

TEST(VendorStory, NamesAPartialHaConf) {
  World wreck = with(slave(), kHaConf, "{}");
  wreck[kPgHba] = bare()[kPgHba];  // the call has removed the line
  expect_story(wreck, {kSecondary, true, kA, {"HaConfPartial", "PostgresLineMissing"}});
  expect_story(with(master(), kHaConf, R"({"node_type": "master"})"),
               {kPrimary, true, kB, {"HaConfPartial"}});
  expect_story(with(master(), kHaConf, R"({"remote_address": "10.0.0.2"})"),
               {kPrimary, true, kB, {"HaConfPartial"}});
}

TEST(VendorStory, NamesAnUnknownRole) {
  World wreck = without(with(slave(), kHaConf, ha_conf("primary", kA)), kCronSlave);
  wreck[kPgHba] = bare()[kPgHba];
  wreck[kPgConf] = bare()[kPgConf];
  expect_story(wreck, {kSecondary,
                       true,
                       kA,
                       {"HaConfUnknownRole", "CronMissing", "PostgresLineMissing",
                        "PostgresListensLocally"}});
  expect_story(
      without(with(master(), kHaConf, R"({"node_type": null, "remote_address": "10.0.0.2"})"),
              kCronMaster),
      {kPrimary, true, kB, {"HaConfUnknownRole", "CronMissing"}});
}

TEST(VendorStory, NamesAddressesThatNobodyChecked) {
  for (const std::string address : {"", "master.example.test", "fd00::1"}) {
    World wreck = with(slave(), kHaConf, ha_conf("slave", address));
    wreck[kCronSlave] =
        "* * * * * root /usr/sbin/xivo-check-master-status " + address + " >/dev/null\n";
    wreck[kPgHba] = bare()[kPgHba] + "host asterisk postgres " + address + "/32 trust\n";
    expect_story(wreck, {kSecondary, true, "", {"HaConfBadAddress"}});
    // A person says what nothing tells.
    const VendorStory told = tell(traces_of(wreck), Role::off, kA);
    EXPECT_EQ(told.peer_address.value, kA);
    EXPECT_EQ(told.findings.size(), 3U);  // and cron and pg_hba.conf name another
  }
}

TEST(VendorStory, NamesForeignBytes) {
  expect_story(with(master(), kHaConf,
                    R"({"node_type": "master", "remote_address": "10.0.0.2", "note": "x"})"),
               {kPrimary, true, kB, {"HaConfForeign"}});
  expect_story(with(off(), kHaConf, ha_conf("disabled", kB)),
               {Role::off, false, kB, {"HaConfForeign"}});
}

TEST(VendorStory, NamesTwoRolesAtOnce) {
  World wreck = master();
  wreck[kCronSlave] = slave()[kCronSlave];
  wreck[kIsSecondary] = "";
  expect_story(wreck, {kPrimary, true, kB, {"StoppedAfterHaConf", "TwoRoles"}});
}

TEST(VendorStory, NamesLostFiles) {
  expect_story(without(master(), kHaConf), {kPrimary, true, kB, {"HaConfMissing"}});
  expect_story(without(master(), kCronMaster), {kPrimary, true, kB, {"CronMissing"}});
  expect_story(without(slave(), kCronSlave), {kSecondary, true, kA, {"CronMissing"}});
  expect_story(with(slave(), kCronSlave, "# by hand\n"),
               {kSecondary, true, kA, {"CronOfOtherRole"}});
}

TEST(VendorStory, NamesAnotherPeerInCronAndPostgres) {
  World wreck = with(slave(), kHaConf, ha_conf("slave", "10.0.0.9"));
  expect_story(wreck, {kSecondary, true, "10.0.0.9", {"CronOtherPeer", "PostgresLineOfAnother"}});
}

TEST(VendorStory, NamesWhatTheVendorsMechanismLacks) {
  World wreck = without(without(master(), "/root/.ssh/xivo_id_rsa"), "/usr/bin/wazo-sync");
  expect_story(wreck, {kPrimary, true, kB, {"VendorProgramMissing", "SyncKeyMissing"}});
  expect_story(with(master(), "/var/lib/wazo/disabled", ""),
               {kPrimary, true, kB, {"StandsByAsPrimary"}});
}

TEST(VendorStory, FollowsThePersonOverTheTraces) {
  const VendorStory story = tell(traces_of(slave()), Role::primary, kB);
  EXPECT_EQ(story.role, Role::primary);
  EXPECT_EQ(story.peer_address.value, kB);
  EXPECT_EQ(story.findings.front().name, "HaConfOtherPeer");
}

TEST(VendorStory, GoesOnWhereAFileCanNotBeRead) {
  fakes::MemoryFilesystem disk;
  for (const auto& [path, content] : slave()) disk.files[path] = fakes::File(content);
  disk.errors[kHaConf] = Error{Fault::denied, kHaConf + ": permission denied"};
  const VendorTraces traces = read_traces(disk, std::nullopt, "");
  EXPECT_EQ(traces.unread.size(), 1U);
  EXPECT_EQ(tell(traces, Role::off, "").role, Role::secondary);
}

TEST(VendorStory, ReadsTheNewestClusterUnlessToldAnother) {
  World world = slave();
  world["/etc/postgresql/9/main/pg_hba.conf"] = "";
  world["/etc/postgresql/13/main/pg_hba.conf"] = "";
  EXPECT_EQ(traces_of(world).postgres_folder, "/etc/postgresql/15/main");
}

// ---- registrars

Found adopted(Role role) {
  Found found;
  found.role = role;
  found.peer_address = {kB, ""};
  return found;
}

TEST(VendorStory, TellsRegistrarsOfAPrimary) {
  Found found = adopted(Role::primary);
  tell_registrars({{"right", kA, kA, kB, kB},
                   {"none", kA, kA, "", ""},
                   {"half", kA, kA, kB, ""},
                   {"other", kA, kA, "192.0.2.9", kB}},
                  found);
  ASSERT_EQ(found.findings.size(), 3U);
  EXPECT_EQ(found.findings[0].name, "RegistrarWithoutBackup");
  EXPECT_EQ(found.findings[1].name, "RegistrarWithoutBackup");
  EXPECT_EQ(found.findings[2].name, "RegistrarOtherBackup");
  ASSERT_EQ(found.registrars.size(), 1U);
  EXPECT_EQ(found.registrars["other"], (RegistrarBackups{"192.0.2.9", kB}));
}

TEST(VendorStory, TellsLeftBackupsOfASecondary) {
  Found found = adopted(Role::secondary);
  tell_registrars({{"default", kA, kA, "", ""}, {"left", kA, kA, kA, kA}}, found);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].name, "RegistrarBackupLeft");
  EXPECT_TRUE(found.registrars.empty());
}

}  // namespace
}  // namespace tandem

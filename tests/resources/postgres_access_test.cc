#include "tests/fakes/fake_units.h"
#include "tests/resources/postgres_world.h"

namespace tandem {
namespace {

using namespace postgres_world;
using Lines = std::vector<std::string>;

const Goal kOff = goal_of(Role::off);
const Goal kPrimary = goal_of(Role::primary);
const Goal kSecondary = goal_of(Role::secondary);
const Goal kSecondaryOfTandem = goal_of(Role::secondary, Owner::tandem);

TEST(PostgresAccess, AdmitsThePrimaryBesideTheVendorsCopy) {
  Node node;
  node.expect_mended(kSecondary);
  EXPECT_EQ(node.server.hba(), kHead + kOurs + kTail + kVendors);
  EXPECT_EQ(node.server.conf(), fakes::FakePostgres::kConf + kListen);
  EXPECT_EQ(node.server.rules, node.server.hba()) << "and the server has read it";
  EXPECT_EQ(node.server.listens, "localhost, 10.0.0.2");
  EXPECT_EQ(node.disk.files[node.server.hba_path()].mode, 0640U);
  ASSERT_TRUE(node.server.role);
  EXPECT_TRUE(verifies(node.server.role->verifier, kPassword));
  EXPECT_EQ(ready(node.pass(kSecondary)), "True Ready");
}

TEST(PostgresAccess, AdmitsByTheDeclaredMethodAloneWhereTandemReplicates) {
  Node node;
  node.server.hba() += kVendors;
  node.expect_mended(kSecondaryOfTandem);
  EXPECT_EQ(node.server.hba(), kHead + kOurs + kTail);
}

TEST(PostgresAccess, UsesTlsWhereTheServerHasIt) {
  Node node;
  node.server.tls = true;
  node.expect_mended(kSecondaryOfTandem);
  EXPECT_NE(node.server.hba().find("hostssl asterisk tandem 10.0.0.1/32"), std::string::npos);
}

TEST(PostgresAccess, TrustsTheRoleWithoutAPasswordWhereDeclared) {
  Node node(false);
  Goal goal = kSecondaryOfTandem;
  goal.postgres_method = HAPair::PostgresMethod::trust;
  node.expect_mended(goal);
  EXPECT_NE(node.server.hba().find("tandem 10.0.0.1/32 trust # kept"), std::string::npos);
  EXPECT_EQ(node.server.role->verifier, "");
}

TEST(PostgresAccess, HasNothingToDoTheSecondTime) {
  for (const Role role : {Role::off, Role::primary, Role::secondary})
    for (const Owner owner : {Owner::vendor, Owner::tandem})
      for (const bool with_password : {false, true}) {
        SCOPED_TRACE(role_name(role));
        Node node(with_password);
        node.expect_mended(goal_of(role, owner));
      }
}

TEST(PostgresAccess, TouchesNothingInADryRunAndThenDoesWhatItShowed) {
  Node node;
  const Report planned = node.plan(kSecondary);
  EXPECT_EQ(node.disk.journal, Lines{});
  EXPECT_EQ(node.server.journal, Lines{});
  EXPECT_EQ(planned.drift.size(), 6U);  // role, listen, two rules, reload, restart
  for (const Change& change : planned.drift) {
    EXPECT_NE(change.from, change.to);
    EXPECT_NE(change.disturbs, "");
    EXPECT_NE(change.why, "");
  }
  EXPECT_EQ(node.pass(kSecondary).done, planned.drift);
}

TEST(PostgresAccess, WaitsWithTheRestartForItsOrder) {
  Node node;
  const Report report = node.pass(kSecondary, Reach::reload);
  EXPECT_EQ(report.outcome, Outcome::waiting);
  EXPECT_EQ(node.server.journal, (Lines{"make role", "reload"}));
  EXPECT_EQ(ready(report), "False RestartNeeded");
  EXPECT_EQ(restart(report), "True WaitsForOrder");
  node.expect_mended(kSecondary);
  EXPECT_EQ(restart(node.pass(kSecondary)), "False NothingWaits");
}

TEST(PostgresAccess, WaitsWhereOnlyFilesMayBeChanged) {
  Node node;
  EXPECT_EQ(node.pass(kSecondary, Reach::file).outcome, Outcome::waiting);
  EXPECT_EQ(node.server.journal, Lines{}) << "the running server has not changed";
  EXPECT_EQ(node.server.hba(), fakes::FakePostgres::kHba)
      << "somebody's next reload would put it in force";
  EXPECT_EQ(node.server.conf(), fakes::FakePostgres::kConf);
  node.expect_mended(kSecondary);
}

TEST(PostgresAccess, NeverRestartsANodeThatServes) {
  Node node;
  Goal serving = kSecondary;
  serving.standing_by = false;
  const Report report = node.pass(serving, Reach::telephony);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(node.server.journal, (Lines{"make role", "reload"}));
  EXPECT_EQ(restart(report), "True NodeServes");
  node.expect_nothing_to_do(serving);
}

TEST(PostgresAccess, DoesNotRestartWhereTheMarkerHasGoneMeanwhile) {
  Node node;
  node.disk.files.erase(kStandbyMarker);  // the goal is from a moment before
  const Report report = node.pass(kSecondary, Reach::telephony);
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(node.server.journal, (Lines{"make role", "reload"}));
}

TEST(PostgresAccess, TakesItsOwnAwayWhereTheNodeIsNoSecondary) {
  for (const Role role : {Role::primary, Role::off}) {
    Goal goal = kSecondary;  // the same node beside the same other one
    goal.role = role;
    goal.standing_by = false;
    Node node;
    node.start_.sql.servers["host=10.0.0.1 user=tandem"] =
        node.start_.sql.servers["host=10.0.0.2 user=tandem"];
    node.expect_mended(kSecondary);
    node.expect_mended(goal);
    EXPECT_EQ(node.server.hba(), fakes::FakePostgres::kHba) << "byte for byte";
    EXPECT_EQ(node.server.conf(), fakes::FakePostgres::kConf);
    EXPECT_EQ(node.server.rules, fakes::FakePostgres::kHba);
    EXPECT_EQ(node.server.role.has_value(), goal.role == Role::primary);
    EXPECT_EQ(node.server.listens, "localhost, 10.0.0.2") << "until somebody restarts it";
    EXPECT_EQ(restart(node.pass(goal)), "False NotUrgent") << "nothing of the pair waits for it";
  }
}

TEST(PostgresAccess, KeepsAnAdministratorsListenSetting) {
  Node node;
  const std::string own = "listen_addresses = 'localhost, 10.0.0.5'   # the backup host's\n";
  node.server.conf() += own;
  node.server.start();
  node.expect_mended(kSecondary);
  EXPECT_EQ(node.server.conf(),
            fakes::FakePostgres::kConf + own +
                "listen_addresses = 'localhost, 10.0.0.5, 10.0.0.2' # kept by Tandem\n");
  EXPECT_EQ(node.server.listens, "localhost, 10.0.0.5, 10.0.0.2");
}

TEST(PostgresAccess, LeavesAListenSettingThatCoversTheAddress) {
  for (const std::string value : {"*", "0.0.0.0", "10.0.0.2, localhost"}) {
    Node node;
    node.server.conf() += "listen_addresses = '" + value + "'\n";
    node.server.start();
    const std::string before = node.server.conf();
    node.expect_mended(kSecondary);
    EXPECT_EQ(node.server.conf(), before);
  }
}

TEST(PostgresAccess, TellsWhereAnotherFileSetsListen) {
  Node node;
  node.server.auto_listen = "localhost";
  const Report report = node.pass(kSecondary);
  EXPECT_EQ(ready(report), "False ListenSetElsewhere");
  const std::string& message = condition(report, "PostgresAccessReady").message;
  EXPECT_NE(message.find("postgresql.auto.conf:3"), std::string::npos) << message;
  EXPECT_NE(message.find("alter system reset"), std::string::npos);
  EXPECT_EQ(node.server.conf(), fakes::FakePostgres::kConf);
}

TEST(PostgresAccess, PutsTheVendorsLineBackAndMendsBrokenOnes) {
  Node node;
  node.expect_mended(kSecondary);
  // A partial body took it away, and a call with null wrote another.
  node.server.hba() = kHead + kOurs + kTail + "host asterisk postgres None/32 trust\n";
  node.expect_mended(kSecondary);
  EXPECT_EQ(node.server.rules, kHead + kOurs + kTail + kVendors);
}

TEST(PostgresAccess, LetsAnAdministratorsBadLineBe) {
  Node node;
  node.expect_mended(kSecondary);
  const std::string rules = node.server.rules;
  const std::string bad = kHead + kTail + "host all all nonsense\n";  // and ours are gone
  node.server.hba() = bad;
  const Report report = node.pass(kSecondary);
  EXPECT_EQ(ready(report), "False HbaRejected");
  EXPECT_NE(condition(report, "PostgresAccessReady").message.find("pg_hba.conf:5"),
            std::string::npos);
  EXPECT_EQ(node.server.hba(), bad);
  EXPECT_EQ(node.server.rules, rules) << "the server goes on with its old rules";
  EXPECT_EQ(node.server.journal, Lines{}) << "and is neither told nor restarted";

  node.server.hba() = kHead + kTail;
  node.expect_mended(kSecondary);
}

TEST(PostgresAccess, LetsAnAdministratorsBadSettingBe) {
  Node node;
  node.server.conf() += "broken line\n";
  const std::string conf = node.server.conf();
  const Report report = node.pass(kSecondary);
  EXPECT_EQ(ready(report), "False ConfRejected");
  EXPECT_EQ(node.server.conf(), conf);
  EXPECT_EQ(std::count(node.server.journal.begin(), node.server.journal.end(), "restart"), 0)
      << "it would not come up again";
}

TEST(PostgresAccess, PutsTheOldFileBackWhereTheServerRefusesTheNewOne) {
  Node node;
  node.server.refuses_scram = true;
  for (int i = 0; i < 2; ++i) {
    const Report report = node.pass(kSecondaryOfTandem);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_NE(report.error->message.find("the old one is back"), std::string::npos);
    EXPECT_EQ(node.server.hba(), fakes::FakePostgres::kHba);
  }
  node.server.refuses_scram = false;
  node.expect_mended(kSecondaryOfTandem);
}

TEST(PostgresAccess, HealsARefusedFileThatAKillLeft) {
  Node node;
  node.server.hba() = kHead + kOurs + kTail;  // written, and not yet looked at
  node.server.refuses_scram = true;
  node.pass(kSecondaryOfTandem);
  EXPECT_EQ(node.server.hba(), fakes::FakePostgres::kHba) << "a refused file does not stay";
}

TEST(PostgresAccess, KeepsTheRulesRightWhileTheServerIsDown) {
  Node node;
  node.server.up = false;
  const Report report = node.pass(kSecondary);
  EXPECT_EQ(report.done.size(), 2U);
  EXPECT_EQ(ready(report), "False ServerDown");
  EXPECT_EQ(restart(report), "Unknown NotAsked");
  EXPECT_EQ(node.server.hba(), kHead + kOurs + kTail + kVendors);
  EXPECT_EQ(node.server.conf(), fakes::FakePostgres::kConf) << "what includes set is not known";
  node.server.start();
  node.expect_mended(kSecondary);
}

TEST(PostgresAccess, IsNeverInSyncWhileTheServerCanNotBeAsked) {
  for (const Goal& goal : {kSecondary, kSecondaryOfTandem, kPrimary}) {
    Node node;
    node.expect_mended(goal);
    node.server.up = false;
    for (const Report& report : {node.plan(goal), node.pass(goal)}) {
      EXPECT_EQ(report.outcome, Outcome::failed);
      ASSERT_TRUE(report.error);
      EXPECT_EQ(report.error->fault, Fault::unavailable);
      EXPECT_NE(report.error->message.find("systemctl status postgresql"), std::string::npos);
      EXPECT_EQ(ready(report), "False ServerDown");
    }
    node.server.start();
    node.expect_nothing_to_do(goal);
  }
}

TEST(PostgresAccess, IsNeverInSyncWhereItsFilesAreOutOfSight) {
  Node node;
  node.expect_mended(kSecondary);
  node.server.named_under = "/elsewhere";  // as in a container without that mount
  const Report report = node.pass(kSecondary);
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(ready(report), "False FilesMissing");
}

TEST(PostgresAccess, NeitherUsesNorDropsARoleThatItDidNotMake) {
  Goal released = kSecondary;
  released.released = true;
  Node node;
  node.expect_mended(kSecondary);
  node.server.role->made_by_us = false;
  node.server.role->may_more = true;
  const PostgresRole theirs = *node.server.role;
  const Report report = node.pass(kSecondary);
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(ready(report), "False RoleNotOurs");
  EXPECT_EQ(node.server.hba().find("tandem 10.0.0.1"), std::string::npos) << "it is not let in";
  for (const Goal& goal : {kOff, released, kPrimary}) {
    node.pass(goal);
    EXPECT_EQ(node.server.role, theirs);
  }
}

TEST(PostgresAccess, IsNotInSyncWhereASomebodysBadLineKeepsOursOut) {
  Node node;
  node.server.hba() += "host all all nonsense\n";
  const Report report = node.pass(kSecondary);
  EXPECT_EQ(ready(report), "False HbaRejected");
  EXPECT_EQ(report.outcome, Outcome::failed);
}

TEST(PostgresAccess, RestartsNothingUnderARunningAsterisk) {
  Node node;
  fakes::FakeUnits units;
  units.units["asterisk.service"].active = "active";  // started beside the marker
  node.start_.places.units = &units;
  EXPECT_EQ(node.pass(kSecondary).outcome, Outcome::failed);
  EXPECT_EQ(node.server.listens, "localhost");
  units.lose_bus();
  EXPECT_EQ(node.pass(kSecondary).outcome, Outcome::failed) << "nobody knows";
  units.find_bus();
  units.units["asterisk.service"].active = "inactive";
  node.expect_mended(kSecondary);
}

TEST(PostgresAccess, IsGivenBackOnlyOnceTheRoleCanBeLookedFor) {
  Goal released = kSecondary;
  released.released = true;
  Node node;
  node.expect_mended(kSecondary);
  node.server.up = false;
  EXPECT_EQ(node.pass(released).outcome, Outcome::failed);
  node.server.start();
  node.expect_mended(released);
  EXPECT_FALSE(node.server.role);
  Node without_role(false);
  without_role.server.up = false;
  EXPECT_NE(without_role.pass(released).outcome, Outcome::failed) << "there never was one";
}

TEST(PostgresAccess, ReloadsWhatTheServerHasNotReadYet) {
  Node node;
  node.expect_mended(kSecondary);
  node.server.rules = "of a backup";
  node.disk.now += std::chrono::seconds{1};
  node.disk.files[node.server.hba_path()].mtime = node.disk.now;
  node.expect_mended(kSecondary);
  EXPECT_EQ(node.server.rules, node.server.hba());
}

TEST(PostgresAccess, MendsARoleThatWasChanged) {
  const std::vector<void (*)(PostgresRole&)> changes = {
      [](PostgresRole& role) { role.may_log_in = false; },
      [](PostgresRole& role) { role.may_more = true; },
      [](PostgresRole& role) { role.inherits = false; },
      [](PostgresRole& role) { role.connections_max = -1; },
      [](PostgresRole& role) { role.expires = true; },
      [](PostgresRole& role) { role.member_of.erase("asterisk"); },
      [](PostgresRole& role) { role.may_set_replication_role = false; },
      [](PostgresRole& role) { role.verifier = "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA"; },
  };
  for (const Goal& goal : {kPrimary, kSecondary})
    for (const auto change : changes) {
      Node node;
      node.expect_mended(goal);
      change(*node.server.role);
      const Report report = node.pass(goal);
      EXPECT_EQ(report.outcome, Outcome::repaired);
      EXPECT_EQ(node.server.journal, Lines{"make role"});
      node.expect_nothing_to_do(goal);
    }
}

TEST(PostgresAccess, DoesWithoutARoleUntilThereIsAPassword) {
  Node node(false);
  node.expect_mended(kSecondary);
  EXPECT_EQ(ready(node.pass(kSecondary)), "True VendorOnly");
  EXPECT_EQ(node.server.hba(), kHead + kTail + kVendors);
  EXPECT_FALSE(node.server.role);
  EXPECT_EQ(ready(node.pass(kSecondaryOfTandem)), "False PasswordMissing");
  EXPECT_EQ(ready(node.pass(kPrimary)), "True NotNeeded");
  node.disk.files[kPasswordFile] = fakes::File("*:*:*:tandem:" + kPassword, 0644);
  EXPECT_EQ(ready(node.pass(kSecondary)), "False PasswordUnusable");
}

TEST(PostgresAccess, TellsWhatItsRoleNeedsOfTheServer) {
  Node node;
  node.server.groups.erase("asterisk");
  EXPECT_EQ(ready(node.pass(kSecondary)), "False DatabaseMissing");
  Node old;
  old.server.version = 130010;
  EXPECT_EQ(ready(old.pass(kSecondary)), "False ServerTooOld");
}

}  // namespace
}  // namespace tandem

#include "resources/registrars.h"

#include <gtest/gtest.h>

#include "pbx/profile.h"
#include "reconciler/reconcile.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;
using fakes::Json;
using Lines = std::vector<std::string>;

std::vector<std::string> lines(const std::vector<Change>& changes) {
  Lines all;
  for (const Change& c : changes) all.push_back(c.field + ": " + c.from + " -> " + c.to);
  return all;
}

class RegistrarsTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  RegistrarsTest() {
    goal_.role = Role::primary;
    goal_.own_address = "10.0.0.1";
    goal_.peer_address = "10.0.0.2";
  }

  Report become(Role role) {
    goal_.role = role;
    return run(reconcile(registrars_, goal_, Permission::up_to(Reach::file)));
  }
  Report look() {
    return run(reconcile(registrars_, goal_, Permission::observe_only("suspended")));
  }
  Json& config(const std::string& id = "default") { return vendor.configs[id]; }
  std::string backups(const std::string& id = "default") {
    return config(id).value("registrar_backup", Json()).dump() + " " +
           config(id).value("proxy_backup", Json()).dump();
  }
  Condition copies_current() {
    const auto found = look().conditions;
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? Condition{} : found[0];
  }
  void keep_on_disk(const std::string& id) {
    disk_.files[profile_of(Product::wazo).provd_configs + "/" + id] = config(id).dump();
  }

  fakes::MemoryFilesystem disk_;
  ProvdDocuments documents_{disk_};
  Registrars registrars_{confd, provd, documents_, clock};
  Goal goal_;
};

TEST_F(RegistrarsTest, GivesThePrimarysRegistrarsTheOtherNodesAddress) {
  vendor.add_registrar("second", "10.0.0.9");
  const Report report = become(Role::primary);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(lines(report.done), (Lines{
                                    "default.backup_host: none -> 10.0.0.2",
                                    "default.proxy_backup_host: none -> 10.0.0.2",
                                    "second.backup_host: none -> 10.0.0.2",
                                    "second.proxy_backup_host: none -> 10.0.0.2",
                                }));
  EXPECT_EQ(backups("second"), R"("10.0.0.2" "10.0.0.2")");
}

TEST_F(RegistrarsTest, HasNothingToDoTheSecondTime) {
  for (const Role role : {Role::primary, Role::secondary, Role::off}) {
    (void)become(role);
    const auto writes = vendor.writes().size();
    EXPECT_EQ(become(role).outcome, Outcome::in_sync);
    EXPECT_EQ(vendor.writes().size(), writes);
  }
}

TEST_F(RegistrarsTest, SaysWhyAndWhatItDisturbs) {
  const Report report = look();
  ASSERT_EQ(report.drift.size(), 2u);
  EXPECT_EQ(report.drift[0].why, "phones turn to 10.0.0.2 when this node is silent");
  EXPECT_NE(report.drift[0].disturbs.find("phones learn it at their next resync"),
            std::string::npos);
  EXPECT_EQ(report.drift[0].reach, Reach::file);
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(RegistrarsTest, ClearsABackupThatTheVendorLeavesOnAFormerMaster) {
  (void)become(Role::primary);
  EXPECT_EQ(become(Role::secondary).outcome, Outcome::repaired);
  EXPECT_EQ(backups(), "null null");
  (void)become(Role::primary);
  EXPECT_EQ(become(Role::off).outcome, Outcome::repaired);
  EXPECT_EQ(backups(), "null null");
}

TEST_F(RegistrarsTest, TakesAbsentNullAndEmptyForOne) {
  for (const Json& blank : {Json(), Json("")}) {
    config()["registrar_backup"] = blank;
    config()["proxy_backup"] = "";
    EXPECT_EQ(become(Role::secondary).outcome, Outcome::in_sync);
  }
}

TEST_F(RegistrarsTest, RepairsOneOfTheTwoAddressesAlone) {
  config()["registrar_backup"] = "10.0.0.2";
  config()["proxy_backup"] = "10.0.0.7";
  EXPECT_EQ(lines(become(Role::primary).done),
            Lines{"default.proxy_backup_host: 10.0.0.7 -> 10.0.0.2"});
}

TEST_F(RegistrarsTest, LeavesAnIgnoredRegistrarAloneInEveryRole) {
  config()["registrar_backup"] = "192.0.2.99";
  goal_.registrars["default"] = std::nullopt;
  for (const Role role : {Role::primary, Role::secondary, Role::off})
    EXPECT_EQ(become(role).outcome, Outcome::in_sync);
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(RegistrarsTest, GivesARegistrarItsDeclaredBackupsWhilePrimary) {
  goal_.registrars["default"] = RegistrarBackups{"192.0.2.50", ""};
  EXPECT_EQ(lines(become(Role::primary).done), Lines{"default.backup_host: none -> 192.0.2.50"});
  EXPECT_EQ(backups(), R"("192.0.2.50" null)");
  EXPECT_EQ(become(Role::primary).outcome, Outcome::in_sync);
  (void)become(Role::secondary);
  EXPECT_EQ(backups(), "null null");
}

TEST_F(RegistrarsTest, LooksAtNothingThatIsNotManaged) {
  goal_.backup_registrar_managed = false;
  const Report report = become(Role::primary);
  EXPECT_EQ(report.outcome, Outcome::in_sync);
  EXPECT_TRUE(report.conditions.empty());
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(RegistrarsTest, ManagesARegistrarWhateverItsId) {
  vendor.add_registrar("a/b ?", "10.0.0.9");
  (void)become(Role::primary);
  EXPECT_EQ(backups("a/b ?"), R"("10.0.0.2" "10.0.0.2")");
}

TEST_F(RegistrarsTest, TriesTheOthersWhenOneFails) {
  vendor.add_registrar("aaa", "10.0.0.9");
  http.on("PUT", std::string(FakeVendor::kConfd) + "/registrars/aaa",
          Error{Fault::timed_out, "too slow"});
  EXPECT_EQ(become(Role::primary).outcome, Outcome::failed);
  EXPECT_EQ(backups(), R"("10.0.0.2" "10.0.0.2")");
}

TEST_F(RegistrarsTest, PrefersConfdWhichCarriesTheChangeToDevices) {
  vendor.add_device("autoprov", "10.0.0.1", "internal");
  const Report report = become(Role::primary);
  EXPECT_EQ(vendor.writes(), Lines{"PUT /registrars/default"});
  ASSERT_EQ(report.conditions.size(), 1u);
  EXPECT_EQ(report.conditions[0].status, Truth::yes) << report.conditions[0].message;
}

TEST_F(RegistrarsTest, WritesToProvdWhenThereIsNoConfdAndSaysThatDevicesKeepOldCopies) {
  vendor.add_device("dev1", "10.0.0.1");
  vendor.stop(FakeVendor::kConfd);
  const Report report = become(Role::primary);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(vendor.writes(), Lines{"PUT /cfg_mgr/configs/default"});
  ASSERT_EQ(report.conditions.size(), 1u);
  EXPECT_EQ(report.conditions[0].type, "RegistrarCopiesCurrent");
  EXPECT_EQ(report.conditions[0].status, Truth::no);
  EXPECT_EQ(report.conditions[0].reason, "ConfdNotThere");
  EXPECT_NE(report.conditions[0].message.find("dev1"), std::string::npos);
}

TEST_F(RegistrarsTest, WritesToProvdWhereConfdKnowsNoRegistrars) {
  vendor.has_registrars = false;
  EXPECT_EQ(become(Role::primary).outcome, Outcome::repaired);
  EXPECT_EQ(vendor.writes(), Lines{"PUT /cfg_mgr/configs/default"});
}

TEST_F(RegistrarsTest, KeepsTheRestOfTheDocumentInProvd) {
  vendor.stop(FakeVendor::kConfd);
  config()["X_extra"] = Json::array({1, 2});
  (void)become(Role::primary);
  EXPECT_EQ(config()["X_extra"], Json::array({1, 2}));
  EXPECT_EQ(config()["displayname"], "local");
}

TEST_F(RegistrarsTest, NeverGoesRoundAConfdThatOnlyHasTrouble) {
  vendor.provd_up = false;  // confd answers 500
  EXPECT_EQ(become(Role::primary).outcome, Outcome::failed);
  vendor.provd_up = true;
  vendor.busy = 1;
  EXPECT_EQ(become(Role::primary).error->fault, Fault::unavailable);
  vendor.stop(FakeVendor::kAuth);
  vendor.tokens.clear();
  EXPECT_EQ(become(Role::primary).outcome, Outcome::failed);
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(RegistrarsTest, NeverActsOnAShortList) {
  vendor.add_registrar("second", "10.0.0.9");
  vendor.hidden_items = 1;
  EXPECT_EQ(become(Role::primary).error->fault, Fault::unavailable);
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(RegistrarsTest, SurvivesATokenThatVanishes) {
  (void)become(Role::secondary);
  vendor.tokens.clear();
  EXPECT_EQ(become(Role::primary).outcome, Outcome::repaired);
}

TEST_F(RegistrarsTest, ReportsStaleCopiesInDevices) {
  (void)become(Role::primary);
  vendor.add_device("dev1", "10.0.0.1");          // holds no backup
  vendor.add_device("elsewhere", "203.0.113.1");  // of no registrar of ours
  clock.advance(Registrars::kCopiesEvery);
  const Condition stale = copies_current();
  EXPECT_EQ(stale.status, Truth::no);
  EXPECT_EQ(stale.reason, "StaleCopies");
  EXPECT_NE(stale.message.find("1 (dev1)"), std::string::npos) << stale.message;
}

TEST_F(RegistrarsTest, DoesNotAskForAllDevicesEachTime) {
  (void)become(Role::primary);
  const auto before = http.sent.size();
  (void)look();
  EXPECT_EQ(http.sent.size(), before + 1);
  clock.advance(Registrars::kCopiesEvery);
  (void)look();
  EXPECT_EQ(http.sent.size(), before + 4);  // the registrars, the devices, autoprov
}

TEST_F(RegistrarsTest, AcceptsACopyOfAnyRegistrarWithTheSameMainHost) {
  vendor.add_registrar("twin", "10.0.0.1");
  goal_.registrars["twin"] = std::nullopt;
  (void)become(Role::primary);
  vendor.add_device("dev1", "10.0.0.1");  // no backup, as `twin` has none
  clock.advance(Registrars::kCopiesEvery);
  EXPECT_EQ(copies_current().status, Truth::yes);
}

TEST_F(RegistrarsTest, IsUnsureOfCopiesWhenProvdRefuses) {
  vendor.acl = {"confd.#"};
  const Report report = become(Role::primary);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  ASSERT_EQ(report.conditions.size(), 1u);
  EXPECT_EQ(report.conditions[0].status, Truth::unknown);
}

TEST_F(RegistrarsTest, ReadsTheDocumentsOnDiskWhileStandingBy) {
  config()["registrar_backup"] = "10.0.0.2";
  keep_on_disk("default");
  goal_.standing_by = true;
  const Report report = become(Role::secondary);
  EXPECT_EQ(report.outcome, Outcome::deferred);
  EXPECT_EQ(lines(report.drift), Lines{"default.backup_host: 10.0.0.2 -> none"});
  EXPECT_EQ(report.note, "wazo-provd is stopped on a node that stands by; mended when it serves");
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(RegistrarsTest, IsInSyncWhileStandingByWithoutDrift) {
  keep_on_disk("default");
  goal_.standing_by = true;
  EXPECT_EQ(become(Role::secondary).outcome, Outcome::in_sync);
}

TEST_F(RegistrarsTest, NamesTheCommandThatMakesAFormerSecondaryStandAlone) {
  config()["registrar_backup"] = "10.0.0.2";
  keep_on_disk("default");
  goal_.standing_by = true;
  const Report report = become(Role::off);
  EXPECT_EQ(report.outcome, Outcome::deferred);
  EXPECT_NE(report.note.find("/usr/sbin/xivo-manage-slave-services start"), std::string::npos);
}

TEST_F(RegistrarsTest, NeverWritesADocumentOnDisk) {
  Registrars::Step step;
  step.source = Registrars::Source::disk;
  EXPECT_FALSE(run(registrars_.apply(step)).ok());
  EXPECT_TRUE(disk_.journal.empty());
}

TEST_F(RegistrarsTest, ShowsNoSecret) {
  vendor.add_device("dev1", "10.0.0.1");
  vendor.acl = {"confd.registrars.read"};
  const Report report = become(Role::primary);
  ASSERT_TRUE(report.error);
  EXPECT_FALSE(shows_a_secret(report.error->message)) << report.error->message;
  EXPECT_FALSE(shows_a_secret(report.conditions.at(0).message)) << report.conditions[0].message;
}

}  // namespace
}  // namespace tandem

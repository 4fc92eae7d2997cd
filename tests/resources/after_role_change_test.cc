#include "resources/after_role_change.h"

#include <gtest/gtest.h>

#include "reconciler/reconcile.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/fake_units.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Lines = std::vector<std::string>;

constexpr const char* kHaConf = "/etc/xivo/ha.conf";
constexpr const char* kMaster = R"({"node_type": "master", "remote_address": "192.0.2.11"})";
constexpr const char* kSlave = R"({"node_type": "slave", "remote_address": "192.0.2.11"})";
constexpr const char* kAsterisk = "asterisk.service";
constexpr const char* kConfdUnit = "wazo-confd.service";
constexpr const char* kProgram = "/usr/bin/wazo-service";

class AfterRoleChangeTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  AfterRoleChangeTest() {
    goal_.role = Role::primary;
    goal_.peer_address = "192.0.2.11";
    node_.directories = {"/etc/xivo"};
    clock.wall_time = noon();
    commands_.programs[kProgram] = [this](const Command&) {
      start_services();
      return Result<CommandOutcome>(fakes::exits(0));
    };
    start_services();
    clock.advance(minutes{5});
  }

  // Seconds matter nowhere; a whole hour makes the first copy's time easy to see.
  static WallTime noon() { return WallTime(hours{1'700'000'000 / 3600}); }

  void start_services() {
    for (const char* unit : {kAsterisk, kConfdUnit}) {
      units_.units[unit] = fakes::running_unit();
      units_.units[unit].active_since = clock.wall_time;
    }
  }

  Report pass(Reach allow = Reach::telephony) {
    return run(reconcile(resource_, goal_, Permission::up_to(allow)));
  }

  Condition told(const Report& report, std::string_view type) {
    for (const Condition& condition : report.conditions)
      if (condition.type == type) return condition;
    return {};
  }
  std::string restart_reason() { return told(pass(), "RestartRequired").reason; }
  std::string resync_reason() { return told(pass(), "ResyncRequired").reason; }

  // As a change of role goes: this resource first, then the others.
  void become(Role role) {
    goal_.role = role;
    pass();
    node_.files[kHaConf] = role == Role::primary ? kMaster : kSlave;
    clock.advance(minutes{1});
  }

  Goal goal_;
  fakes::MemoryFilesystem node_, disk_;
  fakes::FakeProcess commands_;
  fakes::FakeUnits units_;
  RoleRecord role_{disk_, "/var/lib/tandem/role"};
  PhonesRecord phones_{disk_, "/var/lib/tandem/phones"};
  AfterRoleChange resource_{node_, commands_, units_, confd, clock, {role_, phones_}};
};

TEST_F(AfterRoleChangeTest, AsksForNothingOnANodeThatHadItsRole) {
  node_.files[kHaConf] = kMaster;
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::in_sync);
  EXPECT_EQ(told(report, "RestartRequired").reason, "NoRoleChange");
  EXPECT_EQ(resync_reason(), "PhonesKnow");
}

TEST_F(AfterRoleChangeTest, HasNothingToDoTheSecondTime) {
  pass();
  disk_.journal.clear();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_TRUE(disk_.journal.empty());
  EXPECT_TRUE(node_.journal.empty());
  EXPECT_TRUE(commands_.journal.empty());
}

TEST_F(AfterRoleChangeTest, AsksForARestartOfANewPrimaryUntilItsServicesWereStartedAnew) {
  clock.advance(minutes{5});
  become(Role::primary);
  const Condition required = told(pass(), "RestartRequired");
  EXPECT_EQ(required.status, Truth::yes);
  EXPECT_NE(required.message.find(kAsterisk), std::string::npos) << required.message;
  EXPECT_NE(required.message.find("/usr/bin/wazo-service restart"), std::string::npos);
  EXPECT_TRUE(commands_.journal.empty()) << "advised, not done";

  start_services();
  EXPECT_EQ(restart_reason(), "Restarted");
}

TEST_F(AfterRoleChangeTest, AsksForARestartOfANewSecondaryAfterTheVendorsFirstCopy) {
  goal_.standing_by = true;
  become(Role::secondary);
  EXPECT_EQ(restart_reason(), "WaitsForFirstCopy");
  start_services();  // too early: the copy comes later
  clock.advance(hours{1} + minutes{10});
  EXPECT_EQ(restart_reason(), "RunsSinceBefore");
  start_services();
  EXPECT_EQ(restart_reason(), "Restarted");
}

TEST(RestartSince, FollowsTheVendorsDocumentsForEachProduct) {
  const WallTime when{hours{1000} + minutes{20}};
  const RoleTaken off_from_primary{Role::off, "", Role::primary, when};
  EXPECT_EQ(restart_since(Product::xivo, off_from_primary), when);
  EXPECT_EQ(restart_since(Product::wazo, off_from_primary), std::nullopt);
  EXPECT_EQ(restart_since(Product::xivo, {Role::off, "", Role::secondary, when}), std::nullopt);
  EXPECT_EQ(restart_since(Product::wazo, {Role::primary, "x", Role::off, when}), when);
  EXPECT_EQ(restart_since(Product::wazo, {Role::secondary, "x", Role::off, when}),
            WallTime{hours{1001} + minutes{10}});
  EXPECT_EQ(restart_since(Product::wazo, {Role::primary, "x", Role::off, std::nullopt}),
            std::nullopt);
}

TEST_F(AfterRoleChangeTest, RestartsOnceWhereThatIsDeclared) {
  goal_.restart = HAPair::Restart::perform;
  become(Role::primary);
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(commands_.journal, Lines{"/usr/bin/wazo-service restart"});
  pass();
  EXPECT_EQ(commands_.journal.size(), 1u);
}

TEST_F(AfterRoleChangeTest, NeverInterruptsCallsWithoutAnOrder) {
  goal_.restart = HAPair::Restart::perform;
  become(Role::primary);
  EXPECT_EQ(pass(Reach::restart).outcome, Outcome::waiting);
  EXPECT_TRUE(commands_.journal.empty());
}

TEST_F(AfterRoleChangeTest, TellsARestartThatFailed) {
  goal_.restart = HAPair::Restart::perform;
  become(Role::primary);
  commands_.programs[kProgram] = [](const Command&) {
    return Result<CommandOutcome>(fakes::exits(1, "", "asterisk failed to start"));
  };
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_NE(report.error->message.find("asterisk failed to start"), std::string::npos);
}

TEST_F(AfterRoleChangeTest, IsNotInSyncWhereTheServicesThatItRestartsAreNotSeen) {
  become(Role::primary);
  units_.lose_bus();
  EXPECT_EQ(pass().outcome, Outcome::in_sync) << "nothing is declared of them";
  goal_.restart = HAPair::Restart::perform;
  EXPECT_EQ(pass().outcome, Outcome::failed);
}

TEST_F(AfterRoleChangeTest, SaysThatItCanNotTellWhereTheServicesAreNotSeen) {
  become(Role::primary);
  units_.lose_bus();
  const Condition condition = told(pass(), "RestartRequired");
  EXPECT_EQ(condition.status, Truth::unknown);
  EXPECT_NE(condition.message.find("/usr/bin/wazo-service restart"), std::string::npos);
  units_.find_bus();
  EXPECT_EQ(restart_reason(), "RunsSinceBefore");
}

TEST_F(AfterRoleChangeTest, AsksForAResyncWheneverTheRegistrarsAreNotAsThePhonesWereTold) {
  EXPECT_EQ(resync_reason(), "PhonesKnow");
  vendor.configs["default"]["registrar_backup"] = "192.0.2.11";
  const Condition required = told(pass(), "ResyncRequired");
  EXPECT_EQ(required.status, Truth::yes);
  EXPECT_NE(required.message.find("tandem resync-devices"), std::string::npos);

  PhonesKnow know;
  know.digest = registrars_digest(run(confd.registrars()).value());
  ASSERT_TRUE(phones_.write(know).ok());
  EXPECT_EQ(resync_reason(), "PhonesKnow");

  vendor.configs["default"]["registrar_backup"] = nullptr;
  EXPECT_EQ(resync_reason(), "PhonesKnowOldAddresses") << "the way back is a change too";
}

TEST_F(AfterRoleChangeTest, GoesOnNamingThePhonesThatWereNotReached) {
  PhonesKnow know;
  know.digest = registrars_digest(run(confd.registrars()).value());
  know.failures = 2;
  know.failed = {"phone7", "phone9"};
  ASSERT_TRUE(phones_.write(know).ok());
  const Condition condition = told(pass(), "ResyncRequired");
  EXPECT_EQ(condition.reason, "SomeNotReached");
  EXPECT_NE(condition.message.find("phone7, phone9"), std::string::npos);
}

TEST_F(AfterRoleChangeTest, LeavesThePhonesToTheNodeThatServes) {
  goal_.standing_by = true;
  EXPECT_EQ(resync_reason(), "StandsBy");
  vendor.stop(fakes::FakeVendor::kConfd);
  goal_.standing_by = false;
  EXPECT_EQ(told(pass(), "ResyncRequired").status, Truth::unknown);
}

TEST_F(AfterRoleChangeTest, WritesNothingWhereItMayOnlyObserve) {
  const Report report =
      run(reconcile(resource_, goal_, Permission::observe_only("nothing is in force")));
  EXPECT_EQ(report.outcome, Outcome::in_sync) << "its own notes are no drift";
  EXPECT_TRUE(disk_.journal.empty());
}

TEST_F(AfterRoleChangeTest, ForgetsNoChangeOfRoleWhateverWriteIsLost) {
  for (const int changes : {0, 1, 2, 3}) {
    disk_.files.clear();
    node_.files.erase(kHaConf);
    goal_.role = Role::primary;
    disk_.changes_left = changes;
    pass();
    disk_.changes_left = 1000;
    pass();  // still before ha.conf: the first in the order is tried again
    node_.files[kHaConf] = kMaster;
    clock.advance(minutes{1});
    EXPECT_EQ(restart_reason(), "RunsSinceBefore") << "after " << changes << " changes";
  }
}

TEST_F(AfterRoleChangeTest, BeginsAnewAfterADamagedRecord) {
  node_.files[kHaConf] = kMaster;
  disk_.files["/var/lib/tandem/role"] = "{";
  disk_.files["/var/lib/tandem/phones"] = R"({"knows": 7})";
  EXPECT_EQ(restart_reason(), "NoRoleChange");
  EXPECT_EQ(resync_reason(), "PhonesKnow");
  disk_.read_errors["/var/lib/tandem/role"] = Error{Fault::denied, "permission denied"};
  EXPECT_EQ(pass().outcome, Outcome::failed);
}

}  // namespace
}  // namespace tandem

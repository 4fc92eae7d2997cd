#include "resources/sync_key.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_process.h"
#include "tests/resources/ha_world.h"

namespace tandem {
namespace {

using namespace ha_world;
using Lines = std::vector<std::string>;

const std::string kFolder = "/etc/tandem/ssh";
const std::string kKey = kFolder + "/id_ed25519";
const std::string kHosts = kFolder + "/known_hosts";
const std::string kVendorKey = "/root/.ssh/xivo_id_rsa";

class SyncKeyTest : public testing::Test {
 protected:
  SyncKeyTest() {
    disk_.files[kKey] = fakes::File("a key", 0600);
    disk_.files[kHosts] = fakes::File(kB + " ssh-ed25519 AAAA\n", 0600);
    files_.directories = {"/root"};
    answer(fakes::exits(0, "{}\n"));
  }

  void answer(CommandOutcome outcome) {
    programs_.programs[kSshProgram] = [outcome](const Command&) { return outcome; };
  }
  Report look(Owner owner = Owner::tandem, Role role = Role::primary) {
    return look_with(Permission::up_to(Reach::file), owner, role);
  }
  Report look_with(const Permission& permission, Owner owner = Owner::tandem,
                   Role role = Role::primary) {
    const Goal goal = goal_of(role, owner);
    return run(reconcile(sync_key_, goal, permission));
  }
  Condition told(Owner owner = Owner::tandem) {
    const Report report = look(owner);
    EXPECT_EQ(report.conditions.size(), 1U);
    return report.conditions.empty() ? Condition() : report.conditions.front();
  }
  void expect_not_well(Truth status, const std::string& reason, const std::string& remedy) {
    const Condition seen = told();
    EXPECT_EQ(seen.type, "SyncKeyUsable");
    EXPECT_TRUE(seen.good_when_true);
    EXPECT_EQ(seen.status, status) << seen.message;
    EXPECT_EQ(seen.reason, reason);
    EXPECT_NE(seen.message.find(remedy), std::string::npos) << seen.message;
  }

  fakes::MemoryFilesystem disk_;
  fakes::MemoryFilesystem files_;
  fakes::FakeProcess programs_;
  fakes::FakeClock clock_;
  PeerSsh ssh_{disk_, programs_, kFolder};
  SyncKey sync_key_{disk_, files_, ssh_, clock_};
};

TEST_F(SyncKeyTest, IsUsableWhereTheOtherNodeAnswers) {
  EXPECT_EQ(told().status, Truth::yes);
  EXPECT_EQ(told().reason, "Usable");
}

TEST_F(SyncKeyTest, HasNothingToDoTheSecondTime) {
  disk_.files[kKey].mode = 0644;
  EXPECT_EQ(look().outcome, Outcome::repaired);
  disk_.journal.clear();
  EXPECT_EQ(look().outcome, Outcome::in_sync);
  EXPECT_EQ(disk_.journal, Lines{});
}

TEST_F(SyncKeyTest, TakesTheKeyBackFromOthers) {
  disk_.files[kKey].mode = 0640;
  const Report report = look();
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(disk_.files[kKey].mode, 0600U);
  EXPECT_EQ(
      report.done,
      (std::vector<Change>{{kKey, "0640", "0600", "nothing",
                            "ssh takes no key that others than its owner may use", Reach::file}}));
}

TEST_F(SyncKeyTest, ShowsThePlanInADryRunAndTouchesNothing) {
  disk_.files[kKey].mode = 0640;
  const Report report = look_with(Permission::observe_only("a dry run"));
  EXPECT_EQ(report.drift.size(), 1U);
  EXPECT_EQ(disk_.journal, Lines{});
  EXPECT_EQ(report.conditions.front().reason, "KeyOpenToOthers");
}

TEST_F(SyncKeyTest, RecoversFromAStopAtItsStep) {
  disk_.files[kKey].mode = 0644;
  for (const bool after : {false, true}) {
    disk_.changes_left = 0;
    disk_.fails_after_change = after;
    EXPECT_EQ(look().outcome, Outcome::failed);
    disk_.changes_left = 1000;
    EXPECT_TRUE(is_right(look()));
    disk_.files[kKey].mode = 0644;
  }
}

TEST_F(SyncKeyTest, NamesAReadOnlyDiskAndRecoversWithoutARestart) {
  disk_.files[kKey].mode = 0644;
  disk_.change_errors[kKey] = Error{Fault::denied, kKey + ": cannot set the mode: Read-only"};
  const Report report = look();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error->message, kKey + ": cannot set the mode: Read-only");
  disk_.change_errors.clear();
  EXPECT_EQ(look().outcome, Outcome::repaired);
}

TEST_F(SyncKeyTest, NamesWhatIsMissingAndTheCommand) {
  disk_.files.erase(kHosts);
  expect_not_well(Truth::no, "HostKeyNotPinned", "run here: tandem init");
  disk_.files[kHosts] = "10.9.9.9 ssh-ed25519 AAAA\n";
  expect_not_well(Truth::no, "HostKeyNotPinned", "run here: tandem init");
  disk_.files.erase(kKey);
  expect_not_well(Truth::no, "NoKey", "run here: tandem init");
  EXPECT_EQ(programs_.journal, Lines{}) << "nobody is asked with half a key";
}

TEST_F(SyncKeyTest, TellsTheTroublesOfTheKeyApart) {
  answer(fakes::exits(255, "", "root@10.0.0.2: Permission denied (publickey).\n"));
  expect_not_well(Truth::no, "NotAuthorized", "tandem init");
  clock_.advance(SyncKey::kAskEvery);
  answer(fakes::exits(255, "", "Host key verification failed.\n"));
  expect_not_well(Truth::no, "HostKeyChanged", "tandem init --accept-host-key");
  clock_.advance(SyncKey::kAskEvery);
  answer(fakes::exits(1, "", "tandem sync-gate: refused: this node serves\n"));
  expect_not_well(Truth::no, "Refused", "this node serves");
}

TEST_F(SyncKeyTest, SaysNothingAgainstTheKeyWhereItCouldNotAsk) {
  answer(fakes::exits(255, "", "ssh: connect to host 10.0.0.2 port 22: Connection refused\n"));
  expect_not_well(Truth::unknown, "NotReachable", "systemctl start ssh");
  programs_.errors[kSshProgram] = Error{Fault::timed_out, "still ran"};
  clock_.advance(SyncKey::kAskEvery);
  expect_not_well(Truth::unknown, "NotReachable", "still ran");
}

TEST_F(SyncKeyTest, AsksEveryFiveMinutesAndWhenTheKeyIsAnother) {
  look();
  look();
  EXPECT_EQ(programs_.journal.size(), 1U);
  clock_.advance(SyncKey::kAskEvery);
  look();
  EXPECT_EQ(programs_.journal.size(), 2U);
  disk_.files[kHosts].mtime += std::chrono::seconds(1);
  look();
  EXPECT_EQ(programs_.journal.size(), 3U);
}

TEST_F(SyncKeyTest, KnowsTheVendorsKeyAndItsWeakness) {
  files_.files[kVendorKey] = "PRIVATE";
  const Condition seen = told(Owner::vendor);
  EXPECT_EQ(seen.status, Truth::yes);
  EXPECT_EQ(seen.reason, "VendorKey");
  EXPECT_NE(seen.message.find("whole root shell"), std::string::npos);
}

TEST_F(SyncKeyTest, SaysThatTheVendorsCopySilentlyDoesNothingWithoutItsKey) {
  const Condition seen = told(Owner::vendor);
  EXPECT_EQ(seen.status, Truth::no);
  EXPECT_EQ(seen.reason, "VendorKeyMissing");
  EXPECT_NE(seen.message.find("copies nothing"), std::string::npos);
  files_.directories.clear();
  EXPECT_EQ(told(Owner::vendor).reason, "VendorKeyNotVisible");
  EXPECT_EQ(told(Owner::vendor).status, Truth::unknown);
}

TEST_F(SyncKeyTest, NamesItsOwnKeyBesideTheVendorsThatIsGone) {
  EXPECT_NE(told(Owner::vendor).message.find("own restricted key is ready"), std::string::npos);
  clock_.advance(SyncKey::kAskEvery);
  answer(fakes::exits(255, "", "root@10.0.0.2: Permission denied (publickey).\n"));
  EXPECT_NE(told(Owner::vendor).message.find("does not accept the key"), std::string::npos);
  disk_.files.erase(kKey);
  EXPECT_NE(told(Owner::vendor).message.find("`tandem init` makes"), std::string::npos);
}

TEST_F(SyncKeyTest, IsNoMatterOnASecondaryOrWithoutHa) {
  disk_.files.clear();
  for (const Role role : {Role::secondary, Role::off}) {
    const Report report = look(Owner::tandem, role);
    EXPECT_EQ(report.outcome, Outcome::in_sync);
    EXPECT_TRUE(report.conditions.empty());
    EXPECT_TRUE(SyncKey::watched(goal_of(role)).empty());
  }
  EXPECT_EQ(programs_.journal, Lines{});
}

TEST_F(SyncKeyTest, PassesOnWhatThePortSays) {
  disk_.errors[kKey] = Error{Fault::denied, "no looking"};
  EXPECT_EQ(look().error->message, "no looking");
  disk_.errors.clear();
  files_.errors[kVendorKey] = Error{Fault::denied, "no looking there"};
  EXPECT_EQ(look().error->message, "no looking there");
}

}  // namespace
}  // namespace tandem

#include "resources/probe_allowed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/reconcile.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_fail2ban.h"
#include "tests/run.h"

namespace tandem {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kMemory = "/var/lib/tandem/allowed-by-us";
constexpr const char* kPeer = "10.0.0.2";

class ProbeAllowedTest : public testing::Test {
 protected:
  ProbeAllowedTest() {
    disk.directories.insert("/var/lib/tandem");
    goal.role = Role::primary;
    goal.peer_address = kPeer;
    goal.peer_addresses = {kPeer, "192.168.9.2"};
  }

  Report pass(Reach allow = Reach::reload) {
    return run(reconcile(resource, goal, Permission::up_to(allow)));
  }
  Condition condition() {
    const Report report = run(reconcile(resource, goal, Permission::observe_only("shown only")));
    return report.conditions.empty() ? Condition{} : report.conditions[0];
  }
  // Whether every jail ignores the other node, and none has banned it.
  bool is_allowed() {
    for (const auto& [name, jail] : server.jails)
      for (const std::string& address : goal.peer_addresses)
        if (!ignores(jail, address) || jail.banned.contains(address)) return false;
    return true;
  }

  fakes::MemoryFilesystem files, disk;
  fakes::FakeClock clock;
  fakes::FakeProcess programs;
  fakes::FakeFail2ban server{programs, files};
  ProbeAllowed resource{files, programs, disk, kMemory, clock};
  Goal goal;
};

TEST_F(ProbeAllowedTest, HasEveryJailIgnoreTheOtherNode) {
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
  EXPECT_EQ(condition().reason, "PeerIgnored");
  EXPECT_TRUE(is_well(condition()));
}

TEST_F(ProbeAllowedTest, HasNothingToDoTheSecondTime) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  programs.journal.clear();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(programs.journal.size(), 2U) << "two runs of the client, however many jails there are";
}

TEST_F(ProbeAllowedTest, SparesTheClientWhileTheLogTellsNothingNew) {
  files.files[Fail2ban::kLog] = "started\n";
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  programs.journal.clear();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(condition().reason, "PeerIgnored");
  EXPECT_TRUE(programs.journal.empty());

  server.reload();
  files.files[Fail2ban::kLog].content += "Reload jail 'sshd'\n";
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
  server.jails["sshd"].banned = {kPeer};
  files.files[Fail2ban::kLog].content += "[sshd] Ban 10.0.0.2\n";
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
}

TEST_F(ProbeAllowedTest, AsksTheClientAgainAfterAWhileAndForAnotherAddress) {
  files.files[Fail2ban::kLog] = "started\n";
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  server.reload();  // and no line of it
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  clock.time += ProbeAllowed::kAskEvery;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
  goal.peer_addresses = {kPeer, "10.0.0.3"};
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
}

TEST_F(ProbeAllowedTest, LiftsABanAfterTheAddressIsIgnored) {
  server.jails["asterisk-wazo"].banned = {kPeer, "203.0.113.9"};
  EXPECT_EQ(condition().reason, "PeerBanned");
  EXPECT_THAT(condition().message, HasSubstr("fail2ban-client set asterisk-wazo unbanip 10.0.0.2"));
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
  EXPECT_EQ(server.jails["asterisk-wazo"].banned, std::set<std::string>{"203.0.113.9"});
  const auto at = [&](const std::string& line) {
    return std::ranges::find(programs.journal, std::string(Fail2ban::kClient) + " " + line);
  };
  EXPECT_LT(at("set asterisk-wazo addignoreip 10.0.0.2"), at("set asterisk-wazo unbanip 10.0.0.2"));
}

TEST_F(ProbeAllowedTest, TellsItAgainAfterARestartAndAReload) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  server.reload();
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
  server.stop();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  server.start();
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(is_allowed());
  EXPECT_THAT(ProbeAllowed::watched(goal), Contains("/run/fail2ban/fail2ban.sock"));
}

TEST_F(ProbeAllowedTest, IsContentWithANetworkThatHoldsTheAddress) {
  server.configure("10.0.0.0/8");
  server.configure("192.168.9.2");
  server.start();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_FALSE(disk.files.contains(kMemory)) << "nothing is ours";
}

TEST_F(ProbeAllowedTest, TakesBackOnlyWhatItAdded) {
  server.configure("192.168.9.2");  // by the administrator
  server.start();
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  goal.peer_address = "10.0.0.3";
  goal.peer_addresses = {"10.0.0.3"};
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  for (const auto& [name, jail] : server.jails)
    EXPECT_EQ(jail.ignored,
              (std::set<std::string>{"10.0.0.3", "127.0.0.0/8", "192.168.9.2", "::1"}));
}

TEST_F(ProbeAllowedTest, TakesItAllBackWithHaOff) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  goal.role = Role::off;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  for (const auto& [name, jail] : server.jails)
    EXPECT_EQ(jail.ignored, (std::set<std::string>{"127.0.0.0/8", "::1"}));
  EXPECT_FALSE(disk.files.contains(kMemory));
  EXPECT_EQ(condition().type, "") << "nothing is asked of it";
}

// What the server restarted with is the administrator's, even where it is the same address.
TEST_F(ProbeAllowedTest, LeavesWhatAnAdministratorMadeLasting) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  server.configure(kPeer);
  server.start();
  ASSERT_EQ(pass().outcome, Outcome::repaired);  // the other path
  goal.role = Role::off;
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_THAT(server.jails["sshd"].ignored, Contains(kPeer));
  EXPECT_THAT(server.jails["sshd"].ignored, Not(Contains("192.168.9.2")));
}

TEST_F(ProbeAllowedTest, HasNothingToDoWithoutFail2ban) {
  server.stop();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(condition().reason, "NotRunning");
  files.files.erase(Fail2ban::kClient);
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(condition().reason, "NotInstalled");
  EXPECT_TRUE(is_well(condition()));
  EXPECT_TRUE(programs.journal.empty()) << "no program is started for that";
}

TEST_F(ProbeAllowedTest, SaysWhatToTypeWhereItMayNotAct) {
  for (const Reach allow : {Reach::none, Reach::file}) {
    EXPECT_EQ(pass(allow).outcome, Outcome::waiting) << "what runs is more than a file";
    EXPECT_FALSE(is_allowed());
  }
  const Condition told = condition();
  EXPECT_EQ(told.reason, "PeerNotIgnored");
  EXPECT_THAT(told.message, HasSubstr("fail2ban-client set asterisk-wazo addignoreip 10.0.0.2"));
}

TEST_F(ProbeAllowedTest, RecoversFromAStopAfterAnyStep) {
  server.jails["sshd"].banned = {kPeer};
  const int steps = 5;  // two addresses in two jails, and a ban
  for (int done = 0; done <= steps; ++done) {
    server.start();
    server.jails["sshd"].banned = {kPeer};
    programs.runs_left = 2 + done;  // the look, then so many steps
    const Report cut = pass();
    EXPECT_EQ(cut.outcome, Outcome::failed) << done;  // the second look was cut
    programs.runs_left = 1000;
    EXPECT_NE(pass().outcome, Outcome::failed);
    EXPECT_TRUE(is_allowed()) << "stopped after " << done;
    goal.role = Role::off;
    ASSERT_EQ(pass().outcome, Outcome::repaired);
    EXPECT_EQ(server.jails["sshd"].ignored, (std::set<std::string>{"127.0.0.0/8", "::1"}))
        << "all that was added is known, stopped after " << done;
    goal.role = Role::primary;
  }
}

TEST_F(ProbeAllowedTest, AddsItEvenWhereItCanNotBeRemembered) {
  disk.change_errors[kMemory] = Error{Fault::unavailable, "no space left on device"};
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_THAT(report.error->message, HasSubstr("no space left"));
  EXPECT_TRUE(is_allowed()) << "a ban would be worse";
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
}

TEST_F(ProbeAllowedTest, TakesADamagedMemoryForNone) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  for (const char* text : {"", "{", "[]", R"({"run": 1})", R"({"run": "101 0", "jails": 7})"}) {
    disk.files[kMemory] = text;
    EXPECT_EQ(pass().outcome, Outcome::in_sync) << text;
  }
}

TEST_F(ProbeAllowedTest, FailsWhereTheClientDoesAndRecovers) {
  programs.errors[Fail2ban::kClient] = Error{Fault::timed_out, "fail2ban-client: still ran"};
  EXPECT_EQ(pass().outcome, Outcome::failed);
  programs.errors.clear();
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  // A socket that a killed server left.
  const std::string left = "";
  server.stop();
  files.files[Fail2ban::kSocket] = left;
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_THAT(report.error->message, HasSubstr("Is fail2ban running?"));
}

TEST_F(ProbeAllowedTest, AsksNothingInTheNameOfAJailThatIsNoWord) {
  server.jails["x\nset sshd unbanip 1.2.3.4"] = {};
  EXPECT_EQ(pass().outcome, Outcome::failed);
  EXPECT_EQ(programs.journal.size(), 1U + 1U) << "the list and one question, and no step";
}

TEST(Fail2banAnswers, AreReadAsTheClientWritesThem) {
  EXPECT_EQ(jails_in("Status\n|- Number of jail:\t0\n`- Jail list:\t\n"),
            std::vector<std::string>{});
  EXPECT_EQ(jails_in("Status\n`- Jail list:\tb, a\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(jails_in("nonsense"), std::nullopt);
  EXPECT_EQ(ignored_in("No IP address/network is ignored\n"), std::set<std::string>{});
  EXPECT_EQ(ignored_in("These IP addresses/networks are ignored:\n|- 127.0.0.0/8\n`- pbx-b\n"),
            (std::set<std::string>{"127.0.0.0/8", "pbx-b"}));
  EXPECT_EQ(ignored_in("Sorry but the jail 'x' does not exist"), std::nullopt);
}

TEST(Fail2banAnswers, TellWhetherAnAddressIsInANetwork) {
  const Jail jail{{"10.0.0.0/8", "192.0.2.7", "pbx-b", "::1", "198.51.100.0/33", "junk/8"}, {}};
  EXPECT_TRUE(ignores(jail, "10.255.0.1"));
  EXPECT_TRUE(ignores(jail, "192.0.2.7"));
  EXPECT_FALSE(ignores(jail, "192.0.2.8"));
  EXPECT_FALSE(ignores(jail, "198.51.100.1"));
  EXPECT_FALSE(ignores(jail, "pbx-b"));
  EXPECT_TRUE(ignores(Jail{{"0.0.0.0/0"}, {}}, "1.2.3.4"));
}

}  // namespace
}  // namespace tandem

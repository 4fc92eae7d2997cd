#include "pbx/postgres_files.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using enum HbaWanted::Vendor;
using Tls = HbaWanted::Tls;
using Method = HAPair::PostgresMethod;

const std::string kPeer = "10.0.0.1";
const std::string kOurs = "host asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem\n";
const std::string kOursTls = "hostssl asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem\n";
const std::string kVendors = "host asterisk postgres 10.0.0.1/32 trust\n";
// As Debian's package leaves it, shortened.
const std::string kHead =
    "# PostgreSQL Client Authentication Configuration File\n"
    "\n"
    "# Database administrative login by Unix domain socket\n"
    "local   all             postgres                                peer\n"
    "\n";
const std::string kTail =
    "# IPv4 local connections:\n"
    "host    all             all             127.0.0.1/32            scram-sha-256\n";

HbaWanted wanted(bool admits, HbaWanted::Vendor vendor, Tls tls = Tls::unused) {
  HbaWanted wanted;
  wanted.peers = {kPeer};
  wanted.admits = admits;
  wanted.vendor = vendor;
  wanted.tls = tls;
  return wanted;
}

std::string edited(const std::string& text, const HbaWanted& wish) {
  const TextEdit once = edit_hba(text, wish);
  EXPECT_FALSE(edit_hba(once.text, wish).changes()) << "once more: " << once.text;
  EXPECT_EQ(once.changes(), once.text != text);
  return once.text;
}

// ---- pg_hba.conf

TEST(PostgresFiles, PutsOursBeforeTheFirstRuleForHosts) {
  EXPECT_EQ(edited(kHead + kTail, wanted(true, present)), kHead + kOurs + kTail + kVendors);
  EXPECT_EQ(edited(kHead + kTail, wanted(true, absent, Tls::required)), kHead + kOursTls + kTail);
}

TEST(PostgresFiles, TakesOursAwayWithoutATrace) {
  for (const std::string& text :
       {kHead + kTail, kHead, kTail, std::string(), std::string("# x"),
        std::string("local all all peer"), kHead + "\\\n", kHead + "#\\"}) {
    const auto with = edited(text, wanted(true, absent));
    EXPECT_NE(with, text);
    EXPECT_EQ(edited(with, wanted(false, absent)), text);
  }
}

TEST(PostgresFiles, KeepsTheLineEndsOfTheFile) {
  EXPECT_EQ(edited("local all all peer\r\nhost all all 0.0.0.0/0 md5\r\n", wanted(true, absent)),
            "local all all peer\r\n"
            "host asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem\r\n"
            "host all all 0.0.0.0/0 md5\r\n");
}

TEST(PostgresFiles, FollowsTheServersTls) {
  const std::string plain = kHead + kOurs + kTail, tls = kHead + kOursTls + kTail;
  EXPECT_EQ(edited(plain, wanted(true, absent, Tls::required)), tls);
  EXPECT_EQ(edited(tls, wanted(true, absent, Tls::unused)), plain);
  EXPECT_EQ(edited(plain, wanted(true, absent, Tls::unknown)), plain);
  EXPECT_EQ(edited(tls, wanted(true, absent, Tls::unknown)), tls);
}

TEST(PostgresFiles, FollowsTheMethodAndThePeersAddresses) {
  HbaWanted wish = wanted(true, absent);
  wish.peers = {"10.0.0.1", "192.168.7.1"};
  wish.method = Method::trust;
  EXPECT_EQ(edited(kHead + kOurs + kTail, wish),
            kHead +
                "host asterisk tandem 10.0.0.1/32 trust # kept by Tandem\n"
                "host asterisk tandem 192.168.7.1/32 trust # kept by Tandem\n" +
                kTail);
}

TEST(PostgresFiles, MendsOursHoweverItWasChanged) {
  const std::string right = kHead + kOurs + kTail;
  for (const std::string& damaged :
       {kHead + kOurs + kOurs + kTail,                                      // doubled
        kHead + "host all all 0.0.0.0/0 trust # kept by Tandem\n" + kTail,  // widened
        kHead + "host asterisk # kept by Tandem\n" + kTail,                 // a part of it
        kHead + kTail + kOurs})  // where it counts no more
    EXPECT_EQ(edited(damaged, wanted(true, absent)), right) << damaged;
}

TEST(PostgresFiles, LeavesACommentedLineOfOursToWhoeverCommentedIt) {
  const std::string text = kHead + "#" + kOurs + kTail;
  EXPECT_EQ(edited(text, wanted(false, absent)), text);
}

TEST(PostgresFiles, ComesBeforeARuleThatWouldRefuse) {
  const std::string reject = "host all all 10.0.0.0/8 reject\n";
  EXPECT_EQ(edited(reject + kHead + kOurs + kTail, wanted(true, absent)),
            kOurs + reject + kHead + kTail);
}

TEST(PostgresFiles, KeepsOneVendorsLineForThePeer) {
  const std::string right = kHead + kTail + kVendors;
  for (const std::string& wreck :
       {kHead + kTail,                                             // a partial body of the vendor's
        kHead + kTail + kVendors + kVendors,                       // doubled
        kHead + kTail + "host asterisk postgres /32 trust\n",      // slave with ""
        kHead + kTail + "host asterisk postgres None/32 trust\n",  // with null
        kHead + kTail + "host asterisk postgres pbx-a/32 trust\n",  // with a host name
        kHead + kTail + "host asterisk postgres fd00::1/32 trust\n"})
    EXPECT_EQ(edited(wreck, wanted(false, present)), right) << wreck;
}

TEST(PostgresFiles, NeverTakesTheLineOfAnotherHostForTheVendors) {
  const std::string other = "host asterisk postgres 10.9.9.9/32 trust\n";
  EXPECT_EQ(edited(kTail + other, wanted(false, present)), kTail + other + kVendors);
  EXPECT_EQ(edited(kTail + other + kVendors, wanted(false, absent)), kTail + other);
  EXPECT_EQ(other_vendor_addresses(kTail + other + kVendors, {"10.0.0.1"}),
            std::vector<std::string>{"10.9.9.9"})
      << "but it is told";
}

TEST(PostgresFiles, LeavesWhatIsOnlyLikeTheVendorsLine) {
  for (const std::string line : {"host asterisk postgres 10.0.0.1/32 md5\n",
                                 "host asterisk postgres 10.0.0.1/32 trust # the reporting host\n",
                                 "host  asterisk postgres 10.0.0.1/32 trust\n",
                                 "hostssl asterisk postgres 10.0.0.1/32 trust\n",
                                 "# host asterisk postgres 10.0.0.1/32 trust\n",
                                 "host asterisk postgresql 10.0.0.1/32 trust\n",
                                 "# goes on \\\nhost asterisk postgres 10.0.0.1/32 trust\n"})
    EXPECT_EQ(edited(kHead + line + kTail, wanted(false, absent)), kHead + line + kTail) << line;
}

TEST(PostgresFiles, OffASecondaryTakesOnlyThePeersLineAndBrokenOnes) {
  const std::string other = "host asterisk postgres 10.9.9.9/32 trust\n";
  EXPECT_EQ(edited(kTail + kVendors + other + "host asterisk postgres None/32 trust\n",
                   wanted(false, leftovers_absent)),
            kTail + other);
}

TEST(PostgresFiles, EndsALineThatWouldSwallowTheVendors) {
  EXPECT_EQ(edited(kTail + "host all all", wanted(false, present)),
            kTail + "host all all\n" + kVendors);
  EXPECT_EQ(edited("# a \\", wanted(false, present)), "# a \\\n\n" + kVendors);
}

TEST(PostgresFiles, TellsWhichLinesItEdited) {
  const TextEdit edit = edit_hba("host asterisk postgres /32 trust\nhost all all ::1/128 md5\n",
                                 wanted(true, present));
  EXPECT_EQ(edit.removed, (std::vector<EditedLine>{{1, "host asterisk postgres /32 trust"}}));
  EXPECT_EQ(edit.added, (std::vector<EditedLine>{
                            {1, "host asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem"},
                            {3, "host asterisk postgres 10.0.0.1/32 trust"}}));
  EXPECT_TRUE(is_own_hba_line(edit.text, 1));
  EXPECT_FALSE(is_own_hba_line(edit.text, 2));
  EXPECT_FALSE(is_own_hba_line(edit.text, 99));
}

// ---- postgresql.conf

const std::string kConf =
    "data_directory = '/var/lib/postgresql/15/main'\n"
    "#listen_addresses = 'localhost'\t\t# what IP address(es) to listen on;\n"
    "port = 5432\n"
    "include_dir = 'conf.d'\n";
const std::string kListen = "listen_addresses = 'localhost, 10.0.0.2' # kept by Tandem\n";

std::string listening(const std::string& text, const std::optional<std::string>& value) {
  const TextEdit once = edit_listen(text, value);
  EXPECT_FALSE(edit_listen(once.text, value).changes()) << once.text;
  EXPECT_EQ(once.changes(), once.text != text);
  return once.text;
}

TEST(PostgresFiles, SetsListenAfterEverythingElse) {
  EXPECT_EQ(listening(kConf, "localhost, 10.0.0.2"), kConf + kListen);
  const std::string administrators = kConf + "Listen_Addresses = 'localhost, 10.0.0.5' # mine\n";
  EXPECT_EQ(
      listening(administrators, "localhost, 10.0.0.5, 10.0.0.2"),
      administrators + "listen_addresses = 'localhost, 10.0.0.5, 10.0.0.2' # kept by Tandem\n");
}

TEST(PostgresFiles, TakesTheListenSettingAwayWithoutATrace) {
  for (const std::string& text :
       {kConf, std::string(), std::string("port = 5432"), std::string("port = 5432\r\n#x\r\n"),
        kConf + "listen_addresses = '10.0.0.9'"}) {
    const std::string with = listening(text, "localhost, 10.0.0.2");
    EXPECT_NE(with, text);
    EXPECT_EQ(listening(with, std::nullopt), text);
  }
}

TEST(PostgresFiles, MovesItsSettingBehindWhatCameAfterIt) {
  EXPECT_EQ(listening(kConf + kListen + "listen_addresses='10.0.0.9'\n", "10.0.0.9, 10.0.0.2"),
            kConf +
                "listen_addresses='10.0.0.9'\n"
                "listen_addresses = '10.0.0.9, 10.0.0.2' # kept by Tandem\n");
  EXPECT_EQ(listening(kListen + "include 'x'\n" + kListen, "localhost, 10.0.0.2"),
            "include 'x'\n" + kListen);
}

TEST(PostgresFiles, KnowsItsOwnLinesAlone) {
  const std::string text = kConf + "#" + kListen + "port = 1 # kept by Tandem\n" + kListen;
  EXPECT_EQ(own_listen_lines(text), std::vector<std::size_t>{7});
}

TEST(PostgresFiles, ReadsListsOfAddresses) {
  EXPECT_EQ(listen_list(" localhost , 10.0.0.5,,\"10.0.0.6\" "),
            (std::vector<std::string>{"localhost", "10.0.0.5", "10.0.0.6"}));
  EXPECT_TRUE(listens_on("*", "10.0.0.2"));
  EXPECT_TRUE(listens_on("::1, 0.0.0.0", "10.0.0.2"));
  EXPECT_TRUE(listens_on("localhost,10.0.0.2", "10.0.0.2"));
  EXPECT_TRUE(listens_on("localhost", "127.0.0.1"));
  EXPECT_FALSE(listens_on("localhost, 10.0.0.20", "10.0.0.2"));
  EXPECT_FALSE(listens_on("", "10.0.0.2"));
  EXPECT_EQ(with_address("localhost, 10.0.0.5", "10.0.0.2"), "localhost, 10.0.0.5, 10.0.0.2");
  EXPECT_EQ(with_address(" ", "10.0.0.2"), "10.0.0.2");
}

TEST(HandListenToVendor, PutsTheVendorsLineInThePlaceOfOurs) {
  const std::string before = "port = 5432\n#listen_addresses = 'localhost'\n";
  const TextEdit ours = edit_listen(before, "localhost, 10.0.0.2");
  const TextEdit given = hand_listen_to_vendor(ours.text);
  EXPECT_EQ(given.text, before + "listen_addresses = '*'\n");
  EXPECT_EQ(given.removed.size(), 1U);
  EXPECT_EQ(given.added, (std::vector<EditedLine>{{3, "listen_addresses = '*'"}}));
  EXPECT_FALSE(hand_listen_to_vendor(given.text).changes()) << "once is enough";
  EXPECT_FALSE(hand_listen_to_vendor(before).changes()) << "nothing of ours, nothing to hand over";
}

}  // namespace
}  // namespace tandem

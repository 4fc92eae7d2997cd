#include "pbx/gate_command.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tandem {
namespace {

using Verb = GateRequest::Verb;
using Words = std::vector<std::string>;

// As rsync 3.2.7 sends them, for -rlptgoHA --delete --numeric-ids --timeout=60.
constexpr const char* kPush =
    "rsync --server -vlHogtpArze.iLsfxCIvu --delete --timeout=60 --numeric-ids . "
    "/var/lib/asterisk/moh/";
constexpr const char* kPull =
    "rsync --server --sender -vlogtprze.iLsfxCIvu . /var/spool/asterisk/voicemail/";

bool refuses(const std::string& text) {
  const auto parsed = parse_gate_command(text);
  if (parsed.ok()) return false;
  EXPECT_EQ(parsed.error().fault, Fault::invalid) << text;
  EXPECT_NE(parsed.error().message.find("this key is for"), std::string::npos) << text;
  return true;
}

TEST(GateCommand, TakesWhatReplicationNeeds) {
  EXPECT_EQ(parse_gate_command("tandem facts").value(), (GateRequest{Verb::facts, {}, ""}));
  EXPECT_EQ(parse_gate_command("tandem password").value(), (GateRequest{Verb::password, {}, ""}));
  EXPECT_EQ(parse_gate_command("tandem harvest-owed").value(),
            (GateRequest{Verb::harvest_owed, {}, ""}));
  EXPECT_EQ(parse_gate_command(harvest_home(17)).value(),
            (GateRequest{Verb::harvest_home, {}, "", 17}));
  EXPECT_EQ(parse_gate_command(kPush).value(),
            (GateRequest{Verb::push,
                         {"-vlHogtpArze.iLsfxCIvu", "--delete", "--timeout=60", "--numeric-ids"},
                         "/var/lib/asterisk/moh"}));
  EXPECT_EQ(parse_gate_command(kPull).value(),
            (GateRequest{Verb::pull, {"-vlogtprze.iLsfxCIvu"}, "/var/spool/asterisk/voicemail"}));
}

TEST(GateCommand, ReadsTheBackslashesThatRsyncWrites) {
  const auto parsed = parse_gate_command("rsync --server -re.LsfxCIvu . /srv/a\\ b\\'s\\\\/");
  EXPECT_EQ(parsed.value().folder, "/srv/a b's\\");
}

TEST(GateCommand, OpensNoShellAndRunsNothingElse) {
  for (const std::string text : {"",
                                 "sh",
                                 "/bin/sh",
                                 "tandem",
                                 "tandem  facts",
                                 "tandem facts ",
                                 " tandem facts",
                                 "tandem facts; id",
                                 "tandem harvest-owed ",
                                 "tandem harvest-home",
                                 "tandem harvest-home ",
                                 "tandem harvest-home 0",
                                 "tandem harvest-home -1",
                                 "tandem harvest-home 1 2",
                                 "tandem harvest-home 12345678901234567890",
                                 "tandem sync-gate",
                                 "tandem run",
                                 "internal-sftp",
                                 "/usr/lib/openssh/sftp-server",
                                 "scp -t /etc",
                                 "rsync",
                                 "rsync /etc/shadow /tmp",
                                 "/usr/bin/rsync --server . /x/",
                                 "rrsync --server . /x/",
                                 "rsync\t--server . /x/"})
    EXPECT_TRUE(refuses(text)) << text;
}

TEST(GateCommand, KnowsNoCharacterOfAShell) {
  for (const char c : std::string("!\"#$&'()*;<>?[]^`{|}~\n\r\t\v\f\b\x1b\x7f"))
    for (const std::string& at : {std::string("/var/lib/a") + c, std::string(1, c) + "/var/lib"})
      EXPECT_TRUE(refuses("rsync --server -re.L . " + at)) << static_cast<int>(c);
  // A backslash makes no control character harmless.
  EXPECT_TRUE(refuses("rsync --server -re.L . /var/lib/a\\\nb"));
  EXPECT_TRUE(refuses("rsync --server -re.L . /var/lib/a\\"));
  constexpr char kWithNul[] = "rsync --server -re.L . /var/lib/a\0b";
  EXPECT_TRUE(refuses(std::string(kWithNul, sizeof kWithNul - 1)));
}

TEST(GateCommand, TakesOnlyOptionsThatStayInTheFolder) {
  for (const std::string option : {"--daemon",
                                   "--config=/tmp/x",
                                   "--rsh=sh",
                                   "--rsync-path=sh",
                                   "-e",
                                   "-esh",
                                   "-e.x/y",
                                   "--log-file=/etc/x",
                                   "--log-file",
                                   "--backup-dir=/etc",
                                   "--temp-dir=/etc",
                                   "--partial-dir=/etc",
                                   "--link-dest=/etc",
                                   "--copy-dest=/etc",
                                   "--compare-dest=/etc",
                                   "--files-from=/etc/shadow",
                                   "--exclude-from=/etc/shadow",
                                   "--remove-source-files",
                                   "--remove-sent-files",
                                   "--write-devices",
                                   "--copy-devices",
                                   "--devices",
                                   "--super",
                                   "--fake-super",
                                   "--usermap=0:1",
                                   "--chown=root",
                                   "--chmod=u+s",
                                   "--relative",
                                   "--no-implied-dirs",
                                   "--keep-dirlinks",
                                   "--copy-links",
                                   "--secluded-args",
                                   "-s",
                                   "-rs",
                                   "-D",
                                   "-lD",
                                   "-X",
                                   "-R",
                                   "-K",
                                   "-k",
                                   "-L",
                                   "-b",
                                   "-T/etc",
                                   "--server",
                                   "--out-format=%f",
                                   "--delete=1",
                                   "--timeout",
                                   "--timeout=",
                                   "--timeout=-1",
                                   "--timeout=1x",
                                   "--log-format=/etc",
                                   "--iconv=x",
                                   "--only-write-batch=/etc/x",
                                   "-M--daemon",
                                   "--",
                                   "-",
                                   "--delete-missing-args",
                                   "--mkpath",
                                   "--trust-sender",
                                   "--open-noatime",
                                   "--no-r"})
    EXPECT_TRUE(refuses("rsync --server " + option + " . /var/lib/asterisk/moh/")) << option;
}

TEST(GateCommand, WantsOneFolderByItsCleanAbsoluteName) {
  for (const std::string tail :
       {".", "/x/", ". x/", ". ../x/", ". /x/../y/", ". /../x", ". /x/..", ". /x/ /y/", ". . /x/",
        ". --delete", ". -r /x/", ". ~/x", "/x/ ."})
    EXPECT_TRUE(refuses("rsync --server -re.L " + tail)) << tail;
  EXPECT_EQ(parse_gate_command("rsync --server -re.L . //x/./y//").value().folder, "/x/y");
}

TEST(GateCommand, ReadsOnlyWhatIsInAFolder) {
  EXPECT_TRUE(refuses("rsync --server --sender -re.L . /var/spool/asterisk/voicemail"));
  EXPECT_TRUE(refuses("rsync --sender --server -re.L . /var/spool/asterisk/voicemail/"));
}

TEST(GateCommand, IsBounded) {
  EXPECT_TRUE(refuses("rsync --server . /" + std::string(kGateCommandMax, 'a')));
  std::string many = "rsync --server";
  for (std::size_t i = 0; i < kGateWordsMax; ++i) many += " -v";
  EXPECT_TRUE(refuses(many + " . /x/"));
}

TEST(GateCommand, ShowsNoControlCharacterOfWhatItRefuses) {
  const auto message = parse_gate_command("evil \x1b[31m\n").error().message;
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(GatePlaceTest, IsTheOutermostOfTheAllowedFolders) {
  const Words allowed{"/var/lib/asterisk/moh", "/var/lib/asterisk/", "/srv/x"};
  EXPECT_EQ(place_of("/var/lib/asterisk/moh/a", allowed).value(),
            (GatePlace{"/var/lib/asterisk", "moh/a"}));
  EXPECT_EQ(place_of("/srv/x", allowed).value(), (GatePlace{"/srv/x", ""}));
  for (const std::string folder : {"/srv", "/srv/xy", "/", "/var/lib", "/etc"})
    EXPECT_EQ(place_of(folder, allowed).error().fault, Fault::denied) << folder;
  EXPECT_FALSE(place_of("/etc", {"/"}).ok());
  EXPECT_FALSE(place_of("/etc", {}).ok());
}

TEST(GatePlaceTest, TakesOneNameForAStar) {
  const Words allowed{"/srv/tenants/*/monitor"};
  EXPECT_EQ(place_of("/srv/tenants/a/monitor/x", allowed).value(),
            (GatePlace{"/srv/tenants", "a/monitor/x"}));
  for (const std::string folder :
       {"/srv/tenants", "/srv/tenants/a", "/srv/tenants/a/b/monitor", "/srv/tenants/a/other"})
    EXPECT_FALSE(place_of(folder, allowed).ok()) << folder;
}

// What is accepted holds what the gate promises, whatever was sent.
void check_promises(const std::string& text) {
  const auto parsed = parse_gate_command(text);
  if (!parsed.ok()) return;
  const GateRequest& request = parsed.value();
  if (request.verb == Verb::facts || request.verb == Verb::password) return;
  EXPECT_TRUE(request.folder.starts_with('/')) << text;
  EXPECT_EQ((request.folder + "/").find("/../"), std::string::npos) << text;
  EXPECT_EQ(request.folder.find('\0'), std::string::npos) << text;
  for (const std::string& option : request.options) {
    EXPECT_TRUE(option.starts_with('-')) << text;
    EXPECT_EQ(option.find('/'), std::string::npos) << text;
    EXPECT_EQ(option.find(' '), std::string::npos) << text;
  }
}

TEST(GateCommandFuzz, KeepsItsPromisesUnderMutations) {
  constexpr unsigned kSeed = 20260107;
  constexpr int kMutations = 50'000;
  const Words seeds{kPush, kPull, "tandem facts", "rsync --server -re.L . /srv/a\\ b/"};
  const Words pieces{" ",  "\\", "/",  "/../", "..",       ".",    "--sender", "--server", "-e.",
                     "-s", "=",  "\n", "\\\n", "$(id)",    ";",    "`",        "*",        "--",
                     "-",  "~",  "'",  "\"",   "\xC3\xA9", "\xFF", "--delete", "rsync",    "/"};
  std::mt19937 dice(kSeed);
  for (int i = 0; i < kMutations; ++i) {
    std::string text = seeds[dice() % seeds.size()];
    for (auto rounds = 1 + dice() % 4; rounds > 0 && !text.empty(); --rounds) {
      const auto at = dice() % text.size();
      switch (dice() % 4) {
        case 0: text[at] = static_cast<char>(dice() % 256); break;
        case 1: text.erase(at, dice() % 8); break;
        case 2: text.insert(at, pieces[dice() % pieces.size()]); break;
        default: text.insert(at, text.substr(dice() % text.size(), dice() % 32)); break;
      }
    }
    SCOPED_TRACE("mutation " + std::to_string(i) + " of seed " + std::to_string(kSeed));
    check_promises(text);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tandem

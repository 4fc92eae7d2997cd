// `tandem init` step by step, with a secondary that is a few variables.
#include "app/peering.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pbx/authorized_keys.h"
#include "pbx/peer_ssh.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem {
namespace {

using Lines = std::vector<std::string>;

const std::string kPublic =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIyEeFh4ZoVGkbDpbNFP6ETeYu7FeMvqxYpcWFWoLwZk";
const std::string kFolder = "/etc/tandem/ssh";
const std::string kKey = kFolder + "/id_ed25519";
const std::string kPasswordFile = "/etc/tandem/pgpass";
const std::string kNewPassword = "0123456789abcdef0123456789abcdef";
const std::string kHostKey = "10.0.0.2 ssh-ed25519 AAAAHOST";

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class PeeringTest : public testing::Test {
 protected:
  PeeringTest() {
    disk_.directories = {kFolder, "/etc/tandem"};
    pair_.name = "lab";
    pair_.primary = {"pbx-a", "10.0.0.1", {}};
    pair_.secondary = {"pbx-b", "10.0.0.2", {}};
    config_.node = "pbx-a";
    programs_.programs[kSshKeygenProgram] = [this](const Command& c) { return keygen(c); };
    programs_.programs[kSshKeyscanProgram] = [this](const Command&) {
      return fakes::exits(0, shown_ + "\n");
    };
    programs_.programs[kSshProgram] = [this](const Command& c) { return ssh(c); };
  }

  CommandOutcome keygen(const Command& command) {
    if (has(command.argv, "-l"))
      return fakes::exits(0, "256 SHA256:" + command.input.substr(command.input.size() - 5, 4) +
                                 " host (ED25519)\n");
    if (has(command.argv, "-y")) return fakes::exits(0, kPublic + "\n");
    disk_.files[command.argv.back()] = fakes::File("PRIVATE", 0600);
    disk_.files[command.argv.back() + ".pub"] =
        fakes::File(kPublic + " tandem of montreal\n", 0644);
    return fakes::exits(0);
  }

  // The other node's gate.
  CommandOutcome ssh(const Command& command) {
    if (!authorized_) return fakes::exits(255, "", "root@10.0.0.2: Permission denied.\n");
    if (command.argv.back() != "tandem password") return fakes::exits(0, "{}\n");
    const std::string word = command.input == kept_there_ ? "known" : "kept";
    if (!kept_there_.empty() && word == "kept")
      return fakes::exits(1, "", "tandem sync-gate: refused: it holds another password\n");
    kept_there_ = command.input;
    return fakes::exits(0, word + "\n");
  }

  Result<nlohmann::ordered_json> set_up(const std::string& accept = "") {
    PeeringDoors doors{disk_, files_, programs_, {}, {}, {}, {}};
    doors.progress = [](const std::string&) {};
    doors.confirm = [this](const std::string&) -> Result<bool> { return confirmed_; };
    doors.login = [this](const Lines& argv, const std::string& input) -> Result<int> {
      logins_.push_back(argv.back() + " " + input);
      by_vendor_key_ = has(argv, "/root/.ssh/xivo_id_rsa");
      if (login_status_ == 0) authorized_ = true;
      return login_status_;
    };
    doors.new_password = [] { return Result<std::string>(kNewPassword); };
    Peering peering(std::move(doors), config_, pair_);
    InitFlags flags;
    flags.accept_host_key = accept;
    return run(peering.set_up(flags));
  }
  std::string why(const std::string& accept = "") {
    const auto told = set_up(accept);
    return told.ok() ? "" : told.error().message;
  }

  fakes::MemoryFilesystem disk_, files_;
  fakes::FakeProcess programs_;
  OperatorConfig config_;
  HAPair pair_;
  std::string shown_ = kHostKey;
  Result<bool> confirmed_ = true;
  bool authorized_ = false, by_vendor_key_ = false;
  int login_status_ = 0;
  Lines logins_;
  std::string kept_there_;
};

TEST_F(PeeringTest, BringsEverythingAndLogsInOnce) {
  const auto told = set_up();
  ASSERT_TRUE(told.ok()) << told.error().message;
  EXPECT_EQ(told.value().dump(), R"({"node":"pbx-a","role":"primary","key":"made",)"
                                 R"("databasePassword":{"here":"made","there":"kept"},)"
                                 R"("hostKey":"SHA256:HOST","authorization":"installed"})");
  EXPECT_EQ(logins_, (Lines{"/usr/bin/tandem init --authorize >/dev/null " + kPublic + "\n"}));
  EXPECT_EQ(disk_.files[kKey].mode, 0600U);
  EXPECT_FALSE(disk_.files.contains(kFolder + "/new_key"));
  EXPECT_EQ(disk_.files[kFolder + "/known_hosts"].content, kHostKey + "\n");
}

TEST_F(PeeringTest, TouchesNoKeyThatItDidNotMake) {
  disk_.files["/etc/tandem/ssh/id_ed25519"] = fakes::File("root's own", 0600);
  disk_.files["/etc/tandem/ssh/id_ed25519.pub"] = "ssh-ed25519 AAAA root@pbx-a\n";
  EXPECT_NE(why().find("spec.sshDir"), std::string::npos);
  EXPECT_EQ(disk_.files["/etc/tandem/ssh/id_ed25519"].content, "root's own");
  EXPECT_TRUE(logins_.empty());
}

TEST_F(PeeringTest, HasNothingToDoTheSecondTime) {
  ASSERT_TRUE(set_up().ok());
  disk_.journal.clear();
  const auto told = set_up();
  EXPECT_EQ(told.value()["authorization"], "present");
  EXPECT_EQ(told.value()["databasePassword"]["there"], "known");
  EXPECT_EQ(disk_.journal, Lines{});
  EXPECT_EQ(logins_.size(), 1U);
}

TEST_F(PeeringTest, GoesOnWhereverItWasStopped) {
  for (const bool lost_answer : {false, true})
    for (int changes = 0; changes < 8; ++changes) {
      disk_.files.clear();
      kept_there_.clear();
      authorized_ = false;
      disk_.changes_left = changes;
      disk_.fails_after_change = lost_answer;
      if (set_up().ok()) continue;
      disk_.changes_left = 1000;
      const auto told = set_up();
      ASSERT_TRUE(told.ok()) << changes << ": " << told.error().message;
      EXPECT_EQ(disk_.files[kKey].content, "PRIVATE");
      EXPECT_EQ(disk_.files[kKey].mode, 0600U);
      EXPECT_EQ(kept_there_, kNewPassword + "\n");
      EXPECT_FALSE(disk_.files.contains(kFolder + "/new_key")) << changes;
    }
}

TEST_F(PeeringTest, PinsNoHostKeyThatNobodyAccepted) {
  confirmed_ = false;
  EXPECT_NE(why().find("not accepted"), std::string::npos);
  confirmed_ = Error{Fault::unavailable, "no terminal"};
  EXPECT_NE(why().find("tandem init --accept-host-key SHA256:HOST"), std::string::npos);
  EXPECT_NE(why("SHA256:ELSE").find("SHA256:HOST"), std::string::npos);
  EXPECT_FALSE(disk_.files.contains(kFolder + "/known_hosts"));
  EXPECT_TRUE(logins_.empty());
}

TEST_F(PeeringTest, ForgetsTheOldHostKeyOnlyForOneThatIsNamed) {
  ASSERT_TRUE(set_up().ok());
  shown_ = "10.0.0.2 ssh-ed25519 AAAANEWW";
  ASSERT_TRUE(set_up().ok());
  EXPECT_EQ(disk_.files[kFolder + "/known_hosts"].content, kHostKey + "\n");
  ASSERT_TRUE(set_up("SHA256:NEWW").ok());
  EXPECT_EQ(disk_.files[kFolder + "/known_hosts"].content, shown_ + "\n");
}

TEST_F(PeeringTest, LogsInWithTheVendorsKeyWhereThereIsOne) {
  files_.files["/root/.ssh/xivo_id_rsa"] = "PRIVATE";
  ASSERT_TRUE(set_up().ok());
  EXPECT_TRUE(by_vendor_key_);
  EXPECT_EQ(logins_.size(), 1U);
}

TEST_F(PeeringTest, SaysWhatIsWrongWithALogin) {
  login_status_ = 255;
  EXPECT_NE(why().find("--print-authorized-key"), std::string::npos);
  login_status_ = 127;
  EXPECT_NE(why().find("install it there"), std::string::npos);
  login_status_ = 1;
  EXPECT_NE(why().find("did not take the key"), std::string::npos);
}

TEST_F(PeeringTest, TellsTwoPasswords) {
  kept_there_ = "another\n";
  EXPECT_NE(why().find("holds another password"), std::string::npos);
}

TEST_F(PeeringTest, TakesTheKeyOnTheSecondary) {
  files_.directories = {"/root/.ssh"};
  const auto authorize = [&] {
    return authorize_key(files_, pair_, kPublic + " x\n", "/usr/bin/tandem sync-gate");
  };
  EXPECT_EQ(authorize().value(), "installed");
  EXPECT_EQ(files_.files[kAuthorizedKeys].content,
            "restrict,from=\"10.0.0.1\",command=\"/usr/bin/tandem sync-gate\" " + kPublic +
                " tandem of lab\n");
  EXPECT_EQ(files_.files[kAuthorizedKeys].mode, kAuthorizedKeysMode);
  EXPECT_EQ(authorize().value(), "present");
  EXPECT_FALSE(authorize_key(files_, pair_, "ssh-rsa AAAA", "/usr/bin/tandem sync-gate").ok());
  files_.files[kAuthorizedKeys] = "other\n";
  files_.changes_left = 0;
  EXPECT_EQ(authorize().error().fault, Fault::unavailable);
  EXPECT_EQ(files_.files[kAuthorizedKeys].content, "other\n");
}

TEST_F(PeeringTest, TellsTheSecondaryWhatIsMissing) {
  EXPECT_EQ(secondary_state(disk_, files_, config_, pair_)["next"],
            "run on pbx-a (10.0.0.1): tandem init");
  files_.directories = {"/root/.ssh"};
  ASSERT_TRUE(authorize_key(files_, pair_, kPublic, "/usr/bin/tandem sync-gate").ok());
  disk_.files[kPasswordFile] = fakes::File("*:*:*:tandem:" + kNewPassword + "\n", 0600);
  EXPECT_EQ(secondary_state(disk_, files_, config_, pair_)["next"], "nothing");
}

}  // namespace
}  // namespace tandem

#include "pbx/peer_ssh.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem {
namespace {

class PeerSshTest : public testing::Test {
 protected:
  PeerSshTest() {
    disk_.files["/etc/tandem/ssh/id_ed25519"] = fakes::File("key", 0600);
    answer(fakes::exits(0, "{}\n"));
  }

  void answer(CommandOutcome outcome) {
    programs_.programs[kSshProgram] = [outcome](const Command&) { return outcome; };
  }
  Result<std::string> ask(const std::string& input = "") {
    const SshEnds ends{"10.0.0.1", "10.0.0.2"};
    return run(ssh_.ask(ends, "tandem facts", input));
  }
  Fault fault_of_trouble(const std::string& errors) {
    answer(fakes::exits(255, "", errors));
    return ask().error().fault;
  }

  fakes::MemoryFilesystem disk_;
  fakes::FakeProcess programs_;
  PeerSsh ssh_{disk_, programs_, "/etc/tandem/ssh"};
};

TEST_F(PeerSshTest, AsksTheGateAndReturnsItsAnswer) {
  EXPECT_EQ(ask("a secret\n").value(), "{}\n");
  ASSERT_EQ(programs_.commands.size(), 1U);
  const Command& command = programs_.commands[0];
  EXPECT_EQ(command.argv.back(), "tandem facts");
  EXPECT_EQ(command.argv[command.argv.size() - 2], "10.0.0.2");
  EXPECT_EQ(command.input, "a secret\n");
  EXPECT_EQ(programs_.journal[0].find("secret"), std::string::npos);
}

TEST_F(PeerSshTest, NeverAsksAPersonAndTrustsOnlyThePinnedHostKey) {
  ASSERT_TRUE(ask().ok());
  const auto& argv = programs_.commands[0].argv;
  for (const std::string option :
       {"BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "IdentityAgent=none",
        "GlobalKnownHostsFile=/dev/null", "UserKnownHostsFile=/etc/tandem/ssh/known_hosts",
        "IdentityFile=/etc/tandem/ssh/id_ed25519", "BindAddress=10.0.0.1"})
    EXPECT_NE(std::ranges::find(argv, option), argv.end()) << option;
  EXPECT_EQ(argv[2], "none");
}

TEST_F(PeerSshTest, TakesTheAdministratorsOwnConfiguration) {
  disk_.files["/etc/tandem/ssh/config"] = "Port 2222\n";
  ASSERT_TRUE(ask().ok());
  EXPECT_EQ(programs_.commands[0].argv[2], "/etc/tandem/ssh/config");
}

TEST_F(PeerSshTest, SaysWhatToRunWhereThereIsNoKey) {
  disk_.files.clear();
  const auto answer = ask();
  EXPECT_EQ(answer.error().fault, Fault::not_found);
  EXPECT_NE(answer.error().message.find("tandem init"), std::string::npos);
  EXPECT_TRUE(programs_.journal.empty());
}

TEST_F(PeerSshTest, SaysWhatToRunWhereOthersMayUseTheKey) {
  disk_.files["/etc/tandem/ssh/id_ed25519"].mode = 0640;
  EXPECT_EQ(ask().error().fault, Fault::denied);
  EXPECT_NE(ask().error().message.find("chmod 600"), std::string::npos);
}

TEST_F(PeerSshTest, TellsTheTroublesApart) {
  EXPECT_EQ(fault_of_trouble("@@@ REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\r\n"
                             "Host key verification failed.\r\n"),
            Fault::bad_certificate);
  EXPECT_EQ(fault_of_trouble("root@10.0.0.2: Permission denied (publickey).\r\n"), Fault::denied);
  EXPECT_EQ(fault_of_trouble("ssh: connect to host 10.0.0.2 port 22: Connection refused\r\n"),
            Fault::connection_refused);
  EXPECT_EQ(fault_of_trouble("ssh: connect to host 10.0.0.2 port 22: Connection timed out\r\n"),
            Fault::timed_out);
  EXPECT_EQ(fault_of_trouble("ssh: connect to host 10.0.0.2 port 22: No route to host\r\n"),
            Fault::unavailable);
  EXPECT_EQ(fault_of_trouble(""), Fault::unavailable);
}

TEST_F(PeerSshTest, PassesOnWhatTheGateRefused) {
  answer(fakes::exits(1, "", "tandem sync-gate: refused: this node serves\n"));
  EXPECT_EQ(ask().error(), (Error{Fault::invalid, "tandem sync-gate: refused: this node serves"}));
}

TEST_F(PeerSshTest, TakesNoFolderThatSshWouldRead) {
  PeerSsh other(disk_, programs_, "/etc/a b%h");
  EXPECT_EQ(other.command_line({"10.0.0.1", "10.0.0.2"}).error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem

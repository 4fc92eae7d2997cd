#include "pbx/authorized_keys.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tandem {
namespace {

const std::string kKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIyEeFh4ZoVGkbDpbNFP6ETeYu7FeMvqxYpcWFWoLwZk";
const std::string kOther =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

GateLine parts() { return {kKey, {"10.0.0.1", "10.1.0.1"}, "/usr/bin/tandem sync-gate", "tandem"}; }
std::string line() { return gate_line(parts()).value(); }

TEST(AuthorizedKeys, RestrictTheKeyToTheGate) {
  EXPECT_EQ(line(), "restrict,from=\"10.0.0.1,10.1.0.1\",command=\"/usr/bin/tandem sync-gate\" " +
                        kKey + " tandem");
}

TEST(AuthorizedKeys, TakeOnlyAnEd25519Key) {
  EXPECT_EQ(public_key_of(kKey + " root@pbx-a\n").value(), kKey);
  for (const std::string& bad :
       {std::string(), std::string("ssh-ed25519"), "ssh-rsa " + kKey.substr(12), kKey + "A",
        kKey.substr(0, kKey.size() - 1), "x " + kKey, kKey.substr(0, 79) + "\""})
    EXPECT_EQ(public_key_of(bad).error().fault, Fault::invalid) << bad;
}

TEST(AuthorizedKeys, LetNothingIntoTheLineThatSshdReadsOtherwise) {
  GateLine bad = parts();
  for (const std::string command : {"", "/bin/sh -c \"id\"", "/a;b", "/a\nb", "/a$b", "/a`b"}) {
    bad.command = command;
    EXPECT_FALSE(gate_line(bad).ok()) << command;
  }
  bad = parts();
  for (const std::string from : {"*", "10.0.0.0/8", "10.0.0.1\" ssh", "host", ""}) {
    bad.from = {from};
    EXPECT_FALSE(gate_line(bad).ok()) << from;
  }
  bad.from.clear();
  EXPECT_FALSE(gate_line(bad).ok());
  bad = parts();
  bad.comment = "a\nssh-rsa AAAA";
  EXPECT_FALSE(gate_line(bad).ok());
}

TEST(AuthorizedKeys, KeepEveryOtherByte) {
  const std::string odd = "# a comment\r\n\r\n  " + kOther +
                          " a\r\n\tfrom=\"a b\",command=\"x\" ssh-rsa AAAA b\n" + "garbage \xFF" +
                          std::string(1, '\0') + "\n#" + kKey + "\nssh-rsa AAAA no newline";
  const auto text = with_gate_line(odd, line());
  EXPECT_EQ(text, line() + "\n" + odd) << "in front of a line that has no end";
  EXPECT_EQ(without_gate_lines(text), odd) << "byte for byte";
}

TEST(AuthorizedKeys, TakeNoLineOfAnAdministratorForOurs) {
  for (const std::string theirs :
       {"command=\"/usr/bin/systemctl restart sync-gateway\",no-pty ssh-ed25519 AAAA admin\n",
        "command=\"/usr/bin/tandem sync-gate\" ssh-ed25519 AAAA admin\n",
        "restrict,from=\"10.0.0.1\",command=\"/x sync-gate now\" ssh-ed25519 AAAA admin\n",
        "restrict,from=\"*.example.org\",command=\"/x sync-gate\" ssh-ed25519 AAAA admin\n"}) {
    EXPECT_EQ(with_gate_line(theirs, line()), theirs + line() + "\n");
    EXPECT_EQ(without_gate_lines(theirs), theirs);
  }
}

TEST(AuthorizedKeys, ChangeNothingTheSecondTime) {
  for (const std::string before : {"", "x\n", "x"}) {
    const auto once = with_gate_line(before, line());
    EXPECT_EQ(with_gate_line(once, line()), once);
  }
  // An editor that wrote the file anew with other ends of lines made no other line of it.
  EXPECT_EQ(with_gate_line(line() + "\r\nx\r\n", line()), line() + "\r\nx\r\n");
}

TEST(AuthorizedKeys, HaveOneLineOfOursInItsOldPlace) {
  GateLine old = parts();
  old.from = {"10.9.9.9"};
  GateLine lost = parts();
  lost.public_key = kOther;
  const std::string text = "a\n" + gate_line(old).value() + "\nb\n" + gate_line(lost).value() +
                           "\n" + kKey + " pasted without any restriction\nc\n";
  EXPECT_EQ(with_gate_line(text, line()), "a\n" + line() + "\nb\nc\n");
  EXPECT_EQ(without_gate_lines(with_gate_line(text, line())), "a\nb\nc\n");
}

TEST(AuthorizedKeys, TakeALineThatEndsWithinItsOptionsForNobodys) {
  const std::string cut = "restrict,from=\"\n";
  EXPECT_EQ(without_gate_lines(cut), cut);
}

TEST(AuthorizedKeys, KeepForeignLinesWhateverTheyAre) {
  std::mt19937 dice(20260108);
  const std::vector<std::string> pieces{"\n",   "\r\n",       "#",    "\"",   " ",
                                        "\t",   "command=\"", "\\\"", kOther, "ssh-rsa AAAA",
                                        "\xFF", "from=\"*\"", "a"};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (auto n = dice() % 12; n > 0; --n) text += pieces[dice() % pieces.size()];
    const auto with = with_gate_line(text, line());
    const bool whole = text.empty() || text.ends_with('\n');
    ASSERT_EQ(with, whole ? text + line() + "\n" : line() + "\n" + text) << "round " << i;
    ASSERT_EQ(without_gate_lines(with), text) << "round " << i;
  }
}

}  // namespace
}  // namespace tandem

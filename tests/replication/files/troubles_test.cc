#include "replication/files/troubles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/gate.h"

namespace tandem::files {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using enum Reason;

const SshEnds kEnds{"10.0.0.1", "10.0.0.2"};
const CopyNames kNames{"/moh", "pbx-b"};

Trouble after(int status, const std::string& errors) {
  CommandOutcome outcome;
  outcome.exit_status = status;
  outcome.errors = errors;
  return trouble_of(kNames, kEnds, outcome).value_or(Trouble{});
}

TEST(Troubles, AreNoneWhereRsyncSucceeds) {
  CommandOutcome outcome;
  outcome.exit_status = 0;
  outcome.errors = "a warning";
  EXPECT_FALSE(trouble_of(kNames, kEnds, outcome));
}

TEST(Troubles, NameTheFolderTheStatusInWordsAndTheRemedy) {
  const auto trouble =
      after(23,
            "rsync: [sender] open \"/moh/a\" failed: Permission denied (13)\n"
            "rsync error: some files/attrs were not transferred (code 23) at main.c(1338)\n");
  EXPECT_EQ(trouble.reason, partly);
  EXPECT_EQ(trouble.message,
            "/moh: rsync ended with 23 (some files could not be transferred): rsync: [sender] open "
            "\"/moh/a\" failed: Permission denied (13); the rest was copied; mend what is named, "
            "the next copy brings it");
}

TEST(Troubles, TellAFullDiskFromOtherPartialCopies) {
  EXPECT_EQ(after(11, "rsync: write failed: No space left on device (28)\n").reason, target_full);
  EXPECT_EQ(after(23, "rsync: mkstemp: Read-only file system (30)\n").reason, target_read_only);
}

TEST(Troubles, TakeSshsWordsWhereThereAreSome) {
  const std::string rsyncs = "rsync: connection unexpectedly closed\nrsync error: code 255\n";
  EXPECT_EQ(
      after(255, "ssh: connect to host 10.0.0.2 port 22: Connection refused\n" + rsyncs).reason,
      unreachable);
  EXPECT_EQ(after(255, "Host key verification failed.\n" + rsyncs).reason, host_key);
  const auto denied = after(255, "root@10.0.0.2: Permission denied (publickey).\n" + rsyncs);
  EXPECT_EQ(denied.reason, key_refused);
  EXPECT_THAT(denied.message, HasSubstr("tandem init"));
  EXPECT_EQ(after(12, "rsync: connection unexpectedly closed (0 bytes)\n").reason, cut);
  EXPECT_EQ(after(255, rsyncs).reason, cut) << "a kept connection that went away";
  EXPECT_EQ(after(255, "Connection to 10.0.0.2 closed by remote host.\n" + rsyncs).reason, cut);
}

TEST(Troubles, KnowHowAProgramEnds) {
  EXPECT_EQ(after(127, "env: '/usr/bin/rsync': No such file or directory\n").reason, rsync_missing);
  EXPECT_EQ(after(30, "rsync error: timeout\n").reason, cut);
  EXPECT_EQ(after(24, "file has vanished: \"/moh/a\"\n").reason, source_changes);
  EXPECT_EQ(after(25, "Deletions stopped due to --max-delete limit\n").reason, source_changes);
  EXPECT_THAT(after(77, "").message, HasSubstr("77 (no known meaning)"));
  EXPECT_EQ(trouble_of(kNames, kEnds, Error{Fault::cancelled, ""})->reason, aborted);
  EXPECT_EQ(trouble_of(kNames, kEnds, Error{Fault::timed_out, ""})->reason, timed_out);
  EXPECT_EQ(trouble_of(kNames, kEnds, Error{Fault::not_found, ""})->reason, rsync_missing);
  CommandOutcome killed;
  killed.signal = 9;
  EXPECT_EQ(trouble_of(kNames, kEnds, killed)->reason, cut);
}

TEST(Troubles, OfTheWholeWayNameNoFolder) {
  const std::string refused = "ssh: connect to host 10.0.0.2 port 22: Connection refused\n";
  for (const std::string& errors : {refused, std::string("Host key verification failed.\n")})
    EXPECT_THAT(after(255, errors).message, Not(HasSubstr("/moh"))) << errors;
  EXPECT_EQ(trouble_of_session(Error{Fault::denied, "ssh to 10.0.0.2: no"}).message,
            "ssh to 10.0.0.2: no");
  EXPECT_EQ(trouble_of(kNames, kEnds, Error{Fault::cancelled, ""})->message,
            "the copy was aborted");
  EXPECT_THAT(trouble_of(kNames, kEnds, Error{Fault::timed_out, "no end after 2h"})->message,
              StartsWith("/moh: no end after 2h"))
      << "it is this folder that takes so long";
}

// The gate's own sentences, as it says them now.
class GateTroublesTest : public testing::Test {
 protected:
  GateTroublesTest() {
    pair_.primary = {"pbx-a", "10.0.0.1", {}};
    pair_.secondary = {"pbx-b", "10.0.0.2", {}};
  }

  Reason reason() {
    const auto why = gate_refuses(known_, GateRequest::Verb::push);
    if (!why) return failed;
    return after(12, "tandem sync-gate: refused: " + *why + "\nrsync: connection closed\n").reason;
  }

  HAPair pair_;
  GateKnowledge known_{"pbx-b", "10.0.0.1", &pair_, true};
};

TEST_F(GateTroublesTest, HaveAReasonForEachRefusal) {
  known_.standing_by = false;
  EXPECT_EQ(reason(), target_serves);
  known_.standing_by = Error{Fault::denied, "no looking"};
  EXPECT_EQ(reason(), target_unsure);
  pair_.enabled = false;
  EXPECT_EQ(reason(), target_off);
  known_.client = "10.0.0.9";
  EXPECT_EQ(reason(), not_its_primary);
  known_.node = "pbx-a";
  EXPECT_EQ(reason(), not_its_primary);
  known_.pair = nullptr;
  EXPECT_EQ(reason(), no_declaration);
}

TEST_F(GateTroublesTest, KnowTheOtherSentencesToo) {
  const auto of = [](const std::string& why) {
    return after(12, "tandem sync-gate: refused: " + why + "\n").reason;
  };
  EXPECT_EQ(
      of("Asterisk runs on this node although it is marked as standing by: nothing is written"),
      target_serves);
  EXPECT_EQ(of("this node is about to serve: nothing is copied onto it"), target_serves);
  EXPECT_EQ(of(place_of("/srv/x", {}).error().message), not_declared_there);
  EXPECT_EQ(of("/usr/bin/rsync: cannot start: No such file or directory"), rsync_missing_there);
  EXPECT_EQ(of("a sentence of another version"), gate_refused);
}

TEST_F(GateTroublesTest, RepeatItsWords) {
  EXPECT_THAT(
      after(1, "tandem sync-gate: refused: pbx-b serves: nothing is copied onto it\r\nmore")
          .message,
      "pbx-b says: pbx-b serves: nothing is copied onto it; nothing to do: it is copied again once "
      "pbx-b stands by");
  EXPECT_THAT(
      after(1, "tandem sync-gate: refused: /moh is not one of the declared directories\n").message,
      HasSubstr("/moh: pbx-b says: /moh is not one of "));
}

TEST_F(GateTroublesTest, SayOnWhichNodeACommandIsRun) {
  known_.pair = nullptr;
  const auto why = gate_refuses(known_, GateRequest::Verb::push);
  EXPECT_THAT(after(12, "tandem sync-gate: refused: " + *why + "\n").message,
              StartsWith("pbx-b says: no declaration is in force on this node; run on it: "));
}

}  // namespace
}  // namespace tandem::files

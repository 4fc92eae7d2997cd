#include "app/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "pbx/postgres_password.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

using Verb = GateRequest::Verb;

const std::string kPath = "/etc/tandem/pgpass";
const std::string kPassword = "0123456789abcdef0123456789abcdef";

class GateTest : public testing::Test {
 protected:
  GateTest() {
    pair_.name = "lab";
    pair_.primary = {"pbx-a", "10.0.0.1", {{"mgmt", "10.1.0.1"}}};
    pair_.secondary = {"pbx-b", "10.0.0.2", {}};
  }

  // Why it is refused; "" where it may go on.
  std::string refusal(Verb verb) { return gate_refuses(known_, verb).value_or(""); }

  HAPair pair_;
  GateKnowledge known_{"pbx-b", "10.0.0.1", &pair_, true};
};

TEST_F(GateTest, LetsThePrimaryCopyOntoAStandingBySecondary) {
  for (const Verb verb : {Verb::facts, Verb::password, Verb::push, Verb::pull})
    EXPECT_EQ(refusal(verb), "");
  known_.client = "10.1.0.1";
  EXPECT_EQ(refusal(Verb::push), "") << "another path of the primary";
}

TEST_F(GateTest, LetsNothingBeCopiedOntoANodeThatServes) {
  known_.standing_by = false;
  EXPECT_NE(refusal(Verb::push).find("pbx-b serves"), std::string::npos);
  EXPECT_EQ(refusal(Verb::pull), "") << "what it holds is wanted all the more";
  known_.standing_by = Error{Fault::denied, "no looking"};
  EXPECT_NE(refusal(Verb::push).find("no looking"), std::string::npos);
}

TEST_F(GateTest, KnowsWhoseSecondaryItIs) {
  known_.node = "pbx-a";
  for (const Verb verb : {Verb::password, Verb::push, Verb::pull})
    EXPECT_NE(refusal(verb).find("not the secondary"), std::string::npos);
  known_.node = "pbx-b";
  known_.client = "10.0.0.9";
  for (const Verb verb : {Verb::password, Verb::push, Verb::pull})
    EXPECT_NE(refusal(verb).find("not an address of the primary"), std::string::npos);
}

TEST_F(GateTest, WantsADeclarationInForceAndHaOn) {
  pair_.enabled = false;
  EXPECT_NE(refusal(Verb::push).find("spec.enabled"), std::string::npos);
  known_.pair = nullptr;
  EXPECT_NE(refusal(Verb::push).find("tandem apply --structural"), std::string::npos);
  EXPECT_EQ(refusal(Verb::facts), "") << "they are asked for before there is one";
}

TEST_F(GateTest, AnswersOnlyToSsh) {
  known_.client = client_of(nullptr);
  for (const Verb verb : {Verb::facts, Verb::push}) EXPECT_NE(refusal(verb), "");
  EXPECT_EQ(client_of("10.0.0.1 40000 10.0.0.2 22"), "10.0.0.1");
}

TEST_F(GateTest, OpensTheDeclaredDirectoriesToCopiesAndTheHarvestToReading) {
  pair_.replication.directories = {"/srv/own"};
  pair_.replication.voicemail = Replication::Voicemail::none;
  const auto has = [&](Verb verb, const std::string& folder) {
    const auto folders = gate_folders(pair_, verb);
    return std::ranges::find(folders, folder) != folders.end();
  };
  EXPECT_TRUE(has(Verb::push, "/var/lib/asterisk/moh"));
  EXPECT_TRUE(has(Verb::push, "/srv/own"));
  EXPECT_FALSE(has(Verb::push, "/var/spool/asterisk/voicemail"));
  EXPECT_TRUE(has(Verb::pull, "/var/spool/asterisk/voicemail"));
  EXPECT_TRUE(has(Verb::pull, "/var/lib/asterisk/moh")) << "sounds that users made there";
  EXPECT_FALSE(has(Verb::pull, "/var/lib/asterisk/agi-bin"));
  pair_.replication.voicemail = Replication::Voicemail::all;
  pair_.replication.harvest_voicemail = pair_.replication.harvest_recordings = false;
  EXPECT_TRUE(has(Verb::push, "/var/spool/asterisk/voicemail"));
  EXPECT_FALSE(has(Verb::pull, "/var/spool/asterisk/voicemail"));
}

TEST_F(GateTest, LetsNobodyWriteOverWhatIsToComeHome) {
  harvest::Owed owed{7, WallTime{}, true};
  const std::string voicemail = "/var/spool/asterisk/voicemail";
  const auto why = harvest_refuses(pair_, voicemail, owed);
  ASSERT_TRUE(why);
  EXPECT_NE(why->find("has not come home"), std::string::npos);
  EXPECT_TRUE(harvest_refuses(pair_, "/var/lib/asterisk/moh", owed));
  EXPECT_FALSE(harvest_refuses(pair_, "/etc/xivo/asterisk", owed))
      << "nobody leaves anything there";
  EXPECT_TRUE(harvest_refuses(pair_, voicemail, Error{Fault::invalid, "torn"}))
      << "it can not be told";
  owed.owed = false;
  EXPECT_FALSE(harvest_refuses(pair_, voicemail, owed));
  owed.owed = true;
  pair_.replication.harvest_voicemail = false;
  EXPECT_FALSE(harvest_refuses(pair_, voicemail, owed)) << "it is not wanted home";
}

TEST_F(GateTest, TellsWhatIsOwedToItsPrimaryAndEndsItOnlyWhileItStandsBy) {
  EXPECT_EQ(refusal(Verb::harvest_owed), "");
  EXPECT_EQ(refusal(Verb::harvest_home), "");
  known_.standing_by = false;
  EXPECT_EQ(refusal(Verb::harvest_owed), "");
  EXPECT_NE(refusal(Verb::harvest_home).find("serves"), std::string::npos);
  known_.client = "10.0.0.99";
  EXPECT_NE(refusal(Verb::harvest_owed), "");
}

TEST_F(GateTest, TakesAPasswordOnce) {
  fakes::MemoryFilesystem disk;
  EXPECT_EQ(take_password(disk, kPath, kPassword + "\n").value(), "kept");
  EXPECT_EQ(disk.files[kPath].mode, 0600U);
  EXPECT_EQ(read_postgres_password(disk, kPath).value(), kPassword);
  EXPECT_EQ(take_password(disk, kPath, kPassword).value(), "known");
  disk.journal.clear();
  const auto other = take_password(disk, kPath, "f" + kPassword);
  EXPECT_EQ(other.error().fault, Fault::denied);
  EXPECT_NE(other.error().message.find("tandem init"), std::string::npos);
  EXPECT_EQ(other.error().message.find(kPassword), std::string::npos);
  EXPECT_TRUE(disk.journal.empty());
}

TEST_F(GateTest, TakesNothingElseForAPassword) {
  fakes::MemoryFilesystem disk;
  for (const std::string& text :
       {std::string(), std::string("short"), kPassword + "\n*:*:*:postgres:x", kPassword + ":x",
        std::string(5000, 'a')})
    EXPECT_FALSE(take_password(disk, kPath, text).ok());
  EXPECT_TRUE(disk.files.empty());
  disk.files[kPath] = fakes::File("what an administrator keeps there\n", 0600);
  EXPECT_EQ(take_password(disk, kPath, kPassword).error().fault, Fault::denied);
  EXPECT_EQ(disk.files[kPath].content, "what an administrator keeps there\n");
}

TEST_F(GateTest, TellsADiskThatDoesNotTakeIt) {
  fakes::MemoryFilesystem disk;
  disk.changes_left = 0;
  EXPECT_EQ(take_password(disk, kPath, kPassword).error().fault, Fault::unavailable);
  disk.changes_left = 100;
  EXPECT_EQ(take_password(disk, kPath, kPassword).value(), "kept");
}

}  // namespace
}  // namespace tandem

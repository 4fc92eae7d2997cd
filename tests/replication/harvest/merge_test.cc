// What comes home and what does not, on both sides in memory; and after a kill at each moment.
#include "replication/harvest/merge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/guillotine.h"
#include "tests/fakes/memory_spool.h"
#include "tests/replication/harvest/killed_spool.h"

namespace tandem::harvest {
namespace {

using fakes::MemorySpool;
using fakes::SpoolFile;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kBefore = 1'700'000'000, kSince = 1'700'100'000, kAfter = 1'700'100'100;
const std::string kBox = "default/1001";
const std::string kInbox = kBox + "/INBOX";

std::string text_of(const std::string& id, int time, const std::string& caller = "Ada <100>") {
  return fmt::format("[message]\norigmailbox=1001\ncallerid={}\norigtime={}\nduration=7\n{}\n",
                     caller, time, id.empty() ? "" : "msg_id=" + id);
}

// A message of both parts on one side.
void leave(std::map<std::string, SpoolFile>& side, const std::string& folder, int number,
           const std::string& text, const std::string& sound = "") {
  const std::string base = fmt::format("{}/msg{:04}", folder, number);
  side[base + ".txt"] = SpoolFile(text, kAfter);
  side[base + ".wav"] = SpoolFile(sound.empty() ? "sound of " + text : sound, kAfter);
}

class MergeTest : public testing::Test {
 protected:
  MergeReport run(Kind kind = Kind::voicemail) {
    auto report = merge(kind, spool_, order_);
    last_ = testing::PrintToString(report.troubles);
    return report;
  }
  std::string last_;
  // Names below a folder here.
  std::vector<std::string> names(const std::string& folder) {
    std::vector<std::string> found;
    const auto entries = spool_.list(Spool::Side::here, folder);
    for (const auto& entry : entries.value()) found.push_back(entry.name);
    return found;
  }

  MemorySpool spool_;
  MergeOrder order_{WallTime(std::chrono::seconds{kSince})};
};

TEST_F(MergeTest, AppendsAMessageUnderTheNextNumberWithAllItsSounds) {
  leave(spool_.here, kInbox, 0, text_of("1-a", kBefore));
  leave(spool_.brought, kInbox, 0, text_of("2-b", kAfter));
  spool_.brought[kInbox + "/msg0000.gsm"] = "small";
  const auto report = run();
  EXPECT_EQ(report.counts.messages, 1U) << last_;
  EXPECT_THAT(report.changed, ElementsAre("1001@default"));
  EXPECT_THAT(names(kInbox), ElementsAre("msg0000.txt", "msg0000.wav", "msg0001.gsm", "msg0001.txt",
                                         "msg0001.wav"));
  EXPECT_EQ(spool_.here[kInbox + "/msg0001.txt"].content, text_of("2-b", kAfter));
  EXPECT_EQ(spool_.here[kInbox + "/msg0001.gsm"].content, "small");
  EXPECT_EQ(spool_.brought.size(), 3U) << "nothing of it is taken away";
}

TEST_F(MergeTest, HasNothingToDoTheSecondTime) {
  leave(spool_.brought, kInbox, 0, text_of("2-b", kAfter));
  leave(spool_.brought, kInbox, 1, text_of("", kAfter));
  spool_.brought[kBox + "/unavail.wav"] = SpoolFile("hello", kAfter);
  EXPECT_EQ(run().counts.items(), 3U);
  const auto after = spool_.here;
  const auto again = run();
  EXPECT_EQ(again.counts, Counts{});
  EXPECT_TRUE(again.ok());
  EXPECT_EQ(spool_.here, after);
}

TEST_F(MergeTest, MakesAMailboxThatIsNotHereYet) {
  leave(spool_.brought, "sales/2002/Work", 3, text_of("2-b", kAfter));
  EXPECT_THAT(run().changed, ElementsAre("2002@sales"));
  EXPECT_THAT(names("sales/2002/Work"), ElementsAre("msg0000.txt", "msg0000.wav"));
}

TEST_F(MergeTest, KnowsAMessageThatWasMovedOnEitherSide) {
  leave(spool_.here, kBox + "/Old", 0, text_of("1-a", kBefore));
  leave(spool_.brought, kInbox, 0, text_of("1-a", kBefore));
  leave(spool_.here, kInbox, 0, text_of("", kBefore), "heard twice");
  leave(spool_.brought, kBox + "/Work", 0, text_of("", kBefore), "heard twice");
  EXPECT_EQ(run().counts.items(), 0U);
}

// Each node counts its identifiers for itself.
TEST_F(MergeTest, TakesTwoMessagesOfOneIdentifierForTwo) {
  leave(spool_.here, kInbox, 0, text_of("1700100100-00000000", kAfter, "Ada <100>"));
  leave(spool_.brought, kInbox, 0, text_of("1700100100-00000000", kAfter, "Bob <101>"));
  EXPECT_EQ(run().counts.messages, 1U);
}

TEST_F(MergeTest, TakesTwoIdentifiersOfOneSoundForTwo) {
  leave(spool_.here, kInbox, 0, text_of("1-a", kAfter), "silence");
  leave(spool_.brought, kInbox, 0, text_of("2-b", kAfter), "silence");
  EXPECT_EQ(run().counts.messages, 1U);
}

// Asterisk writes one into texts that have none, whenever it likes.
TEST_F(MergeTest, KnowsAMessageWhoseTextGotItsIdentifierLater) {
  leave(spool_.here, kInbox, 0, text_of("", kAfter), "the sound");
  leave(spool_.brought, kInbox, 0, text_of("5-e", kAfter), "the sound");
  EXPECT_EQ(run().counts.items(), 0U);
}

TEST_F(MergeTest, BringsNoMessageAgainThatAUserDeletedSince) {
  leave(spool_.brought, kInbox, 0, text_of("2-b", kAfter));
  leave(spool_.brought, kInbox, 1, text_of("", kAfter));
  order_.settled = run().seen;
  spool_.here.clear();  // heard and deleted
  leave(spool_.brought, kInbox, 2, text_of("3-c", kAfter + 1));
  const auto report = run();
  EXPECT_EQ(report.counts.messages, 1U);
  EXPECT_EQ(spool_.here[kInbox + "/msg0000.txt"].content, text_of("3-c", kAfter + 1));
}

TEST_F(MergeTest, LeavesAMessageThatWasDeletedHereBeforeTheTakeover) {
  order_.messages_are_copied = true;
  leave(spool_.brought, kInbox, 0, text_of("1-a", kBefore));
  leave(spool_.brought, kInbox, 1, text_of("2-b", kAfter));
  EXPECT_EQ(run().counts.messages, 1U);
  order_.messages_are_copied = false;
  EXPECT_EQ(run().counts.messages, 1U) << "where messages are not copied it was left there";
}

TEST_F(MergeTest, TakesNoMessageThatIsNotWhole) {
  spool_.brought[kInbox + "/msg0000.wav"] = "being recorded";
  leave(spool_.brought, kBox + "/tmp", 0, text_of("2-b", kAfter));
  EXPECT_EQ(run().counts.items(), 0U);
  EXPECT_THAT(spool_.here, IsEmpty());
}

TEST_F(MergeTest, ClosesAGapAndPassesOverSoundsOfOthers) {
  leave(spool_.here, kInbox, 1, text_of("1-a", kBefore));
  spool_.here[kInbox + "/msg0000.wav"] = "of a message whose text was lost";
  leave(spool_.brought, kInbox, 0, text_of("2-b", kAfter));
  EXPECT_EQ(run().counts.messages, 1U);
  EXPECT_TRUE(spool_.here.contains(kInbox + "/msg0002.txt"));
  EXPECT_EQ(spool_.here[kInbox + "/msg0000.wav"].content, "of a message whose text was lost");
}

TEST_F(MergeTest, TriesAMailboxInUseLaterAndBringsTheOthers) {
  leave(spool_.brought, kInbox, 0, text_of("2-b", kAfter));
  leave(spool_.brought, "default/1002/INBOX", 0, text_of("3-c", kAfter));
  spool_.here[kInbox + "/.lock"] = "";
  const auto busy = run();
  EXPECT_TRUE(busy.busy);
  EXPECT_FALSE(busy.ok());
  EXPECT_THAT(busy.changed, ElementsAre("1002@default"));
  EXPECT_THAT(names(kInbox), ElementsAre(".lock")) << "nothing of ours is left in it";
  spool_.here.erase(kInbox + "/.lock");
  EXPECT_EQ(run().counts.messages, 1U);
}

TEST_F(MergeTest, TellsAFullDiskAndLeavesNothingHalf) {
  leave(spool_.brought, kInbox, 0, text_of("2-b", kAfter), std::string(1000, 's'));
  spool_.room = 500;
  const auto full = run();
  ASSERT_FALSE(full.ok());
  EXPECT_THAT(full.troubles.front(), HasSubstr("No space left"));
  EXPECT_THAT(spool_.here, IsEmpty());
  spool_.room = 5000;
  EXPECT_EQ(run().counts.messages, 1U);
}

TEST_F(MergeTest, KeepsTheOlderGreetingBesideTheNewer) {
  spool_.here[kBox + "/unavail.wav"] = SpoolFile("old", kBefore);
  spool_.here[kBox + "/busy.wav"] = SpoolFile("recorded here since", kAfter + 5);
  spool_.brought[kBox + "/unavail.wav"] = SpoolFile("new", kAfter);
  spool_.brought[kBox + "/busy.wav"] = SpoolFile("recorded there", kAfter);
  spool_.brought[kBox + "/greet.wav"] = SpoolFile("first", kAfter);
  spool_.brought[kBox + "/temp.wav"] = SpoolFile("deleted here long ago", kBefore);
  const auto report = run();
  EXPECT_EQ(report.counts.greetings, 2U);
  EXPECT_EQ(report.counts.kept_beside, 1U);
  EXPECT_EQ(spool_.here[kBox + "/unavail.wav"].content, "new");
  EXPECT_EQ(spool_.here[kBox + "/busy.wav"].content, "recorded here since");
  EXPECT_EQ(spool_.here[kBox + "/greet.wav"].content, "first");
  EXPECT_FALSE(spool_.here.contains(kBox + "/temp.wav"));
  EXPECT_THAT(names(kBox), Contains(testing::StartsWith(".unavail.wav.before-harvest-")));
}

TEST_F(MergeTest, CopiesRecordingsThatAreMissingAndKeepsBothOfAnotherContent) {
  spool_.here["t1/monitor/call-1.wav"] = SpoolFile("here", kBefore);
  spool_.brought["t1/monitor/call-1.wav"] = SpoolFile("there", kAfter);
  spool_.brought["t1/monitor/2026/call-2.wav"] = SpoolFile("new", kAfter);
  const auto report = run(Kind::recordings);
  EXPECT_EQ(report.counts.recordings, 2U);
  EXPECT_EQ(report.counts.kept_beside, 1U);
  EXPECT_EQ(spool_.here["t1/monitor/call-1.wav"].content, "here");
  EXPECT_EQ(spool_.here["t1/monitor/2026/call-2.wav"].content, "new");
  EXPECT_THAT(names("t1/monitor"), Contains(testing::StartsWith("call-1.from-secondary-")));
  EXPECT_EQ(run(Kind::recordings).counts, Counts{});
}

// Otherwise what one run of ten minutes can read twice is all that ever comes home.
TEST_F(MergeTest, ReadsNothingAgainThatAnEarlierRunBroughtHome) {
  for (int i = 0; i < 5; ++i)
    spool_.brought["monitor/call-" + std::to_string(i)] = SpoolFile("sound", kAfter + i);
  EXPECT_EQ(run(Kind::recordings).counts.recordings, 5U);
  spool_.digests = 0;
  EXPECT_EQ(run(Kind::recordings).counts, Counts{});
  EXPECT_EQ(spool_.digests, 0);
}

TEST_F(MergeTest, BringsRecordingsIntoAFolderOfMoreNamesThanAreListed) {
  for (int i = 0; i < 9; ++i) spool_.here["old-" + std::to_string(i)] = "here";
  spool_.brought["call.wav"] = SpoolFile("new", kAfter);
  spool_.brought["old-1"] = SpoolFile("there", kAfter);
  spool_.names_max = 5;
  const auto report = run(Kind::recordings);
  EXPECT_TRUE(report.ok()) << last_;
  EXPECT_EQ(report.counts.recordings, 2U);
  EXPECT_EQ(spool_.here["call.wav"].content, "new");
  EXPECT_EQ(spool_.here["old-1"].content, "here");
}

TEST_F(MergeTest, LetsTheNewerSoundWinAndKeepsTheOther) {
  spool_.here["default/hold.wav"] = SpoolFile("old", kBefore);
  spool_.brought["default/hold.wav"] = SpoolFile("new", kAfter);
  spool_.here["default/gong.wav"] = SpoolFile("changed here", kAfter);
  spool_.brought["default/gong.wav"] = SpoolFile("the older one", kBefore);
  const auto report = run(Kind::sounds);
  EXPECT_EQ(report.counts.sounds, 1U);
  EXPECT_EQ(spool_.here["default/hold.wav"].content, "new");
  EXPECT_EQ(spool_.here["default/gong.wav"].content, "changed here");
  EXPECT_THAT(names("default"), Contains(testing::StartsWith(".hold.wav.before-harvest-")));
  EXPECT_EQ(run(Kind::sounds).counts, Counts{});
}

TEST_F(MergeTest, RefusesNamesThatNoProgramMakes) {
  spool_.brought["a/bad\nname.wav"] = "x";
  spool_.brought["a/" + std::string(300, 'n')] = "x";
  spool_.brought["a/.hidden"] = "x";
  spool_.odd.insert("a/fifo");
  const auto report = run(Kind::sounds);
  EXPECT_EQ(report.counts.refused, 3U);
  EXPECT_TRUE(report.ok()) << "they keep nothing waiting";
  EXPECT_THAT(spool_.here, IsEmpty());
}

TEST_F(MergeTest, EndsWhenItIsTold) {
  for (int i = 0; i < 5; ++i)
    leave(spool_.brought, kInbox, i, text_of("2-" + std::to_string(i), kAfter));
  int asked = 0;
  order_.enough = [&asked] { return ++asked > 3; };
  const auto report = run();
  EXPECT_FALSE(report.ok());
  EXPECT_LT(report.counts.messages, 5U);
  order_.enough = [] { return false; };
  run();
  EXPECT_EQ(names(kInbox).size(), 10U);
}

// Messages, greetings, recordings and sounds, killed at each moment and done again: each is here
// once and whole, nothing that was here is gone, and no lock stays.
TEST_F(MergeTest, LosesAndDoublesNothingWhenItIsKilledAtAnyMoment) {
  const auto prepare = [](MemorySpool& spool) {
    leave(spool.here, kInbox, 0, text_of("1-a", kBefore));
    leave(spool.brought, kInbox, 0, text_of("2-b", kAfter));
    leave(spool.brought, kInbox, 1, text_of("", kAfter));
    spool.here[kBox + "/unavail.wav"] = SpoolFile("old", kBefore);
    spool.brought[kBox + "/unavail.wav"] = SpoolFile("new", kAfter);
  };
  MemorySpool whole;
  prepare(whole);
  (void)merge(Kind::voicemail, whole, order_);
  int partly = 0;
  const int cuts = fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
    MemorySpool spool;
    prepare(spool);
    KilledSpool killed(spool, guillotine);
    try {
      (void)merge(Kind::voicemail, killed, order_);
    } catch (const fakes::Killed&) {
    }
    partly += spool.here != whole.here && spool.here.size() > 4 ? 1 : 0;
    const auto again = merge(Kind::voicemail, spool, order_);
    EXPECT_TRUE(again.ok()) << guillotine.where();
    EXPECT_EQ(spool.here.size(), whole.here.size()) << guillotine.where();
    EXPECT_EQ(spool.here, whole.here) << guillotine.where();
  });
  EXPECT_TRUE(fakes::is_enough(cuts, 60)) << cuts;
  EXPECT_TRUE(fakes::is_enough(partly, 20)) << "hardly a cut left anything to be finished";
}

}  // namespace
}  // namespace tandem::harvest

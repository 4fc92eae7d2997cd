// What is owed, as the files of both nodes keep it, and which trees it concerns.
#include "replication/harvest/owed.h"

#include <gtest/gtest.h>

#include "core/formats.h"
#include "replication/harvest/settled.h"
#include "replication/harvest/trees.h"
#include "tests/fakes/guillotine.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem::harvest {
namespace {

const std::string kState = "/var/lib/tandem";
const WallTime kFirst = *parse_time("2026-11-26T10:00:00Z");
const WallTime kLater = *parse_time("2026-11-27T10:00:00Z");

class OwedTest : public testing::Test {
 protected:
  Owed kept() { return read_owed(disk_, kState).value(); }

  fakes::MemoryFilesystem disk_;
};

TEST_F(OwedTest, OwesNothingBeforeItServed) {
  EXPECT_FALSE(kept().owed);
  EXPECT_TRUE(settle(disk_, kState, 7).ok());
}

TEST_F(OwedTest, OwesSinceTheFirstTimeAndUnderANewNumberEachTime) {
  disk_.directories.insert(kState);
  ASSERT_TRUE(owe(disk_, kState, kFirst).ok());
  const Owed first = kept();
  ASSERT_TRUE(owe(disk_, kState, kLater).ok());
  EXPECT_TRUE(kept().owed);
  EXPECT_EQ(kept().since, kFirst);
  EXPECT_GT(kept().number, first.number);
  EXPECT_EQ(settle(disk_, kState, first.number).error().fault, Fault::invalid)
      << "a harvest that began before it served again";
  EXPECT_TRUE(kept().owed);
  ASSERT_TRUE(settle(disk_, kState, kept().number).ok());
  EXPECT_FALSE(kept().owed);
}

TEST_F(OwedTest, GivesNoNumberTwiceNotEvenOverAClockThatWasSetBack) {
  disk_.directories.insert(kState);
  ASSERT_TRUE(owe(disk_, kState, kLater).ok());
  const Owed first = kept();
  ASSERT_TRUE(settle(disk_, kState, first.number).ok());
  ASSERT_TRUE(owe(disk_, kState, kFirst).ok());
  EXPECT_GT(kept().number, first.number);
  EXPECT_EQ(kept().since, kFirst);
}

TEST_F(OwedTest, OwesAllWhereTheFileTellsNothing) {
  disk_.files[kState + "/harvest-owed.json"] = "{\"number\":";
  EXPECT_EQ(read_owed(disk_, kState).error().fault, Fault::invalid);
  EXPECT_FALSE(settle(disk_, kState, 1).ok());
  ASSERT_TRUE(owe(disk_, kState, kLater).ok());
  EXPECT_EQ(kept().since, WallTime{}) << "nobody knows since when";
}

TEST_F(OwedTest, OwesWhetherItIsKilledBeforeOrAfterTheNote) {
  fakes::for_every_cut([](fakes::Guillotine& guillotine) {
    fakes::MemoryFilesystem files;
    files.directories.insert(kState);
    ASSERT_TRUE(owe(files, kState, kFirst).ok());
    fakes::KilledFilesystem killed(files, guillotine);
    try {
      (void)owe(killed, kState, kLater);
    } catch (const fakes::Killed&) {
    }
    EXPECT_TRUE(read_owed(files, kState).value().owed) << guillotine.where();
  });
}

TEST_F(OwedTest, TellsItInWords) {
  const OwedAnswer answer{{17, kFirst, true}, true};
  EXPECT_EQ(read_answer(to_text(answer)).value(), answer);
  for (const char* text : {"", "{}", "[]", "{\"number\":-1,\"since\":\"x\",\"owed\":true}"})
    EXPECT_FALSE(read_answer(text).ok()) << text;
}

TEST_F(OwedTest, RemembersWhatWasSeen) {
  disk_.directories.insert(kState);
  const Settled settled{kFirst, {"a", "b"}};
  ASSERT_TRUE(keep_settled(disk_, kState, settled).ok());
  EXPECT_EQ(load_settled(disk_, kState), settled);
  disk_.files[kState + "/harvest-settled.json"] = "nonsense";
  EXPECT_EQ(load_settled(disk_, kState), Settled{});
}

TEST(HarvestTrees, AreVoicemailRecordingsAndSounds) {
  Replication replication;
  const auto trees = harvest_trees(Product::wazo, replication);
  const auto has = [&](Kind kind, const std::string& path, const std::string& name, bool folder) {
    for (const auto& each : trees)
      if (each.kind == kind && each.tree.path == path) return belongs(each.tree, name, folder);
    return false;
  };
  const std::string tenants = "/var/lib/wazo/sounds/tenants";
  EXPECT_TRUE(has(Kind::voicemail, "/var/spool/asterisk/voicemail", "default/1001/INBOX", true));
  EXPECT_FALSE(has(Kind::voicemail, "/var/spool/asterisk/voicemail", "default/1001/tmp", true));
  EXPECT_TRUE(has(Kind::recordings, tenants, "t1", true));
  EXPECT_TRUE(has(Kind::recordings, tenants, "t1/monitor", true));
  EXPECT_TRUE(has(Kind::recordings, tenants, "t1/monitor/a.wav", false));
  EXPECT_FALSE(has(Kind::recordings, tenants, "t1/playback", true));
  EXPECT_TRUE(has(Kind::sounds, tenants, "t1/playback", true));
  EXPECT_FALSE(has(Kind::sounds, tenants, "t1/recording", true));
  EXPECT_TRUE(has(Kind::sounds, "/var/lib/asterisk/moh", "default/hold.wav", false));
  replication.harvest_voicemail = replication.harvest_recordings = false;
  for (const auto& each : harvest_trees(Product::wazo, replication))
    EXPECT_EQ(each.kind, Kind::sounds);
}

TEST(HarvestTrees, AreTouchedByCopiesIntoThemAndAboveThem) {
  const auto trees = harvest_trees(Product::wazo, Replication());
  for (const char* folder :
       {"/var/spool/asterisk/voicemail", "/var/spool/asterisk/voicemail/default", "/var/spool",
        "/var/lib/asterisk/moh"})
    EXPECT_TRUE(touches_harvest(trees, folder)) << folder;
  for (const char* folder :
       {"/etc/xivo/asterisk", "/var/lib/asterisk/agi-bin", "/var/spool/asterisk/voice"})
    EXPECT_FALSE(touches_harvest(trees, folder)) << folder;
}

}  // namespace
}  // namespace tandem::harvest

#include "replication/files/condition_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::files {
namespace {

using testing::HasSubstr;

class FileConditionsTest : public testing::Test {
 protected:
  Condition one(std::size_t which) { return file_conditions(goal_, report_, unwatched_).at(which); }
  void add(Reason reason, const std::string& message) {
    FolderReport folder;
    folder.path = "/moh";
    folder.result = FolderReport::Result::held_back;
    folder.trouble = Trouble{reason, message};
    report_.folders.push_back(folder);
  }

  FilesGoal goal_{
      .ends = {"10.0.0.1", "10.0.0.2"}, .direction = "", .sources = {}, .peer_name = "pbx-b"};
  Report report_;
  std::map<std::string, std::string> unwatched_;
};

TEST_F(FileConditionsTest, AreAllWellWhereNothingIsWrong) {
  report_.folders.push_back({"/moh", FolderReport::Result::equal});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(is_well(one(i))) << i;
}

TEST_F(FileConditionsTest, DoNotCallAMissingFolderAFailure) {
  add(Reason::source_missing, "/moh: it is not on this node");
  EXPECT_TRUE(is_well(one(0)));
  EXPECT_EQ(one(1).reason, "SourceMissing");
  EXPECT_TRUE(one(1).advisory);
  EXPECT_TRUE(report_.ok());
}

TEST_F(FileConditionsTest, CountOnlyWhatIsOnBothNodes) {
  report_.folders.push_back({"/a", FolderReport::Result::equal});
  EXPECT_EQ(one(0).message, "1 folder is on pbx-b as it is here");
  report_.folders.push_back({"/b", FolderReport::Result::unchanged});
  report_.folders.push_back({"/c", FolderReport::Result::copied});
  EXPECT_EQ(one(0).message, "3 folders are on pbx-b as they are here");
  add(Reason::source_missing, "/moh: it is not on this node");
  add(Reason::source_missing, "/moh: it is not on this node");
  EXPECT_EQ(one(0).message, "3 of 5 folders are on pbx-b as they are here; 2 are not on this node");
  goal_.sources.unfit.push_back({"/etc", "it is this node's own"});
  EXPECT_EQ(one(0).message,
            "3 of 6 folders are on pbx-b as they are here; 2 are not on this node; 1 is not fit to "
            "be copied");
  goal_.peer_name.clear();
  EXPECT_THAT(one(0).message, HasSubstr("are on 10.0.0.2 as"));
}

TEST_F(FileConditionsTest, TellSomeAndWhereTheOthersAre) {
  for (int i = 0; i < 5; ++i) add(Reason::shrink, fmt::format("/{}: shrunken", i));
  EXPECT_EQ(one(0).message,
            "/0: shrunken. /1: shrunken. /2: shrunken; and 2 more: tandem plan lists them");
  for (int i = 0; i < 5; ++i) unwatched_[fmt::format("/{}", i)] = "why";
  EXPECT_TRUE(one(2).message.ends_with("; and 2 more")) << one(2).message;
}

TEST_F(FileConditionsTest, TellWhatEndedARunOnce) {
  add(Reason::unreachable, "ssh to 10.0.0.2: refused");
  report_.folders.push_back(report_.folders.front());
  report_.trouble = report_.folders.front().trouble;
  EXPECT_EQ(one(0).reason, "Unreachable");
  EXPECT_EQ(one(0).message, "ssh to 10.0.0.2: refused");
}

TEST_F(FileConditionsTest, HaveTheReasonOfWhatIsToldFirst) {
  goal_.sources.unfit.push_back({"/etc", "it is this node's own"});
  add(Reason::source_missing, "/moh: it is not on this node");
  EXPECT_EQ(one(1).reason, "NotFit");
  EXPECT_EQ(one(1).message,
            "/etc: not copied, since it is this node's own. /moh: it is not on this node");
}

TEST_F(FileConditionsTest, NameTheGuard) {
  add(Reason::shrink, "/moh: 51 of 100 files");
  EXPECT_EQ(one(0).reason, "Shrink");
  EXPECT_THAT(one(0).message, HasSubstr("51 of 100"));
  EXPECT_FALSE(report_.ok());
}

TEST_F(FileConditionsTest, TellUnfitAndUnwatchedFolders) {
  goal_.sources.unfit.push_back({"/etc", "it is this node's own"});
  unwatched_["/moh"] = "raise fs.inotify.max_user_watches";
  EXPECT_EQ(one(1).reason, "NotFit");
  EXPECT_EQ(one(2).type, "FileChangesWatched") << "the loop has a FilesWatched of its own";
  EXPECT_THAT(one(2).message, HasSubstr("max_user_watches"));
}

}  // namespace
}  // namespace tandem::files

#include "replication/files/condition_text.h"

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

  FilesGoal goal_{.ends = {"10.0.0.1", "10.0.0.2"}, .direction = "", .sources = {}};
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

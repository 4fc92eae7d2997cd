#include "replication/files/memory.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem::files {
namespace {

const RememberedFolders kFolders{{"/var/lib/asterisk/moh", {12, true, {"a", "b/c"}, 34}},
                                 {"/srv/our files", {13, false, {}, 0}}};

TEST(RememberedFolders, AreReadAsTheyWereWritten) {
  EXPECT_EQ(read_remembered(to_text(kFolders)).value(), kFolders);
}

TEST(RememberedFolders, OutliveARestart) {
  fakes::MemoryFilesystem disk;
  disk.directories.insert("/state");
  ASSERT_TRUE(keep_remembered(disk, "/state", kFolders).ok());
  EXPECT_EQ(load_remembered(disk, "/state"), kFolders);
  EXPECT_EQ(disk.files["/state/files-copied.json"].mode, 0600U);
}

TEST(RememberedFolders, AreNoneWhereTheFileIsDamaged) {
  fakes::MemoryFilesystem disk;
  EXPECT_EQ(load_remembered(disk, "/state"), RememberedFolders());
  for (const char* text : {"", "[]", "{", R"({"/a": 1})", R"({"/a": {"inode": -1}})",
                           R"({"/a": {"inode": 1, "mount": false, "mounts": [1], "files": 1}})"}) {
    disk.files["/state/files-copied.json"] = text;
    EXPECT_EQ(load_remembered(disk, "/state"), RememberedFolders()) << text;
  }
}

TEST(RememberedFolders, LeaveOutNamesThatCanNotBeWritten) {
  TreeLook look;
  look.mounts = {"a", "b\xff", "c\n"};
  EXPECT_EQ(remembered(look).mounts, std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace tandem::files

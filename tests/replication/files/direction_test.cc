#include "replication/files/direction.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem::files {
namespace {

TEST(Direction, NamesBothNodes) {
  HAPair pair;
  pair.primary = {"pbx-a", "192.0.2.10", {}};
  pair.secondary = {"pbx-b", "192.0.2.11", {}};
  EXPECT_EQ(direction_of(pair), "wazo: pbx-a 192.0.2.10 > pbx-b 192.0.2.11");
}

TEST(Direction, IsKeptAndWrittenOnce) {
  fakes::MemoryFilesystem disk;
  disk.directories.insert("/state");
  EXPECT_EQ(kept_direction(disk, "/state").value(), "");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(keep_direction(disk, "/state", "a > b").ok());
  EXPECT_EQ(kept_direction(disk, "/state").value(), "a > b");
  EXPECT_EQ(disk.journal, std::vector<std::string>{"replace /state/files-direction"});
}

}  // namespace
}  // namespace tandem::files

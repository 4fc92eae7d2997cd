#include "probes/standing_probe.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

TEST(StandingProbe, GoesByTheVendorsMarker) {
  fakes::MemoryFilesystem disk;
  const Profile& profile = profile_of(Product::wazo);
  EXPECT_FALSE(stands_by(disk, profile).value());
  disk.files["/var/lib/wazo/disabled"] = "";
  EXPECT_TRUE(stands_by(disk, profile).value());
  EXPECT_TRUE(disk.journal.empty());
}

TEST(StandingProbe, NeverGuesses) {
  fakes::MemoryFilesystem disk;
  disk.errors["/var/lib/wazo/disabled"] = Error{Fault::denied, "permission denied"};
  EXPECT_EQ(stands_by(disk, profile_of(Product::wazo)).error().fault, Fault::denied);
}

}  // namespace
}  // namespace tandem

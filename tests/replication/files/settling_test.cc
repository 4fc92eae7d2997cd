#include "replication/files/settling.h"

#include <gtest/gtest.h>

namespace tandem::files {
namespace {

using std::chrono::seconds;
using Paths = std::set<std::string>;

const Instant kStart{std::chrono::hours{1}};

TEST(Settling, WaitsUntilAFolderIsAtRest) {
  Settling settling;
  EXPECT_FALSE(settling.due());
  settling.changed("/moh", kStart);
  settling.changed("/moh", kStart + seconds{3});
  EXPECT_EQ(settling.due(), kStart + seconds{8});
  EXPECT_EQ(settling.take(kStart + seconds{7}), Paths{});
  EXPECT_EQ(settling.take(kStart + seconds{8}), Paths{"/moh"});
  EXPECT_TRUE(settling.empty()) << "told once";
}

TEST(Settling, DoesNotWaitForEverForAFolderThatNeverRests) {
  Settling settling;
  Instant now = kStart;
  for (; settling.take(now).empty(); now += seconds{1}) settling.changed("/moh", now);
  EXPECT_EQ(now, kStart + Settling::kAtMost);
}

TEST(Settling, HoldsNoFolderUpForAnother) {
  Settling settling;
  settling.changed("/agi-bin", kStart);
  for (int i = 0; i <= 5; ++i) settling.changed("/moh", kStart + seconds{i});
  EXPECT_EQ(settling.due(), kStart + seconds{5});
  EXPECT_EQ(settling.take(kStart + seconds{5}), Paths{"/agi-bin"});
  EXPECT_EQ(settling.due(), kStart + seconds{10});
}

}  // namespace
}  // namespace tandem::files

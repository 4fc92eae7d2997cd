#include "core/wording.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Wording, QuotesWithoutControlCharacters) {
  EXPECT_EQ(in_quotes("it's\n\x1b[0m\xC2\x9B"), "'it\\'s\\n\\x1b[0m\\x9b'");
  EXPECT_EQ(in_quotes(std::string(41, 'x')), "'" + std::string(40, 'x') + "'...");
}

TEST(Wording, FindsTheNearestName) {
  EXPECT_EQ(nearest("polcy", {"preset", "policy", "expiry"}), "policy");
  EXPECT_EQ(nearest("Policy", {"preset", "policy"}), "policy");
  EXPECT_EQ(nearest("opLicy", {"preset", "policy"}), "policy");
  EXPECT_EQ(nearest("zzz", {"preset", "policy"}), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), {"policy"}), "");
}

}  // namespace
}  // namespace tandem

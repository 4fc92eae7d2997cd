#include "resources/spared.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr Instant kNow{std::chrono::hours{1000}};
constexpr Instant kLater = kNow + std::chrono::minutes{5};

TEST(Spared, StandsWithTheSameStampForItsTime) {
  Spared spared;
  EXPECT_FALSE(spared.stands("a", kNow)) << "nothing was asked yet";
  spared.keep("a", kLater);
  EXPECT_TRUE(spared.stands("a", kNow));
  EXPECT_FALSE(spared.stands("b", kNow));
  EXPECT_FALSE(spared.stands("a", kLater));
  spared.forget();
  EXPECT_FALSE(spared.stands("a", kNow));
}

TEST(Spared, NeverStandsWhereThereIsNothingToSee) {
  Spared spared;
  spared.keep(std::nullopt, kLater);
  EXPECT_FALSE(spared.stands(std::nullopt, kNow));
}

// An order that comes while a look is under way wants what is true after the order.
TEST(Spared, AsksForAnOrderWhateverTheLookBeforeItKeeps) {
  Spared spared;
  EXPECT_FALSE(spared.stands("a", kNow));
  spared.look_anew();
  spared.keep("a", kLater);
  EXPECT_FALSE(spared.stands("a", kNow));
  EXPECT_TRUE(spared.stands("a", kNow)) << "once";
}

}  // namespace
}  // namespace tandem

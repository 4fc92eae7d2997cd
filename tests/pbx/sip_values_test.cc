#include "pbx/sip_values.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::seconds;

TEST(SipValues, AreReadFromBothForms) {
  const SipExpiry expiry{seconds{60}, seconds{3600}, seconds{120}};
  EXPECT_EQ(expiry_in({{"maximum_expiration", "3600"},
                       {"qualify_frequency", "60"},
                       {"default_expiration", "120"},
                       {"minimum_expiration", "60"}}),
            expiry);
  EXPECT_EQ(expiry_in({{"minexpiry", "60"}, {"maxexpiry", "3600"}, {"defaultexpiry", "120"}}),
            expiry);
}

TEST(SipValues, AreUnknownWhereOneIsMissingDoubledOrNoNumber) {
  const OptionPairs two{{"minexpiry", "60"}, {"maxexpiry", "3600"}};
  EXPECT_EQ(expiry_in(two), std::nullopt);
  for (const char* bad : {"", "abc", "-1", "12s", "99999999999999999999"}) {
    OptionPairs options = two;
    options.emplace_back("defaultexpiry", bad);
    EXPECT_EQ(expiry_in(options), std::nullopt) << bad;
  }
  OptionPairs twice = two;
  twice.emplace_back("defaultexpiry", "120");
  twice.emplace_back("defaultexpiry", "120");
  EXPECT_EQ(expiry_in(twice), std::nullopt);
}

}  // namespace
}  // namespace tandem

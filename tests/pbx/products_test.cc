#include "pbx/products.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pbx/profile.h"

namespace tandem {
namespace {

ProductFact fact(Product product, std::string_view what) {
  for (const ProductFact& each : product_facts(product))
    if (each.what == what) return each;
  ADD_FAILURE() << what;
  return {};
}

TEST(Products, HasTheSameRowsForEach) {
  const auto wazo = product_facts(Product::wazo);
  const auto xivo = product_facts(Product::xivo);
  ASSERT_EQ(wazo.size(), xivo.size());
  for (std::size_t i = 0; i < wazo.size(); ++i) EXPECT_EQ(wazo[i].what, xivo[i].what);
}

TEST(Products, NamesASourceForEachValue) {
  for (const Product product : {Product::wazo, Product::xivo})
    for (const ProductFact& each : product_facts(product)) {
      EXPECT_NE(each.what, "");
      EXPECT_NE(each.value, "") << each.what;
      EXPECT_GT(each.source.size(), 10U) << each.what;
      EXPECT_EQ(each.value.find_first_of("|`\n"), std::string::npos) << each.what;
    }
}

// Nobody has seen a XiVO: no row may say so.
TEST(Products, CallsEverythingOfXivoUnverified) {
  for (const ProductFact& each : product_facts(Product::xivo))
    EXPECT_FALSE(is_verified(each.proof)) << each.what;
  EXPECT_EQ(unverified_facts(Product::xivo).size(), product_facts(Product::xivo).size());
}

TEST(Products, HasAllOfWazoFromItsServicesOrSources) {
  for (const ProductFact& each : unverified_facts(Product::wazo)) ADD_FAILURE() << each.what;
}

TEST(Products, ShowsWhatTheProfileHas) {
  EXPECT_EQ(fact(Product::wazo, "sentinel of the primary").value, "/var/lib/wazo/is-primary");
  EXPECT_EQ(fact(Product::xivo, "sentinel of the primary").value, "none");
  EXPECT_EQ(fact(Product::wazo, "SIP expiry with a second node, minimum/maximum/default").value,
            "180/300/240 s");
  EXPECT_EQ(fact(Product::xivo, "SIP expiry with a second node, minimum/maximum/default").value,
            "60/3600/120 s");
  EXPECT_EQ(fact(Product::xivo, "the copy brings the primary's DHCP configuration").value, "yes");
}

}  // namespace
}  // namespace tandem

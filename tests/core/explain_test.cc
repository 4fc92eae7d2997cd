#include "core/explain.h"

#include <gtest/gtest.h>

#include <sstream>

#include "core/fields.h"

namespace tandem {
namespace {

TEST(Explain, ShowsAField) {
  const auto page = explain("spec.failover.confirmHostDown");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page.value(),
            "KIND:     HAPair\n"
            "VERSION:  tandem.ha/v1alpha1\n"
            "FIELD:    spec.failover.confirmHostDown\n"
            "TYPE:     a duration from 1s to 1h\n"
            "DEFAULT:  20s\n"
            "\n"
            "  How long the primary must be silent on every path before the secondary takes\n"
            "  over. At least three periods of the slowest of the icmp and peer probes.\n"
            "  Shorter means more false takeovers on a bad network.\n");
}

TEST(Explain, TakesAFieldHoweverItIsTyped) {
  const auto whole = explain("HAPair.spec.sip.expiry.minimum");
  ASSERT_TRUE(whole.ok());
  for (const auto* typed :
       {"spec.sip.expiry.minimum", "sip.expiry.minimum", "hapair.sip.expiry.minimum"})
    EXPECT_EQ(explain(typed).value(), whole.value()) << typed;
  EXPECT_TRUE(explain("primary.paths.name").ok());
  EXPECT_TRUE(explain("primary.paths[].name").ok());
  EXPECT_TRUE(explain("spec.provisioning.registrars.default.proxyBackup").ok());
}

TEST(Explain, ShowsBothKindsWithoutAField) {
  const auto page = explain("").value();
  for (const auto* part :
       {"KIND:     HAPair", "KIND:     OperatorConfig", "  failover\n", "  listenTls"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
}

TEST(Explain, NamesTheNearestFieldOfAMisspeltOne) {
  const auto unknown = explain("spec.sip.polcy");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error(), (Error{Fault::not_found,
                                    "there is no field 'spec.sip.polcy'; the nearest "
                                    "known field is 'spec.sip.policy'"}));
  EXPECT_EQ(explain("spec.enabled.x").error().fault, Fault::not_found);
}

TEST(Explain, KnowsEveryFieldAndKeepsTo80Columns) {
  for (const auto rows : {pair_rows(), operator_rows()}) {
    for (const auto& row : rows) {
      const auto page = explain(row.path);
      ASSERT_TRUE(page.ok()) << row.path;
      std::istringstream lines(page.value());
      for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
    }
  }
}

}  // namespace
}  // namespace tandem

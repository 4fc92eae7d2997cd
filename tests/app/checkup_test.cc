#include "app/checkup.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

Condition condition(std::string type, Truth status, std::string reason = "Reason") {
  return {std::move(type), status, std::move(reason), "message", true};
}

Json told(const char* type, const char* status, bool well) {
  return {{"type", type},
          {"status", status},
          {"reason", "Told"},
          {"message", "as it told"},
          {"well", well}};
}

std::vector<std::string> types_of(const Checkup& checkup) {
  std::vector<std::string> types;
  for (const Check& check : checkup.checks) types.push_back(check.condition.type);
  return types;
}

TEST(Checkup, TakesWhatWasSeenNowBeforeWhatTheOperatorTells) {
  const auto checks =
      merged({condition("DiskFree", Truth::no)}, Json::array({told("DiskFree", "True", true)}));
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].condition.status, Truth::no);
  EXPECT_EQ(checks[0].source, "now");
}

TEST(Checkup, NeverTakesAnOlderWordOfTheOperatorForALookThatFailedNow) {
  const auto checks = merged({condition("PostgresAccessReady", Truth::unknown, "PeerNotAsked")},
                             Json::array({told("PostgresAccessReady", "True", true)}));
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].condition.status, Truth::unknown);
  EXPECT_EQ(checks[0].condition.reason, "PeerNotAsked");
  EXPECT_EQ(checks[0].source, "now");
}

TEST(Checkup, AddsWhatOnlyTheOperatorKnowsButForSums) {
  const auto checks =
      merged({}, Json::array({told("Contested", "False", true), told("Ready", "False", false),
                              told("Converged", "True", true)}));
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].condition.type, "Contested");
  EXPECT_TRUE(is_well(checks[0].condition));
}

TEST(Checkup, KeepsWhatIsWellAsTheOperatorMeansIt) {
  for (const auto& [status, well] : {std::pair{"True", true},
                                     {"True", false},
                                     {"False", true},
                                     {"False", false},
                                     {"Unknown", false}}) {
    const auto checks = merged({}, Json::array({told("X", status, well)}));
    EXPECT_EQ(is_well(checks[0].condition), well) << status;
  }
}

TEST(Checkup, SurvivesAnOperatorOfAnotherVersion) {
  EXPECT_TRUE(merged({}, nullptr).empty());
  EXPECT_TRUE(merged({}, Json::array({Json::object()})).empty());
}

TEST(Checkup, TellsOfAResourceThatCouldNotBeLookedAt) {
  Plan plan;
  Report report;
  report.resource = "postgres-access";
  report.error = Error{Fault::unavailable, "nobody listens"};
  plan.reports.push_back(report);
  const auto conditions = conditions_of(plan);
  ASSERT_EQ(conditions.size(), 1U);
  EXPECT_EQ(conditions[0].type, "postgres-access");
  EXPECT_EQ(conditions[0].status, Truth::unknown);
  EXPECT_EQ(conditions[0].message, "nobody listens");
}

TEST(Checkup, TellsOfAPartThatCouldNotBeLookedAtByItsConditionAlone) {
  Plan plan;
  Report report;
  report.error = Error{Fault::unavailable, "nobody listens"};
  report.seen_in_part = true;
  report.conditions = {condition("PostgresAccessReady", Truth::no, "ServerDown")};
  plan.reports.push_back(report);
  const auto conditions = conditions_of(plan);
  ASSERT_EQ(conditions.size(), 1U);
  EXPECT_EQ(conditions[0].type, "PostgresAccessReady");
}

TEST(Checkup, GoesThroughTheGroupsInOrder) {
  Checkup checkup;
  checkup.role = Role::primary;
  checkup.checks =
      merged({condition("SomethingNew", Truth::no), condition("VersionsEqual", Truth::unknown),
              condition("AddressIsOurs", Truth::yes)},
             nullptr);
  arrange(checkup);
  EXPECT_EQ(types_of(checkup),
            (std::vector<std::string>{"AddressIsOurs", "VersionsEqual", "SomethingNew"}));
  EXPECT_EQ(checkup.checks[0].group, "this node");
  EXPECT_EQ(checkup.checks[1].group, "the pair");
  EXPECT_EQ(checkup.not_met(), 1U);
  EXPECT_EQ(checkup.unknown(), 1U);
  EXPECT_TRUE(checkup.others.empty());
}

TEST(Checkup, NamesOnASecondaryWhatOnlyThePrimaryCanAsk) {
  Checkup checkup;
  checkup.role = Role::secondary;
  checkup.checks = merged({condition("VersionsEqual", Truth::yes)}, nullptr);
  arrange(checkup);
  EXPECT_NE(std::find(checkup.others.begin(), checkup.others.end(), "PeerSshReachable"),
            checkup.others.end());
  EXPECT_EQ(std::find(checkup.others.begin(), checkup.others.end(), "VersionsEqual"),
            checkup.others.end());
}

TEST(Checkup, MarksWhatIsUnverifiedOnXivo) {
  Checkup checkup;
  EXPECT_TRUE(checkup_document(checkup)["unverified"].empty());
  checkup.product = Product::xivo;
  EXPECT_FALSE(checkup_document(checkup)["unverified"].empty());
}

}  // namespace
}  // namespace tandem

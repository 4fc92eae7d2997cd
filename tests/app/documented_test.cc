#include "app/documented.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tandem {
namespace {

TEST(Documented, TellsAConditionAndWhatToDo) {
  const std::string text = documented("SpecAccepted");
  EXPECT_TRUE(text.starts_with("SpecAccepted (condition)\n  Not well: False `Invalid`")) << text;
  EXPECT_NE(text.find("\n  Do: mend the file"), std::string::npos) << text;
}

TEST(Documented, TellsAnAlertAndItsRunbook) {
  const std::string text = documented("TandemStreamBroken");
  EXPECT_TRUE(text.starts_with("TandemStreamBroken (alert, ")) << text;
  EXPECT_NE(text.find("runbooks/TandemStreamBroken.md"), std::string::npos) << text;
}

TEST(Documented, KnowsTheRowsOfBothTablesAndNothingElse) {
  const auto names = documented_names();
  for (const char* name :
       {"Converged", "DataAgeObjectiveMet", "PeerPingAllowed", "DiskFree", "TandemNobodyServes"})
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  EXPECT_GT(names.size(), 80U);
  for (const std::string& name : names) {
    const std::string text = documented(name);
    EXPECT_EQ(text.find("**"), std::string::npos) << text;
    EXPECT_EQ(text.find("]("), std::string::npos) << text;
  }
  for (const char* other : {"", "GET", "ReplicationFresh", "converged"})
    EXPECT_EQ(documented(other), "") << other;
}

}  // namespace
}  // namespace tandem

#include "pbx/service_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tandem {
namespace {

using Names = std::vector<std::string>;

Goal goal_of(Product product) {
  Goal goal;
  goal.product = product;
  return goal;
}

TEST(ServiceGroups, AreThoseOfTheVendorInTheOrderOfTheirStart) {
  const auto groups = service_groups(goal_of(Product::wazo));
  EXPECT_EQ(
      groups.telephony,
      (Names{"wazo-dxtora.service", "wazo-provd.service", "wazo-agid.service", "asterisk.service",
             "wazo-amid.service", "wazo-call-logd.service", "wazo-agentd.service",
             "wazo-phoned.service", "wazo-calld.service", "wazo-websocketd.service"}));
  EXPECT_EQ(groups.standing.size(), 11U);
  EXPECT_EQ(groups.standing.front(), "rabbitmq-server.service");
  EXPECT_EQ(groups.serve, (Names{"/usr/sbin/xivo-manage-slave-services", "start"}));
  EXPECT_EQ(groups.stand_by, (Names{"/usr/sbin/xivo-manage-slave-services", "stop"}));
  EXPECT_EQ(groups.enable, (Names{"/usr/bin/wazo-service", "enable"}));
}

TEST(ServiceGroups, KnowOfXivoThatTheyAreNotVerified) {
  const auto groups = service_groups(goal_of(Product::xivo));
  EXPECT_FALSE(groups.verified);
  EXPECT_EQ(groups.start, (Names{"/usr/bin/xivo-service", "start"}));
}

TEST(ServiceGroups, HaveNoUnitTwiceAndEssentialOnesAmongTheOthers) {
  for (const Product product : {Product::wazo, Product::xivo}) {
    const auto groups = service_groups(goal_of(product));
    std::set<std::string> all(groups.telephony.begin(), groups.telephony.end());
    all.insert(groups.standing.begin(), groups.standing.end());
    EXPECT_EQ(all.size(), groups.telephony.size() + groups.standing.size());
    for (const auto& unit : groups.essential) EXPECT_TRUE(all.contains(unit)) << unit;
    EXPECT_TRUE(all.contains(groups.sip));
  }
}

// What runs in any case is no sign of serving, also where it is declared.
TEST(ServiceGroups, TakeTheDeclaredListsInPlaceOfTheProfiles) {
  Goal goal = goal_of(Product::wazo);
  goal.services.emplace();
  goal.services->units = {"nginx.service", "asterisk.service", "dahdi.service"};
  goal.services->activate = {"/opt/activate", "now"};
  const auto groups = service_groups(goal);
  EXPECT_EQ(groups.telephony, (Names{"asterisk.service", "dahdi.service"}));
  EXPECT_EQ(groups.essential, Names{"asterisk.service"});
  EXPECT_EQ(groups.serve, (Names{"/opt/activate", "now"}));
  EXPECT_TRUE(is_declared(goal, groups.serve));
  EXPECT_FALSE(is_declared(goal, groups.stand_by));
  goal.services->essential = {"dahdi.service"};
  EXPECT_EQ(service_groups(goal).essential, Names{"dahdi.service"});
}

}  // namespace
}  // namespace tandem

// The vendor's upgrade, replayed on each role: stop, disable, dpkg, enable, restart. Whatever it
// leaves for a while is no drift, and nothing is changed until two minutes after.
#include "tests/fakes/fake_units.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kMarker = "/var/lib/wazo/disabled";

class LoopUpgradeTest : public World, public testing::WithParamInterface<const char*> {
 protected:
  void start_node() {
    units.units["asterisk.service"] = fakes::running_unit();
    is_secondary = GetParam() == std::string("pbx-b");
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    resources.push_back(std::make_unique<ManagedAs<Sentinels>>(node));
    resources.push_back(std::make_unique<ManagedAs<CronFiles>>(node));
    specs_of_node = std::make_unique<SpecKeeper>(disk, kPairFile, "/var/lib/tandem", GetParam());
    loop = std::make_unique<Loop>(
        LoopParts{clock, node, disk, *specs_of_node, surroundings, {&journal}, GetParam(), &units},
        std::move(resources));
    spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
    surroundings.stands = is_secondary;
    ASSERT_TRUE(order_structural().ok());
    pass(seconds{1});
    ASSERT_EQ(condition("Converged").status, Truth::yes);
    ASSERT_EQ(condition("UpgradeInProgress").status, Truth::no);
    node.journal.clear();
  }

  // What every step of the upgrade does to files of ours, and time for many looks.
  void something_drifts_and_nothing_is_changed(const char* step) {
    edit(kHaConf, std::string("{}") + step);
    pass(seconds{95});
    EXPECT_EQ(node.journal, std::vector<std::string>{}) << "during " << step;
    EXPECT_EQ(node.files[kHaConf].content, std::string("{}") + step);
  }

  void TearDown() override {
    World::TearDown();
    loop.reset();
  }

  bool is_secondary = false;
  fakes::FakeUnits units;
  std::unique_ptr<SpecKeeper> specs_of_node;
};

TEST_P(LoopUpgradeTest, ChangesNothingThroughTheVendorsSequenceAndGoesOnTwoMinutesAfter) {
  start_node();

  surroundings.signs.program = "/usr/bin/wazo-upgrade";
  units.set("asterisk.service", fakes::stopped_unit());
  something_drifts_and_nothing_is_changed("stop");

  surroundings.stands = true;
  node.touched(kMarker);
  something_drifts_and_nothing_is_changed("disable");
  EXPECT_EQ(condition("UpgradeInProgress").reason, "UpgradeRuns");

  surroundings.signs.packages_locked = true;
  something_drifts_and_nothing_is_changed("dpkg");

  surroundings.signs.packages_locked = false;
  surroundings.stands = is_secondary;
  something_drifts_and_nothing_is_changed("enable");

  units.set("asterisk.service", fakes::running_unit());
  something_drifts_and_nothing_is_changed("restart");

  surroundings.signs.program.reset();
  pass(seconds{100});
  EXPECT_EQ(condition("UpgradeInProgress").reason, "JustEnded");
  EXPECT_EQ(node.journal, std::vector<std::string>{});

  pass(seconds{80});
  EXPECT_EQ(condition("UpgradeInProgress").status, Truth::no);
  EXPECT_EQ(condition("Converged").status, Truth::yes) << condition("Converged").message;
  EXPECT_NE(node.files[kHaConf].content, "{}restart");
}

// From a container the program is not seen: the lock and the marker have to do.
TEST_P(LoopUpgradeTest, SeesItByLockAndMarkerAlone) {
  start_node();
  if (!is_secondary) {
    surroundings.stands = true;
    node.touched(kMarker);
    pass(seconds{1});
    EXPECT_EQ(condition("UpgradeInProgress").status, Truth::yes);
    something_drifts_and_nothing_is_changed("disable");
  }
  surroundings.signs.packages_locked = true;
  something_drifts_and_nothing_is_changed("dpkg");
  surroundings.signs.packages_locked = false;
  surroundings.stands = is_secondary;
  something_drifts_and_nothing_is_changed("restart");
  pass(minutes{2});
  EXPECT_EQ(condition("Converged").status, Truth::yes);
}

// Somebody who orders in the middle of it is told why nothing happens.
TEST_P(LoopUpgradeTest, NoOrderReachesThroughIt) {
  start_node();
  surroundings.signs.packages_locked = true;
  edit(kHaConf, "{}");
  const auto result = run(io, loop->apply({true, false, ""}));
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result.value().converged);
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_NE(result.value().reports.front().note.find("UpgradeInProgress"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(OnEachRole, LoopUpgradeTest, testing::Values("pbx-a", "pbx-b"),
                         [](const auto& role) {
                           return role.param == std::string("pbx-a") ? "Primary" : "Secondary";
                         });

}  // namespace
}  // namespace tandem

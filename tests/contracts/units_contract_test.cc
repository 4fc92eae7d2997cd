// One suite for the units in memory and those of a systemd: what holds for the fake holds on a
// node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/contracts/units_worlds.h"
#include "tests/run.h"

namespace tandem {
namespace {

using Names = std::set<std::string>;

template <class World>
class UnitsContract : public testing::Test {
 protected:
  UnitState state(const std::string& name) {
    const auto seen = run(world_.io, world_.units().states({name}));
    EXPECT_TRUE(seen.ok()) << seen.error().message;
    return seen.ok() ? seen.value().at(name) : UnitState{};
  }
  Fault fault_of(std::vector<std::string> names) {
    const auto seen = run(world_.io, world_.units().states(std::move(names)));
    EXPECT_FALSE(seen.ok());
    if (seen.ok()) return Fault::cancelled;
    EXPECT_NE(seen.error().message, "");
    return seen.error().fault;
  }
  std::unique_ptr<UnitWatch> watch(const Names& names) { return world_.units().watch(names); }
  Names next(const std::unique_ptr<UnitWatch>& watch) {
    return run(world_.io, watch->next()).value();
  }
  // Signals are late or doubled: what is waited for comes in one of the next looks.
  void wait_for(const std::unique_ptr<UnitWatch>& watch, const std::string& name,
                const std::string& active) {
    while (state(name).active != active) EXPECT_EQ(next(watch), Names{name});
  }

  World world_;
};

struct Name {
  template <class World>
  static std::string GetName(int) {
    return World::kName;
  }
};
TYPED_TEST_SUITE(UnitsContract, UnitWorlds, Name);

TYPED_TEST(UnitsContract, TellsWhatAUnitIs) {
  const UnitState stopped{"loaded", "inactive", "dead", "static", "", "success"};
  const UnitState running{"loaded", "active", "running", "static", "", "success"};
  EXPECT_EQ(this->state("pbx-idle.service"), stopped);
  EXPECT_EQ(this->state("pbx-busy.service"), running);
  EXPECT_EQ(this->state("pbx-none.service"), UnitState{});
}

TYPED_TEST(UnitsContract, TellsAFailureAndItsResult) {
  const UnitState failed{"loaded", "failed", "failed", "static", "", "exit-code"};
  this->world_.fail("pbx-broken.service");
  EXPECT_EQ(this->state("pbx-broken.service"), failed);
}

TYPED_TEST(UnitsContract, TellsWhetherAUnitIsEnabled) {
  EXPECT_EQ(this->state("pbx-enabled.service").file, "enabled");
  EXPECT_EQ(this->state("pbx-disabled.service").file, "disabled");
  EXPECT_EQ(this->state("pbx-masked.service").file, "masked");
  EXPECT_EQ(this->state("pbx-masked.service").load, "masked");
}

TYPED_TEST(UnitsContract, FindsAUnitByItsAlias) {
  EXPECT_EQ(this->state("pbx-alias.service").active, "active");
}

TYPED_TEST(UnitsContract, LooksAtManyInOneCall) {
  const auto seen =
      run(this->world_.io,
          this->world_.units().states({"pbx-none.service", "pbx-busy.service", "pbx-idle.service"}))
          .value();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen.at("pbx-none.service").load, "not-found");
  EXPECT_EQ(seen.at("pbx-busy.service").active, "active");
  EXPECT_EQ(seen.at("pbx-idle.service").active, "inactive");
}

TYPED_TEST(UnitsContract, RefusesWhatIsNoUnitAndTooMany) {
  EXPECT_EQ(this->fault_of({"pbx-busy"}), Fault::invalid);
  EXPECT_EQ(this->fault_of({"../pbx.service"}), Fault::invalid);
  EXPECT_EQ(this->fault_of(std::vector<std::string>(Units::kUnitsMax + 1, "pbx-busy.service")),
            Fault::too_large);
  EXPECT_TRUE(run(this->world_.io, this->world_.units().states({})).value().empty());
}

TYPED_TEST(UnitsContract, TellsAllOfAWatchAtFirst) {
  const Names both{"pbx-busy.service", "pbx-idle.service"};
  EXPECT_EQ(this->next(this->watch(both)), both);
}

TYPED_TEST(UnitsContract, SignalsAStartAndAStop) {
  const auto watch = this->watch({"pbx-idle.service"});
  this->next(watch);
  this->world_.start("pbx-idle.service");
  this->wait_for(watch, "pbx-idle.service", "active");
  this->world_.stop("pbx-idle.service");
  this->wait_for(watch, "pbx-idle.service", "inactive");
}

TYPED_TEST(UnitsContract, SignalsAKilledUnit) {
  const auto watch = this->watch({"pbx-busy.service"});
  this->next(watch);
  this->world_.kill("pbx-busy.service");
  this->wait_for(watch, "pbx-busy.service", "failed");
  EXPECT_EQ(this->state("pbx-busy.service").result, "signal");
}

TYPED_TEST(UnitsContract, EndsAWatchThatIsStopped) {
  const auto watch = this->watch({"pbx-busy.service"});
  this->next(watch);
  boost::asio::post(this->world_.io, [&] { watch->stop(); });
  EXPECT_EQ(run(this->world_.io, watch->next()).error().fault, Fault::cancelled);
  EXPECT_EQ(run(this->world_.io, watch->next()).error().fault, Fault::cancelled);
}

TYPED_TEST(UnitsContract, ComesBackAfterTheBusWasGone) {
  const Names both{"pbx-busy.service", "pbx-idle.service"};
  const auto watch = this->watch(both);
  this->next(watch);
  this->world_.lose_bus();
  EXPECT_EQ(this->fault_of({"pbx-busy.service"}), Fault::unavailable);
  this->world_.find_bus();
  EXPECT_EQ(this->next(watch), both);
  EXPECT_EQ(this->state("pbx-busy.service").active, "active");
  this->world_.start("pbx-idle.service");
  this->wait_for(watch, "pbx-idle.service", "active");
}

TYPED_TEST(UnitsContract, WatchesFromTheMomentThereIsABus) {
  this->world_.lose_bus();
  const auto watch = this->watch({"pbx-busy.service"});
  this->world_.find_bus();
  EXPECT_EQ(this->next(watch), Names{"pbx-busy.service"});
}

}  // namespace
}  // namespace tandem

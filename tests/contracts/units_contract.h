// One suite for the units in memory and those of a systemd: what holds for the fake holds on a
// node.
//
// A world has these units, which are started, stopped and killed by somebody else than Tandem:
// pbx-idle, pbx-busy (it runs), pbx-broken (it can not start), pbx-enabled, pbx-disabled,
// pbx-masked, and pbx-alias, which is pbx-busy.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/units.h"
#include "tests/run.h"

namespace tandem {

template <class World>
class UnitsContract : public testing::Test {
 protected:
  using Names = std::set<std::string>;

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

TYPED_TEST_SUITE_P(UnitsContract);

TYPED_TEST_P(UnitsContract, TellsWhatAUnitIs) {
  const UnitState stopped{"loaded", "inactive", "dead", "static", "", "success"};
  EXPECT_TRUE(this->state("pbx-idle.service") == stopped);
  const auto busy = this->state("pbx-busy.service");
  EXPECT_EQ(busy.load, "loaded");
  EXPECT_EQ(busy.active, "active");
  EXPECT_EQ(busy.sub, "running");
  EXPECT_EQ(busy.job, "");
  EXPECT_EQ(busy.result, "success");
  EXPECT_TRUE(this->state("pbx-none.service") == UnitState{});
}

TYPED_TEST_P(UnitsContract, TellsAFailureAndItsResult) {
  this->world_.fail("pbx-broken.service");
  const UnitState failed{"loaded", "failed", "failed", "static", "", "exit-code"};
  EXPECT_TRUE(this->state("pbx-broken.service") == failed);
}

TYPED_TEST_P(UnitsContract, TellsWhetherAUnitIsEnabled) {
  EXPECT_EQ(this->state("pbx-enabled.service").file, "enabled");
  EXPECT_EQ(this->state("pbx-disabled.service").file, "disabled");
  EXPECT_EQ(this->state("pbx-masked.service").file, "masked");
  EXPECT_EQ(this->state("pbx-masked.service").load, "masked");
}

TYPED_TEST_P(UnitsContract, FindsAUnitByItsAlias) {
  EXPECT_EQ(this->state("pbx-alias.service").active, "active");
}

TYPED_TEST_P(UnitsContract, LooksAtManyInOneCall) {
  const auto seen =
      run(this->world_.io,
          this->world_.units().states({"pbx-none.service", "pbx-busy.service", "pbx-idle.service"}))
          .value();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen.at("pbx-none.service").load, "not-found");
  EXPECT_EQ(seen.at("pbx-busy.service").active, "active");
  EXPECT_EQ(seen.at("pbx-idle.service").active, "inactive");
}

TYPED_TEST_P(UnitsContract, RefusesWhatIsNoUnitAndTooMany) {
  EXPECT_EQ(this->fault_of({"pbx-busy"}), Fault::invalid);
  EXPECT_EQ(this->fault_of({"../pbx.service"}), Fault::invalid);
  EXPECT_EQ(this->fault_of(std::vector<std::string>(Units::kUnitsMax + 1, "pbx-busy.service")),
            Fault::too_large);
  EXPECT_TRUE(run(this->world_.io, this->world_.units().states({})).value().empty());
}

TYPED_TEST_P(UnitsContract, TellsAllOfAWatchAtFirst) {
  const std::set<std::string> both{"pbx-busy.service", "pbx-idle.service"};
  EXPECT_EQ(this->next(this->watch(both)), both);
}

TYPED_TEST_P(UnitsContract, SignalsAStartAndAStop) {
  const auto watch = this->watch({"pbx-idle.service"});
  this->next(watch);
  this->world_.start("pbx-idle.service");
  this->wait_for(watch, "pbx-idle.service", "active");
  this->world_.stop("pbx-idle.service");
  this->wait_for(watch, "pbx-idle.service", "inactive");
}

TYPED_TEST_P(UnitsContract, TellsSinceWhenAUnitIsActive) {
  using std::chrono::seconds;
  using std::chrono::system_clock;
  const auto before = system_clock::now();
  const auto watch = this->watch({"pbx-idle.service"});
  this->next(watch);
  this->world_.start("pbx-idle.service");
  this->wait_for(watch, "pbx-idle.service", "active");
  const auto since = this->state("pbx-idle.service").active_since;
  ASSERT_TRUE(since);
  EXPECT_GE(*since, before - seconds{1});
  EXPECT_LE(*since, system_clock::now() + seconds{1});
}

TYPED_TEST_P(UnitsContract, SignalsAKilledUnit) {
  const auto watch = this->watch({"pbx-busy.service"});
  this->next(watch);
  this->world_.kill("pbx-busy.service");
  this->wait_for(watch, "pbx-busy.service", "failed");
  EXPECT_EQ(this->state("pbx-busy.service").result, "signal");
}

TYPED_TEST_P(UnitsContract, EndsAWatchThatIsStopped) {
  const auto watch = this->watch({"pbx-busy.service"});
  this->next(watch);
  boost::asio::post(this->world_.io, [&] { watch->stop(); });
  EXPECT_EQ(run(this->world_.io, watch->next()).error().fault, Fault::cancelled);
  EXPECT_EQ(run(this->world_.io, watch->next()).error().fault, Fault::cancelled);
}

TYPED_TEST_P(UnitsContract, ComesBackAfterTheBusWasGone) {
  const std::set<std::string> both{"pbx-busy.service", "pbx-idle.service"};
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

TYPED_TEST_P(UnitsContract, WatchesFromTheMomentThereIsABus) {
  this->world_.lose_bus();
  const auto watch = this->watch({"pbx-busy.service"});
  this->world_.find_bus();
  EXPECT_EQ(this->next(watch), std::set<std::string>{"pbx-busy.service"});
}

REGISTER_TYPED_TEST_SUITE_P(UnitsContract, TellsWhatAUnitIs, TellsAFailureAndItsResult,
                            TellsWhetherAUnitIsEnabled, FindsAUnitByItsAlias, LooksAtManyInOneCall,
                            RefusesWhatIsNoUnitAndTooMany, TellsAllOfAWatchAtFirst,
                            SignalsAStartAndAStop, TellsSinceWhenAUnitIsActive, SignalsAKilledUnit,
                            EndsAWatchThatIsStopped, ComesBackAfterTheBusWasGone,
                            WatchesFromTheMomentThereIsABus);

}  // namespace tandem

#include "probes/link_probe.h"

#include <gtest/gtest.h>

#include "probes/witness_probe.h"

namespace tandem {
namespace {

const Interface kGood{"eth0", true, true};
const Interface kPulled{"eth0", true, false};
const Interface kDown{"eth0", false, false};
const Interface kOther{"eth1", true, true};

OwnLink link_of(std::optional<Interface> holder, std::optional<Interface> way) {
  return own_link(RouteView{std::move(holder), std::move(way), {}}, "192.0.2.10").link;
}

TEST(LinkProbe, TellsHowTheNodeStandsToTheNetwork) {
  EXPECT_EQ(link_of(kGood, kGood), OwnLink::good);
  EXPECT_EQ(link_of(kPulled, kPulled), OwnLink::no_carrier);
  EXPECT_EQ(link_of(std::nullopt, kGood), OwnLink::no_address);
  EXPECT_EQ(link_of(kGood, std::nullopt), OwnLink::no_route);
}

// The interface of the telephones is down, and the default route leads to the peer by another one.
TEST(LinkProbe, IsNotMisledByAnotherWay) {
  EXPECT_EQ(link_of(kDown, kOther), OwnLink::no_carrier);
  EXPECT_EQ(link_of(kPulled, kOther), OwnLink::no_carrier);
  EXPECT_EQ(link_of(kOther, kPulled), OwnLink::no_carrier) << "the way itself is cut";
}

TEST(LinkProbe, KnowsNothingWhereTheKernelCouldNotBeAsked) {
  EXPECT_EQ(own_link(Error{Fault::unavailable, "no socket"}, "192.0.2.10"),
            (LinkReading{OwnLink::unknown, "no socket"}));
}

TEST(LinkProbe, NeedsNoLinkOnOneMachine) {
  EXPECT_EQ(own_link(RouteView{}, "127.0.0.1").link, OwnLink::good);
}

TEST(LinkProbe, NamesTheInterface) {
  EXPECT_EQ(own_link(RouteView{kPulled, kPulled, {}}, "192.0.2.10").reason, "eth0 has no carrier");
  EXPECT_EQ(own_link(RouteView{kDown, {}, {}}, "192.0.2.10").reason, "eth0 is down");
}

TEST(WitnessProbe, TakesTheGatewayOnTheWayToTheOtherNode) {
  const RouteView seen{kGood, kGood, {{"10.0.0.1", "eth1", 10}, {"192.0.2.1", "eth0", 100}}};
  EXPECT_EQ(gateway_witness(seen, {}), "192.0.2.1");
}

TEST(WitnessProbe, TakesAnyGatewayRatherThanNone) {
  EXPECT_EQ(gateway_witness({kGood, kGood, {{"10.0.0.1", "eth1", 10}}}, {}), "10.0.0.1");
  EXPECT_EQ(gateway_witness({kGood, kGood, {}}, {}), std::nullopt);
}

// The node that is watched is no third party, even where it routes.
TEST(WitnessProbe, NeverTakesANodeOfThePair) {
  const RouteView seen{kGood, kGood, {{"192.0.2.11", "eth0", 0}, {"192.0.2.1", "eth0", 100}}};
  EXPECT_EQ(gateway_witness(seen, {"192.0.2.10", "192.0.2.11"}), "192.0.2.1");
}

}  // namespace
}  // namespace tandem

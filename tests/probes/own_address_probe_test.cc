#include "probes/own_address_probe.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

const Result<std::vector<LocalAddress>> kLocal =
    std::vector<LocalAddress>{{"lo", "127.0.0.1", false}, {"eth0", "192.0.2.10", false}};

const Whereabouts kHere{false, "127.0.0.1"};

TEST(OwnAddressProbe, IsGoodOnTheDeclaredHost) {
  EXPECT_EQ(own_address(kLocal, "192.0.2.10", "192.0.2.11", kHere).verdict, Verdict::good);
}

TEST(OwnAddressProbe, IsBadWhereTheAddressIsOnNoInterface) {
  const Reading reading = own_address(kLocal, "192.0.2.12", "192.0.2.11", kHere);
  EXPECT_EQ(reading.verdict, Verdict::bad);
  EXPECT_NE(reading.message.find("network_mode: host"), std::string::npos);
}

TEST(OwnAddressProbe, IsBadOnTheOtherHost) {
  const Reading reading = own_address(kLocal, "192.0.2.11", "192.0.2.10", kHere);
  EXPECT_EQ(reading.verdict, Verdict::bad);
  EXPECT_EQ(reading.reason, "PeerAddressIsLocal");
}

TEST(OwnAddressProbe, IsGoodInALabOnOneMachine) {
  EXPECT_EQ(own_address(kLocal, "127.0.0.2", "127.0.0.3", kHere).reason, "Loopback");
  EXPECT_EQ(
      own_address(Error{Fault::denied, "no netlink"}, "127.0.0.2", "127.0.0.3", kHere).verdict,
      Verdict::good);
  EXPECT_EQ(own_address(kLocal, "192.0.2.10", "127.0.0.1", kHere).verdict, Verdict::bad);
}

TEST(OwnAddressProbe, IsUnknownWhereAddressesCanNotBeRead) {
  const Reading reading =
      own_address(Error{Fault::denied, "no netlink"}, "192.0.2.10", "192.0.2.11", kHere);
  EXPECT_EQ(reading.verdict, Verdict::unknown);
  EXPECT_NE(reading.message.find("no netlink"), std::string::npos);
}

// Docker's default network: the address leads out of the container, the services are elsewhere.
TEST(OwnAddressProbe, IsBadInABridgedContainer) {
  const Result<std::vector<LocalAddress>> bridged =
      std::vector<LocalAddress>{{"lo", "127.0.0.1", false}, {"eth0", "192.0.2.10", true}};
  const Reading reading = own_address(bridged, "192.0.2.10", "192.0.2.11", {true, "wazo-a"});
  EXPECT_EQ(reading.verdict, Verdict::bad);
  EXPECT_EQ(reading.reason, "BridgedContainer");
  EXPECT_NE(reading.message.find("network_mode: host"), std::string::npos);
}

TEST(OwnAddressProbe, IsGoodInAContainerThatSharesItsNodesNetwork) {
  const Result<std::vector<LocalAddress>> shared =
      std::vector<LocalAddress>{{"lo", "127.0.0.1", false}, {"eth0", "192.0.2.10", true}};
  for (const std::string services : {"127.0.0.1", "localhost", "192.0.2.10"})
    EXPECT_EQ(own_address(shared, "192.0.2.10", "192.0.2.11", {true, services}).verdict,
              Verdict::good)
        << services;
  // A node that is itself an LXC container has such an interface, too.
  EXPECT_EQ(own_address(shared, "192.0.2.10", "192.0.2.11", {false, "pbx-a"}).verdict,
            Verdict::good);
  // network_mode: host, the services asked by name.
  EXPECT_EQ(own_address(kLocal, "192.0.2.10", "192.0.2.11", {true, "pbx-a"}).verdict,
            Verdict::good);
}

}  // namespace
}  // namespace tandem

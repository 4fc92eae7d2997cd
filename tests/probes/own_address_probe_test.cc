#include "probes/own_address_probe.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

const Result<std::vector<LocalAddress>> kLocal =
    std::vector<LocalAddress>{{"lo", "127.0.0.1"}, {"eth0", "192.0.2.10"}};

TEST(OwnAddressProbe, IsGoodOnTheDeclaredHost) {
  EXPECT_EQ(own_address(kLocal, "192.0.2.10", "192.0.2.11").verdict, Verdict::good);
}

TEST(OwnAddressProbe, IsBadWhereTheAddressIsOnNoInterface) {
  const Reading reading = own_address(kLocal, "192.0.2.12", "192.0.2.11");
  EXPECT_EQ(reading.verdict, Verdict::bad);
  EXPECT_NE(reading.message.find("network_mode: host"), std::string::npos);
}

TEST(OwnAddressProbe, IsBadOnTheOtherHost) {
  const Reading reading = own_address(kLocal, "192.0.2.11", "192.0.2.10");
  EXPECT_EQ(reading.verdict, Verdict::bad);
  EXPECT_EQ(reading.reason, "PeerAddressIsLocal");
}

TEST(OwnAddressProbe, IsGoodInALabOnOneMachine) {
  EXPECT_EQ(own_address(kLocal, "127.0.0.2", "127.0.0.3").reason, "Loopback");
  EXPECT_EQ(own_address(Error{Fault::denied, "no netlink"}, "127.0.0.2", "127.0.0.3").verdict,
            Verdict::good);
  EXPECT_EQ(own_address(kLocal, "192.0.2.10", "127.0.0.1").verdict, Verdict::bad);
}

TEST(OwnAddressProbe, IsUnknownWhereAddressesCanNotBeRead) {
  const Reading reading =
      own_address(Error{Fault::denied, "no netlink"}, "192.0.2.10", "192.0.2.11");
  EXPECT_EQ(reading.verdict, Verdict::unknown);
  EXPECT_NE(reading.message.find("no netlink"), std::string::npos);
}

}  // namespace
}  // namespace tandem

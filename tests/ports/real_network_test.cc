#include "ports/real_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "tests/ports/test_network.h"

namespace tandem {
namespace {

TEST(RealNetwork, ListsAddressesOfInterfaces) {
  const auto addresses = RealNetwork().local_addresses();
  ASSERT_TRUE(addresses.ok());
  for (const auto& address : addresses.value()) {
    EXPECT_NE(if_nametoindex(address.interface.substr(0, address.interface.find(':')).c_str()), 0U);
    EXPECT_THAT(address.address, testing::ContainsRegex("^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$"));
  }
}

// A fresh network namespace has a loopback that is down, and gets its address when it comes up.
TEST(RealNetwork, LeavesOutInterfacesThatAreDown) {
  const int code = in_child([] {
    if (unshare(CLONE_NEWNET) != 0) return kNotPermitted;
    if (!RealNetwork().local_addresses().value().empty()) return 1;
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (ioctl(control, SIOCSIFFLAGS, &request) != 0) return kNotPermitted;
    const auto up = RealNetwork().local_addresses().value();
    if (up.size() != 1 || up[0].interface != "lo" || up[0].address != "127.0.0.1") return 2;
    if (up[0].prefix != 8) return 4;
    request.ifr_flags = 0;
    if (ioctl(control, SIOCSIFFLAGS, &request) != 0) return kNotPermitted;
    close(control);
    return RealNetwork().local_addresses().value().empty() ? 0 : 3;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "a network namespace is not permitted";
  EXPECT_EQ(code, 0);
}

// As an engine makes a bridged container: one end of a veth pair here, the other elsewhere.
TEST(RealNetwork, KnowsALinkThatGoesOnInAnotherNamespace) {
  const int code = in_child([] {
    if (unshare(CLONE_NEWNET) != 0) return kNotPermitted;
    const Elsewhere outside;
    if (!outside.ok() || !ip("link add here type veth peer name there netns " + outside.pid()))
      return kNotPermitted;
    if (!ip("addr add 192.0.2.10/24 dev here") || !ip("link set here up")) return 1;
    // Both ends of this one are here.
    if (!ip("link add one type veth peer name other") || !ip("link set one up")) return 2;
    if (!ip("addr add 192.0.2.20/24 dev one")) return 3;
    int seen = 0;
    const auto addresses = RealNetwork().local_addresses();
    for (const auto& address : addresses.value()) {
      if (address.address == "192.0.2.10" && address.elsewhere) seen |= 1;
      if (address.address == "192.0.2.20" && !address.elsewhere) seen |= 2;
    }
    return seen == 3 ? 0 : 10 + seen;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "network namespaces or links are not permitted";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tandem

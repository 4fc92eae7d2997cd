#include "ports/real_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "tests/ports/temporary_folder.h"

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
    request.ifr_flags = 0;
    if (ioctl(control, SIOCSIFFLAGS, &request) != 0) return kNotPermitted;
    close(control);
    return RealNetwork().local_addresses().value().empty() ? 0 : 3;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "a network namespace is not permitted";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tandem

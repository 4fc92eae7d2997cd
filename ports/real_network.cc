#include "ports/real_network.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "ports/system_error.h"

namespace tandem {
namespace {

std::string text_of(const sockaddr& address) {
  sockaddr_in internet{};
  std::memcpy(&internet, &address, sizeof internet);
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &internet.sin_addr, text.data(), text.size());
  return text.data();
}

}  // namespace

Result<std::vector<LocalAddress>> RealNetwork::local_addresses() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return system_error("network interfaces", "list", errno);
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(first, freeifaddrs);
  std::vector<LocalAddress> found;
  for (const auto* entry = all.get(); entry != nullptr; entry = entry->ifa_next) {
    const bool up = (entry->ifa_flags & IFF_UP) != 0;
    // An interface without any address has none here.
    if (!up || entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    found.push_back({entry->ifa_name, text_of(*entry->ifa_addr)});
  }
  return found;
}

}  // namespace tandem

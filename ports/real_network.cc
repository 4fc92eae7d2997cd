#include "ports/real_network.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "ports/links.h"
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

int prefix_of(const sockaddr* netmask) {
  if (netmask == nullptr) return 32;
  sockaddr_in mask{};
  std::memcpy(&mask, netmask, sizeof mask);
  return std::popcount(mask.sin_addr.s_addr);
}

}  // namespace

Result<std::vector<LocalAddress>> RealNetwork::local_addresses() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return system_error("network interfaces", "list", errno);
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(first, freeifaddrs);
  const auto elsewhere = links_into_other_namespaces();
  if (!elsewhere.ok()) return elsewhere.error();
  std::vector<LocalAddress> found;
  for (const auto* entry = all.get(); entry != nullptr; entry = entry->ifa_next) {
    const bool up = (entry->ifa_flags & IFF_UP) != 0;
    // An interface without any address has none here.
    if (!up || entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    // "eth0:1" is a further address of eth0.
    const std::string name = entry->ifa_name;
    const bool away = elsewhere.value().contains(name.substr(0, name.find(':')));
    found.push_back({name, text_of(*entry->ifa_addr), away, prefix_of(entry->ifa_netmask)});
  }
  return found;
}

bool RealNetwork::in_container() {
  // What the engines leave for programs to see: Docker, Podman, Kubernetes.
  if (access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0) return true;
  const char* const kind = std::getenv("container");
  const std::string_view told = kind == nullptr ? "" : kind;
  return told == "docker" || told == "podman" || told == "oci" ||
         std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
}

}  // namespace tandem

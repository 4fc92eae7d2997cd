#include "probes/own_address_probe.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem {
namespace {

bool is_loopback(const std::string& address) { return address.starts_with("127."); }

const LocalAddress* find(const std::vector<LocalAddress>& local, const std::string& address) {
  const auto found = std::find_if(local.begin(), local.end(),
                                  [&](const LocalAddress& l) { return l.address == address; });
  return found == local.end() ? nullptr : &*found;
}

// A container that shares its node's network reaches the vendor's services where the node itself
// does; a bridged one has an address that leads out of it, and the services elsewhere.
bool is_bridged(const std::vector<LocalAddress>& local, const LocalAddress& own,
                const Whereabouts& here) {
  const bool services_here = here.services_host == "localhost" || is_loopback(here.services_host) ||
                             find(local, here.services_host) != nullptr;
  return here.in_container && own.elsewhere && !services_here;
}

}  // namespace

Reading own_address(const Result<std::vector<LocalAddress>>& local, const std::string& own,
                    const std::string& peer, const Whereabouts& here) {
  if (is_loopback(own) && is_loopback(peer))
    return {Verdict::good, "Loopback", "both nodes are on this machine, as in a lab"};
  if (!local.ok())
    return {Verdict::unknown, "NotReadable",
            "the addresses of this host could not be read: " + local.error().message};
  if (find(local.value(), peer) != nullptr)
    return {
        Verdict::bad, "PeerAddressIsLocal",
        fmt::format("{}, declared as the other node's, is an address of this host: set spec.node "
                    "in operator.yaml to the node that this host is, or correct the addresses in "
                    "pair.yaml",
                    peer)};
  const LocalAddress* const found = find(local.value(), own);
  if (found == nullptr)
    return {Verdict::bad, "AddressNotLocal",
            fmt::format("{}, declared as this node's, is on no interface of this host: correct the "
                        "address in pair.yaml or spec.node in operator.yaml; a container must run "
                        "with network_mode: host",
                        own)};
  if (is_bridged(local.value(), *found, here))
    return {Verdict::bad, "BridgedContainer",
            fmt::format("{} is the address of this container in a bridged network, and not the "
                        "node's own: nothing measured from here is true of the node. Run the "
                        "container with network_mode: host, and spec.wazo at 127.0.0.1",
                        own)};
  return {Verdict::good, "AddressIsOurs", own + " is an address of this host"};
}

}  // namespace tandem

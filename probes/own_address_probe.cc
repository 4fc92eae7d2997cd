#include "probes/own_address_probe.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem {
namespace {

bool is_loopback(const std::string& address) { return address.starts_with("127."); }

bool has(const std::vector<LocalAddress>& local, const std::string& address) {
  return std::any_of(local.begin(), local.end(),
                     [&](const LocalAddress& l) { return l.address == address; });
}

}  // namespace

Reading own_address(const Result<std::vector<LocalAddress>>& local, const std::string& own,
                    const std::string& peer) {
  if (is_loopback(own) && is_loopback(peer))
    return {Verdict::good, "Loopback", "both nodes are on this machine, as in a lab"};
  if (!local.ok())
    return {Verdict::unknown, "NotReadable",
            "the addresses of this host could not be read: " + local.error().message};
  if (has(local.value(), peer))
    return {
        Verdict::bad, "PeerAddressIsLocal",
        fmt::format("{}, declared as the other node's, is an address of this host: set spec.node "
                    "in operator.yaml to the node that this host is, or correct the addresses in "
                    "pair.yaml",
                    peer)};
  if (!has(local.value(), own))
    return {Verdict::bad, "AddressNotLocal",
            fmt::format("{}, declared as this node's, is on no interface of this host: correct the "
                        "address in pair.yaml or spec.node in operator.yaml; a container must run "
                        "with network_mode: host",
                        own)};
  return {Verdict::good, "AddressIsOurs", own + " is an address of this host"};
}

}  // namespace tandem

#include "probes/witness_probe.h"

namespace tandem {

std::optional<std::string> gateway_witness(const RouteView& seen,
                                           const std::set<std::string>& nodes) {
  std::optional<std::string> any;
  for (const Gateway& gateway : seen.gateways) {
    if (nodes.contains(gateway.address)) continue;
    if (seen.way && gateway.interface == seen.way->name) return gateway.address;
    if (!any) any = gateway.address;
  }
  return any;
}

}  // namespace tandem

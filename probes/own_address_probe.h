// Whether this is the host that the declaration means: without that nothing may be changed.
#pragma once

#include <string>
#include <vector>

#include "ports/network.h"
#include "probes/probe.h"

namespace tandem {

// Where this program runs in relation to the node that it keeps.
struct Whereabouts {
  bool in_container = false;
  std::string services_host;  // of spec.wazo.confd: a name or an address
};

// Good: `own` is on a local interface and `peer` is not, or both are loopback addresses (a lab on
// one machine). Bad, too: this is a container in a bridged network, whose address is not the
// node's; a container shares the node's network where the vendor's services are at its loopback or
// own address. Unknown: the addresses could not be read.
Reading own_address(const Result<std::vector<LocalAddress>>& local, const std::string& own,
                    const std::string& peer, const Whereabouts& here);

}  // namespace tandem

// Whether this is the host that the declaration means: without that nothing may be changed.
#pragma once

#include <string>
#include <vector>

#include "ports/network.h"
#include "probes/probe.h"

namespace tandem {

// Good: `own` is on a local interface and `peer` is not, or both are loopback addresses (a lab on
// one machine). Unknown: the addresses could not be read.
Reading own_address(const Result<std::vector<LocalAddress>>& local, const std::string& own,
                    const std::string& peer);

}  // namespace tandem

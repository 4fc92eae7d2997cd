// What this host's network is.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace tandem {

struct LocalAddress {
  std::string interface;
  std::string address;  // IPv4
};

class Network {
 public:
  virtual ~Network() = default;

  // Every IPv4 address of an interface that is up.
  virtual Result<std::vector<LocalAddress>> local_addresses() = 0;
};

}  // namespace tandem

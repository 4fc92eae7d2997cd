// What this host's network is.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace tandem {

struct LocalAddress {
  std::string interface;
  std::string address;  // IPv4
  // The interface is one end of a link that goes on in another network namespace, as the only
  // interface of a container in a bridged network is.
  bool elsewhere = false;
  int prefix = 32;  // how many bits of the address name the network
};

class Network {
 public:
  virtual ~Network() = default;

  // Every IPv4 address of an interface that is up.
  virtual Result<std::vector<LocalAddress>> local_addresses() = 0;

  // Whether this process runs in an application container: Docker, Podman, Kubernetes. System
  // containers such as LXC, in which a whole node lives, do not count.
  virtual bool in_container() = 0;
};

}  // namespace tandem

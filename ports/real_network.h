// The host's network interfaces, from the kernel.
#pragma once

#include <vector>

#include "ports/network.h"

namespace tandem {

class RealNetwork : public Network {
 public:
  Result<std::vector<LocalAddress>> local_addresses() override;
  bool in_container() override;
};

}  // namespace tandem

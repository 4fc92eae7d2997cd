// The host's network, as a test says it is.
#pragma once

#include <optional>
#include <vector>

#include "ports/network.h"

namespace tandem::fakes {

class FakeNetwork : public Network {
 public:
  std::vector<LocalAddress> addresses{{"lo", "127.0.0.1", false}};
  std::optional<Error> error;
  bool container = false;

  Result<std::vector<LocalAddress>> local_addresses() override {
    if (error) return *error;
    return addresses;
  }
  bool in_container() override { return container; }
};

}  // namespace tandem::fakes

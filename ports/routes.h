// By which interface this host reaches another one, and whether that interface is of use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct Interface {
  std::string name;
  bool up = false;       // by the administrator
  bool carrier = false;  // a cable, and something at its other end

  bool operator==(const Interface&) const = default;
};

struct Gateway {
  std::string address;  // IPv4
  std::string interface;
  std::uint32_t metric = 0;  // the kernel takes the lowest

  bool operator==(const Gateway&) const = default;
};

struct RouteView {
  std::optional<Interface> holder;  // the one that has the own address, also where it is down
  std::optional<Interface> way;     // the one by which the peer is reached; nullopt: no route
  std::vector<Gateway> gateways;    // of the default routes, the preferred first

  bool operator==(const RouteView&) const = default;
};

class Routes {
 public:
  static constexpr std::size_t kGatewaysMax = 64;

  virtual ~Routes() = default;

  // How things are now, for these two IPv4 addresses. An error: the kernel could not be asked,
  // which tells nothing.
  virtual Task<Result<RouteView>> look(std::string own, std::string peer) = 0;
};

}  // namespace tandem

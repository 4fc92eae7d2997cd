// Reachability by this host's sockets.
#pragma once

#include "ports/reachability.h"

namespace tandem {

class RealReachability : public Reachability {
 public:
  // By a ping socket where the kernel lets our group have one, else by a raw one.
  Task<Result<std::chrono::nanoseconds>> ping(std::string address,
                                              std::chrono::milliseconds deadline) override;
  Task<Result<std::string>> greet(Greeting greeting) override;

 private:
  std::uint16_t sequence_ = 0;
};

}  // namespace tandem

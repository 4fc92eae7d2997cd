// One measurement of the other node on one path.
#pragma once

#include <chrono>
#include <string>

#include "ports/clock.h"

namespace tandem {

// `unknown`: it could not be asked, which is no evidence of anything.
enum class Heard { unknown, answers, silent };

struct Sample {
  Heard heard = Heard::unknown;
  bool poor = false;  // answered, but late or with 503
  Instant at{};
  std::chrono::nanoseconds took{};
  std::string reason;
};

// The own interface towards the other node.
enum class OwnLink { unknown, good, no_carrier, no_address, no_route };

}  // namespace tandem

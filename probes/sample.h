// What one attempt of a probe told.
#pragma once

#include <chrono>
#include <string>

#include "ports/clock.h"

namespace tandem {

// `unknown`: it could not be asked; that tells nothing of the other side.
enum class Heard { unknown, answers, silent };

struct Sample {
  Heard heard = Heard::unknown;
  bool poor = false;                // it answered, but late or with 503
  Instant at{};                     // when the attempt ended
  std::chrono::nanoseconds took{};  // from the question on
  std::string reason;               // a few words: "answered", "no answer", "no route"
};

// How this node stands to the network in which the other one is.
enum class OwnLink { unknown, good, no_carrier, no_address, no_route };

}  // namespace tandem

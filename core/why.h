// What `tandem why` tells: what the node would do next, and what that waits for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pair.h"

namespace tandem {

struct Why {
  struct Guard {
    std::string name;       // "confirmed", "suspension"
    std::string value;      // as a person reads it: "silent for 4 s"
    std::string threshold;  // "10 s"; "" where there is none
    bool holds = false;
    std::optional<WallTime> since;
  };

  std::string sentence;       // "would take over in 14 s", "will not: suspended until ..."
  std::vector<Guard> guards;  // of the next transition
  std::string next;           // what a person can do; "" for nothing
};

}  // namespace tandem

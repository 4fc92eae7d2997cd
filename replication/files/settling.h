// When a folder that changes is to be copied: when it has come to rest, or has not for too long.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "ports/clock.h"

namespace tandem::files {

class Settling {
 public:
  static constexpr std::chrono::seconds kQuiet{5};
  // Of a folder that never rests.
  static constexpr std::chrono::seconds kAtMost{60};

  void changed(const std::string& path, Instant now);
  // When the first of them is to be copied; nullopt: none has changed.
  std::optional<Instant> due() const;
  // Those that are due by now, which are forgotten here.
  std::set<std::string> take(Instant now);
  bool empty() const { return restless_.empty(); }

 private:
  struct Restless {
    Instant first;
    Instant last;
  };
  static Instant due_of(const Restless& path);

  std::map<std::string, Restless> restless_;
};

}  // namespace tandem::files

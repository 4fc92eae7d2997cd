// One probe as `tandem get probes` shows it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tandem {

struct ProbeRow {
  std::string probe;   // "icmp", "sip", "peer", "witness"
  std::string target;  // an address
  std::string last;    // "answers", "silent: timed out", "unknown: no route"
  bool good = false;   // it answered
  std::optional<std::chrono::milliseconds> age;   // of the last sample
  std::optional<std::chrono::microseconds> took;  // of the last answer
  std::uint64_t attempts = 0;
  std::uint64_t failures = 0;
};

}  // namespace tandem

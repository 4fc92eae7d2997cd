// One probe as `tandem get probes` shows it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tandem {

// What a probe came to within a minute that began so long ago.
struct ProbeSpell {
  std::chrono::milliseconds ago{0};
  std::uint32_t attempts = 0, failures = 0, not_asked = 0;
  std::chrono::microseconds slowest{0};  // of the answers
};

struct ProbeRow {
  std::string probe;   // "icmp", "sip", "peer", "witness"
  std::string target;  // an address
  std::string last;    // "answers", "silent: timed out", "unknown: no route"
  bool good = false;   // it answered
  std::optional<std::chrono::milliseconds> age;   // of the last sample
  std::optional<std::chrono::microseconds> took;  // of the last answer
  std::uint64_t attempts = 0;
  std::uint64_t failures = 0;
  std::vector<ProbeSpell> last_hour;  // oldest first; minutes without any are left out
};

}  // namespace tandem

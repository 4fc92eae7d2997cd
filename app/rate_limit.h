// How often one caller may ask.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ports/clock.h"

namespace tandem {

// A bucket of tokens for each address: each request takes one, and they come back with time.
class RateLimit {
 public:
  // Far beyond what a page, Prometheus, the other node and a person need together.
  static constexpr double kPerSecond = 50, kBurst = 200;
  // Of this host, whose programs are trusted to be many.
  static constexpr double kPerSecondHere = 500, kBurstHere = 2000;
  // A bucket that is full again says nothing and is forgotten; beyond this number all that have no
  // bucket share one, so that many addresses cost no more memory than few.
  static constexpr std::size_t kCallersMax = 1024;

  static constexpr std::chrono::seconds kForgetGap{1};  // between two looks for those

  // Takes a token for a request by `address`; false: there is none.
  bool allows(const std::string& address, bool here, Instant now);
  std::uint64_t refused() const { return refused_; }

 private:
  struct Bucket {
    double tokens = 0;
    Instant filled{};
  };
  void forget_full(Instant now);

  Instant forgotten_{};                    // when that was last looked for
  std::map<std::string, Bucket> buckets_;  // "" is the one that many share
  std::uint64_t refused_ = 0;
};

}  // namespace tandem

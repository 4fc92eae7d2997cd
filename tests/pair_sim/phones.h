// Phones that register, refresh before their registration ends, and move by their timers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/pair_sim/dice.h"
#include "tests/pair_sim/scenario.h"

namespace tandem::sim {

// RFC 3261 timer F: a request that nobody answers is given up.
inline constexpr std::chrono::seconds kTimerF{32};
// Until then it is sent again and again (T2).
inline constexpr std::chrono::seconds kRetransmission{4};
// Between two rounds of both servers, where both refused at once.
inline constexpr std::chrono::seconds kPhonePause{10};

// What a phone meets where it sends a request.
enum class Reply { answered, refused, nothing };

class Phone {
 public:
  Phone(Duration expiry, Instant first) : expiry_(expiry), next_at_(first) {}

  Instant next_at() const { return next_at_; }
  Duration expiry() const { return expiry_; }
  // Where it is registered; the registration may have run out.
  std::optional<int> registered() const { return registered_; }
  bool is_registered_at(int node, Instant now) const { return registered_ == node && now < until_; }

  // Acts at next_at(). Asks the server it would try now; `reply` tells what comes of it.
  int asks() const { return asks_; }
  void replied(Reply reply, Instant now);

 private:
  Duration expiry_;
  Instant next_at_;
  std::optional<int> registered_;
  Instant until_{};
  int asks_ = kA;
  std::optional<Instant> gives_up_at_;  // a request is out, and nobody answers it
  bool refused_ = false;                // by the server before, at once
};

}  // namespace tandem::sim

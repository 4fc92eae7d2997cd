#include "tests/pair_sim/phones.h"

#include <algorithm>

namespace tandem::sim {

// A refresh is tried at the primary first: a phone returns by itself. Where nobody answers there
// within timer F, or it refuses, the other server is asked, by turns until one answers.
void Phone::replied(Reply reply, Instant now) {
  // It does not wait for the primary while the other server still has it.
  if (reply != Reply::answered && asks_ == kA && is_registered_at(kB, now)) {
    asks_ = kB;
    next_at_ = now;
    return;
  }
  if (reply == Reply::nothing) {
    if (!gives_up_at_) gives_up_at_ = now + kTimerF;
    next_at_ = std::min(now + kRetransmission, *gives_up_at_);
    if (now < *gives_up_at_) return;
    gives_up_at_.reset();
    refused_ = false;
    asks_ = 1 - asks_;
    next_at_ = now;
    return;
  }
  gives_up_at_.reset();
  if (reply == Reply::answered) {
    registered_ = asks_;
    until_ = now + expiry_;
    next_at_ = now + expiry_ * 3 / 4;
    asks_ = kA;
    refused_ = false;
    return;
  }
  next_at_ = now + (refused_ ? kPhonePause : std::chrono::seconds{0});
  refused_ = !refused_;
  asks_ = 1 - asks_;
}

}  // namespace tandem::sim

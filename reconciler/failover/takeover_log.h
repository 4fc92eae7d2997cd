// Makes a record of each takeover from the changes of state: cause, evidence, how long each step
// took, and for how long nobody answered.
#pragma once

#include <optional>
#include <string>

#include "core/history.h"
#include "reconciler/failover/failover.h"

namespace tandem {

class TakeoverLog {
 public:
  // A change of state and what was known when it came. The record where it begins, where the node
  // serves and where it has left: the steps between come with the next of these. What an operator
  // adopts at its start is no takeover; what follows of one that began before it is `continued`.
  std::optional<TakeoverRecord> follow(const Transition& transition, const Situation& now);
  // What the services did within the takeover that lasts.
  void step(std::string name, std::chrono::milliseconds took);

  // From the decision to the first answer of our own SIP, of the last takeovers that went through:
  // the longest of them.
  std::optional<std::chrono::milliseconds> activation() const;

 private:
  static constexpr std::size_t kMeasuredMax = 10;

  bool begins(const Transition& transition) const;
  void take_up(const Transition& transition);
  void measure(const Situation& now);

  std::optional<std::uint64_t> epoch_;    // of the change before
  std::optional<TakeoverRecord> record_;  // of the takeover that lasts
  std::optional<Instant> silent_since_;   // the primary, as heard from here
  Instant began_{};
  std::optional<Instant> step_began_;
  std::deque<std::chrono::milliseconds> measured_;
};

// "HostDown for 20 s: it is silent on every path, and a witness answers"
std::string evidence_text(const Situation& now);

}  // namespace tandem

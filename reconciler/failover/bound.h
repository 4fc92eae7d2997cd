// How long a phone may be without telephony when the primary dies, as the pair is now; DESIGN's
// bound: max(longest registration expiry in force, confirm time + activation time) + phoneSwitch.
//
// A phone that is registered learns of the other node when it registers again or makes a call; one
// that calls gives the old server up after phoneSwitch (RFC 3261, Timer F).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/pair.h"
#include "ports/clock.h"
#include "reconciler/failover/memory.h"

namespace tandem {

// Who takes over where the primary dies, by owner and mode of the declaration.
enum class Actor { tandem, vendor, orders, nobody };
Actor actor_of(const Failover& failover);

// The vendor's detector on the secondary: from the death of the primary's host to its start
// command. A host that answers ping is alive to it, whatever became of its Asterisk.
inline constexpr Duration kVendorDetectsAtLeast = std::chrono::seconds{31};
inline constexpr Duration kVendorDetectsAtMost = std::chrono::seconds{88};

struct BoundFigures {
  Actor actor = Actor::tandem;
  std::optional<Duration> expiry;  // nullopt: not known; then the default of Asterisk counts
  std::string expiry_from;         // "declared", "in force"
  std::optional<Duration> expiry_declared;  // nullopt: not managed
  std::optional<Duration> expiry_fast;      // of the preset `fast`, where that would be shorter
  // The expiry was lowered: phones may hold the old one until then, and afterwards only `next`.
  struct Elapses {
    WallTime until{};
    Duration next{};
  };
  std::optional<Elapses> elapses;
  Duration confirm{};
  std::string confirm_from;  // the field, or who
  Duration activation{};
  bool activation_measured = false;
  Duration phone_switch{};
  Duration objective{};

  // nullopt: nobody acts by himself, so nothing bounds it.
  std::optional<Duration> bound() const;
};

// The longest registration that phones may still hold: after a lowering the old maximum counts
// until it has elapsed, over a restart of the operator too.
class ExpiryInForce {
 public:
  static constexpr std::size_t kChangesMax = KeptExpiry::kPastMax;

  void observed(Duration maximum, Instant now);
  std::optional<Duration> longest(Instant now) const;
  // Where the longest is an old one: when its last registration ends.
  std::optional<Instant> old_until(Instant now) const;
  std::optional<Duration> current() const { return current_; }

  // What an operator before this one kept. The wall clock has no part in it: within one boot of
  // the host the same clock runs on; after another one, each counts once more for its whole time,
  // which is longer than right and never shorter.
  void take_up(const KeptExpiry& kept, Instant now, bool same_boot);
  KeptExpiry kept() const;

 private:
  struct Past {
    Duration maximum;
    Instant until;  // the last registration with it ends
  };
  std::optional<Duration> current_;
  std::deque<Past> past_;
};

// What a takeover takes from its decision to the first answer of our own SIP where none has been
// measured yet.
inline constexpr Duration kActivationAssumed = std::chrono::seconds{60};

BoundFigures bound_figures(const HAPair& pair, std::optional<Duration> expiry_in_force,
                           std::optional<Duration> activation_measured);

// DowntimeObjectiveMet, with the figures and what to edit.
Condition objective_met(const BoundFigures& figures);

// Expected takeovers a day that nothing was wrong for, at this share of lost packets, in both
// directions alike; the formula is in docs/failover.md.
double false_takeovers_a_day(const Failover& failover, std::size_t paths, bool peer_link,
                             double loss);

// What a failure of the primary means with `wanted`, beside what it means with the declaration in
// force (nullptr: there is none): for `tandem plan`. Where Tandem does not act, also what would
// hold if it did. `activation`: as measured here, where the caller knows it. Empty for a pair that
// is off.
std::vector<std::string> failover_outlook(const HAPair* in_force, const HAPair& wanted,
                                          bool peer_link,
                                          std::optional<Duration> activation = std::nullopt);

}  // namespace tandem

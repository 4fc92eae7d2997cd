// What really happened, noted by the simulation itself: the oracles judge by this and never by what
// a node believes.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/failover.h"
#include "tests/pair_sim/scenario.h"

namespace tandem::sim {

// What the primary was heard to announce, by the clock that does not jump.
struct Announcement {
  WallTime told{};
  Instant until{};
  bool take_over = false;
};

struct Truth {
  // At B, of A.
  std::optional<Instant> sip_good_last;   // a good answer to its own SIP request
  std::optional<Instant> sip_good_since;  // nothing but good answers since then
  bool sip_poor = false;                  // the last answer was late, or 503
  std::optional<Instant> vouched_last;    // A's operator told it that A's SIP answers
  std::optional<Instant> heard_last;      // an answer of any kind
  ServiceTrouble told_trouble = ServiceTrouble::unknown;
  std::optional<Instant> told_last;
  std::optional<Announcement> announced;
  std::array<std::optional<Instant>, kWitnessesMax> witness_last{};
  std::optional<Instant> isolated_last;  // when it was in that state
  std::optional<Instant> upgraded_last;  // that an upgrade ran at B
  std::optional<Instant> b_served_last;
  std::optional<Instant> stall_end;  // of the last stall that voids evidence
  std::optional<Instant> no_carrier_since;

  // Orders that were taken.
  std::array<std::optional<Instant>, kNodes> suspended_until{};
  std::optional<Instant> switchover_until;
  std::optional<Instant> takeover_ordered;
  bool released = false;  // a person let B go: failback or ack, since it served

  bool mandate = false;       // B has a reason to run its services
  bool hand_started = false;  // a person started B's services, and nobody let them go
  bool hand_or_upgrade = false;
  bool takeover_forgotten = false;  // B acted on one that its disk never took, and was started anew
  std::array<std::uint64_t, kNodes> epoch_durable{};
  std::vector<Instant> failbacks;        // automatic ones, since the last release
  std::optional<Instant> restart_since;  // of A, `wazo-service restart`, and nothing else is wrong

  // Since when B has had to serve, and how long it may take from there.
  std::optional<Instant> must_serve_since;
  Duration confirm_max{};
  Duration extra{};

  std::optional<Instant> minute;  // that transitions are counted in
  int transitions_in_minute = 0;
};

}  // namespace tandem::sim

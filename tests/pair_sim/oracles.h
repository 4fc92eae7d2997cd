// What must hold, each a function of its own. A complaint is a sentence; nullopt: all is well.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reconciler/failover/failover.h"
#include "tests/pair_sim/world.h"

namespace tandem::sim {

using Complaint = std::optional<std::string>;

// A command that an operator gives to its node.
struct Act {
  int node = kA;
  Command command = Command::none;
};

struct OnTakeover {  // a takeover that no order began, at B
  std::string_view name, sentence;
  Complaint (*judge)(const World&, const Transition&);
};
struct OnFailback {  // B begins to leave
  std::string_view name, sentence;
  Complaint (*judge)(const World&, const Transition&);
};
struct OnAct {
  std::string_view name, sentence;
  Complaint (*judge)(const World&, const Act&);
};
struct OnTurn {  // after each turn of a node
  std::string_view name, sentence;
  Complaint (*judge)(const World&, int node);
};
struct Always {  // after each step of the world that is no turn, and each second
  std::string_view name, sentence;
  Complaint (*judge)(const World&);
};

std::span<const OnTakeover> takeover_oracles();
std::span<const OnFailback> failback_oracles();
std::span<const OnAct> act_oracles();
std::span<const OnTurn> turn_oracles();
std::span<const Always> lasting_oracles();
std::span<const Always> final_oracles();

// Compares two runs that differ in the jumps of the clocks only; see simulate().
inline constexpr std::string_view kJumpsChangeNothing = "JumpsChangeNothing";
inline constexpr std::string_view kJumpsSentence =
    "the same story without its clock jumps has the same transitions and acts";

struct Named {
  std::string_view name, sentence;
};
std::vector<Named> all_oracles();

// How long B may take from the moment that it has to serve.
Duration serving_bound(const World& world);
// The confirm time that counts for a takeover, by what B was really told.
Duration confirm_time(const World& world, TakeoverCause cause);

}  // namespace tandem::sim

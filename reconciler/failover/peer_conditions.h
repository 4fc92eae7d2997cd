// The conditions that compare the two nodes, from what the other one says over the peer link.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/failover.h"
#include "core/pair.h"
#include "probes/sample.h"

namespace tandem {

struct PeerFacts {
  bool set_up = false;  // there is a peer link to ask over
  std::string node;     // this one
  std::string peer;     // the other; "" where no declaration says
  std::string port;     // where its operator is asked: "9878"
  Role role = Role::off;
  NodeState state = NodeState::off;
  TakeoverCause cause = TakeoverCause::none;
  HAPair::Distribution distribution = HAPair::Distribution::manual;
  std::string spec_sha256;    // of the declaration in force here; "" where there is none
  WallTime spec_since{};      // since when, the epoch where not known
  std::string wanted_sha256;  // of what the file asks for here
  Sample sample;              // the last one
  std::optional<PeerWord> word;
};

// PeerLinkUp, SpecInSync, RoleConflict. Pure.
std::vector<Condition> peer_conditions(const PeerFacts& facts);

// Why a structural change may not come into force here now: the other node holds, and asks for,
// another declaration. nullopt: it may, also where the other node can not be heard. With
// distribution fromPrimary the primary goes first and the secondary takes its file.
std::optional<std::string> structural_refusal(const PeerFacts& facts);

}  // namespace tandem

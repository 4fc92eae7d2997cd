#include "reconciler/failover/peer_conditions.h"

#include <fmt/format.h>

#include "core/formats.h"

namespace tandem {
namespace {

constexpr const char* kWithout =
    "each node sees of the other only whether it answers ping and SIP: the three times of "
    "failover.confirmServiceDown become the one of `unknown`, orders must be typed on the node "
    "that they are for, and nobody compares the two declarations";

Condition peer_link_up(const PeerFacts& facts) {
  Condition condition{"PeerLinkUp", Truth::no, "", "", true};
  if (!facts.set_up) {
    condition.reason = "NotSetUp";
    condition.message = fmt::format(
        "there is no peer link, so {}; on the primary run `tandem pki init`, which tells the rest",
        kWithout);
    condition.advisory = true;
    return condition;
  }
  switch (facts.sample.heard) {
    case Heard::answers:
      condition.status = Truth::yes;
      condition.reason = facts.sample.poor ? "AnswersPoorly" : "Answers";
      condition.message = fmt::format("{} is heard: {}", facts.peer, facts.sample.reason);
      break;
    case Heard::silent:
      condition.reason = "Silent";
      condition.message = fmt::format(
          "{} is not heard: {}; meanwhile {}. On {}: systemctl status tandem, and let TCP port {} "
          "through its firewall from here",
          facts.peer, facts.sample.reason, kWithout, facts.peer, facts.port);
      break;
    case Heard::unknown:
      condition.status = Truth::unknown;
      condition.reason = facts.sample.reason.empty() ? "NotAskedYet" : "NotTheOtherNode";
      condition.message =
          facts.sample.reason.empty()
              ? "the other node was not asked yet"
              : fmt::format("{} can not be told to be heard: {}", facts.peer, facts.sample.reason);
      break;
  }
  return condition;
}

// A word that is not there makes nothing bad beside PeerLinkUp.
Condition without_word(Condition condition, const PeerFacts& facts) {
  condition.status = Truth::unknown;
  condition.reason = facts.set_up ? "NotHeard" : "NoPeerLink";
  condition.message = facts.set_up ? "the other node is not heard just now (PeerLinkUp)"
                                   : "without a peer link it can not be told (PeerLinkUp)";
  condition.advisory = true;
  return condition;
}

std::string brief(const std::string& sha256) {
  return sha256.empty() ? "none" : sha256.substr(0, 12);
}

// Which of the two has the older one, where both know since when they have theirs.
std::string older(const PeerFacts& facts) {
  const WallTime theirs = facts.word->spec_since;
  if (facts.spec_since <= WallTime{} || theirs <= WallTime{} || facts.spec_since == theirs)
    return "which is the older can not be told";
  const bool ours = facts.spec_since < theirs;
  return fmt::format("{} has the older, in force since {}", ours ? facts.node : facts.peer,
                     to_string(ours ? facts.spec_since : theirs));
}

std::string how_to_agree(const PeerFacts& facts) {
  if (!facts.wanted_sha256.empty() && facts.wanted_sha256 == facts.word->spec_sha256)
    return fmt::format("{} asks for the same and waits for its order: tandem apply --structural",
                       facts.node);
  if (!facts.word->wanted_sha256.empty() && facts.word->wanted_sha256 == facts.spec_sha256)
    return fmt::format("{} asks for the same and waits for its order: tandem apply --structural",
                       facts.peer);
  if (facts.distribution == HAPair::Distribution::from_primary)
    return "the secondary takes the primary's file by itself (distribution: fromPrimary)";
  return "copy pair.yaml from the node where it is right to the other";
}

Condition spec_in_sync(const PeerFacts& facts) {
  Condition condition{"SpecInSync", Truth::yes, "Same", "", true};
  if (!facts.word) return without_word(std::move(condition), facts);
  const std::string& theirs = facts.word->spec_sha256;
  if (facts.spec_sha256.empty() && theirs.empty()) {
    condition.status = Truth::unknown;
    condition.reason = "NoneInForce";
    condition.message = "no declaration is in force on either node";
    condition.advisory = true;
  } else if (facts.spec_sha256 == theirs) {
    condition.message =
        fmt::format("both nodes hold the same declaration, sha256 {}", brief(theirs));
  } else {
    condition.status = Truth::no;
    condition.reason = "SpecsDiffer";
    condition.message =
        fmt::format("{} holds sha256 {}, {} holds {}; {}; {}", facts.node, brief(facts.spec_sha256),
                    facts.peer, brief(theirs), older(facts), how_to_agree(facts));
  }
  return condition;
}

// A node that somebody started beside one that serves. In a failback's hold, and latched, both
// serve by design.
bool both_serve_by_accident(const PeerFacts& facts) {
  const auto began = [](NodeState one, NodeState other, TakeoverCause cause) {
    return one == NodeState::active && cause == TakeoverCause::by_hand && serves(other);
  };
  return began(facts.word->state, facts.state, facts.word->cause) ||
         began(facts.state, facts.word->state, facts.cause);
}

Condition role_conflict(const PeerFacts& facts) {
  Condition condition{"RoleConflict", Truth::no, "NoConflict", "", false};
  if (!facts.word) return without_word(std::move(condition), facts);
  const bool off = facts.role == Role::off || facts.word->role == Role::off;
  if (!off && facts.role == facts.word->role) {
    condition.status = Truth::yes;
    condition.reason = facts.role == Role::primary ? "BothPrimary" : "BothSecondary";
    condition.message = fmt::format(
        "both nodes hold that they are the {}: no service is changed and nothing is copied until "
        "one pair.yaml is on both, and each has had its order: tandem apply --structural",
        role_name(facts.role));
  } else if (both_serve_by_accident(facts)) {
    condition.status = Truth::yes;
    condition.reason = "BothServe";
    const bool peer_began = facts.word->cause == TakeoverCause::by_hand;
    const std::string& started = peer_began ? facts.peer : facts.node;
    condition.message = fmt::format(
        "{} was started by hand while {} serves: phones may be on either; on {} run: tandem "
        "failback --reason REASON",
        started, peer_began ? facts.node : facts.peer, started);
  } else {
    condition.message = fmt::format("{} is {}, {} is {}", facts.node, role_name(facts.role),
                                    facts.peer, role_name(facts.word->role));
    if (serves(facts.state) && serves(facts.word->state))
      condition.message += "; both serve, as they do until a failback is over";
  }
  return condition;
}

}  // namespace

std::vector<Condition> peer_conditions(const PeerFacts& facts) {
  return {peer_link_up(facts), spec_in_sync(facts), role_conflict(facts)};
}

std::optional<std::string> structural_refusal(const PeerFacts& facts) {
  if (!facts.word || facts.wanted_sha256.empty()) return std::nullopt;
  const PeerWord& word = *facts.word;
  if (facts.wanted_sha256 == word.spec_sha256 || facts.wanted_sha256 == word.wanted_sha256)
    return std::nullopt;
  const bool leads = facts.distribution == HAPair::Distribution::from_primary &&
                     facts.role == Role::primary && word.role != Role::primary;
  if (leads) return std::nullopt;
  return fmt::format(
      "the nodes hold different declarations: this node's pair.yaml has sha256 {}, {} holds {} and "
      "its file has {}; a structural change comes into force only where both files are the same: "
      "copy pair.yaml to {} first",
      brief(facts.wanted_sha256), facts.peer, brief(word.spec_sha256), brief(word.wanted_sha256),
      facts.peer);
}

}  // namespace tandem

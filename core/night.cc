#include "core/night.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/night_advice.h"
#include "core/spec.h"

namespace tandem {
namespace {

// One of the two nodes, as it is seen from here.
struct Seat {
  std::string name;
  bool primary = false;
  OwnSip sip = OwnSip::unknown;
  NodeState state = NodeState::off;
  std::vector<std::string> impaired;
};

OwnSip sip_by_verdict(PrimaryVerdict verdict) {
  switch (verdict) {
    case PrimaryVerdict::serving: return OwnSip::answers;
    case PrimaryVerdict::service_down:
    case PrimaryVerdict::host_down: return OwnSip::silent;
    case PrimaryVerdict::unknown:
    case PrimaryVerdict::isolated:
    case PrimaryVerdict::maintenance: break;
  }
  return OwnSip::unknown;
}

Seat own_seat(const NightFacts& facts) {
  return {facts.node, facts.role != Role::secondary, facts.sip, facts.state, facts.impaired};
}

// By its own word, else by what is heard of its SIP here.
Seat peer_seat(const NightFacts& facts) {
  Seat seat{facts.peer, facts.role == Role::secondary, OwnSip::unknown, NodeState::off, {}};
  if (facts.verdict) seat.sip = sip_by_verdict(*facts.verdict);
  if (!facts.word) return seat;
  if (facts.word->sip != OwnSip::unknown) seat.sip = facts.word->sip;
  seat.state = facts.word->state;
  seat.impaired = facts.word->impaired;
  return seat;
}

struct Seats {
  Seat primary, secondary;

  bool primary_serves() const { return primary.sip == OwnSip::answers; }
  bool secondary_serves() const { return secondary.sip == OwnSip::answers; }
  bool is_taken_over() const { return has_begun_to_serve(secondary.state); }
  const Seat* serving() const {
    if (secondary_serves() && (is_taken_over() || !primary_serves())) return &secondary;
    return primary_serves() ? &primary : nullptr;
  }
};

Seats seats_of(const NightFacts& facts) {
  Seat own = own_seat(facts), peer = peer_seat(facts);
  if (facts.role == Role::secondary) return {std::move(peer), std::move(own)};
  return {std::move(own), std::move(peer)};
}

const Condition* find(const NightFacts& facts, std::string_view type) {
  for (const Condition& condition : facts.conditions)
    if (condition.type == type) return &condition;
  return nullptr;
}

bool is_told(const NightFacts& facts, std::string_view type) {
  const Condition* const condition = find(facts, type);
  return condition != nullptr && !is_well(*condition);
}

// A node that is in no pair serves for itself.
bool is_alone(const NightFacts& facts) { return facts.role == Role::off; }

std::string why_sentence(const NightFacts& facts) {
  return facts.why.empty() ? "" : fmt::format("{}: {}", facts.node, facts.why);
}

// ---- who serves?

NightAnswer who_serves_in_a_pair(const NightFacts& facts, const Seats& seats) {
  const Seat &primary = seats.primary, &secondary = seats.secondary;
  if (seats.primary_serves() && seats.secondary_serves()) {
    const bool meant = seats.is_taken_over() && !is_told(facts, "RoleConflict");
    return {meant ? Standing::waits : Standing::not_well, "both", "both nodes answer phones",
            meant ? fmt::format("{} took over, and {} answers again", secondary.name, primary.name)
                  : fmt::format("SIP answers on {} and on {}", primary.name, secondary.name)};
  }
  if (seats.secondary_serves())
    return {Standing::waits, secondary.name,
            fmt::format("{} serves in place of {}", secondary.name, primary.name),
            fmt::format("the secondary, in place of {}; its state is {}", primary.name,
                        state_name(secondary.state))};
  if (seats.primary_serves())
    return {Standing::well, primary.name, fmt::format("{} serves", primary.name),
            "the primary, as in ordinary times"};
  if (secondary.state == NodeState::activating)
    return {Standing::not_well, "nobody yet", fmt::format("{} takes over now", secondary.name),
            fmt::format("{} is taking over from {}", secondary.name, primary.name)};
  if (primary.sip == OwnSip::silent)
    return {Standing::not_well, "nobody", "nobody serves",
            facts.verdict_why.empty() ? fmt::format("SIP does not answer on {}", primary.name)
                                      : fmt::format("{}: {}", primary.name, facts.verdict_why)};
  return {Standing::unknown, "not known", "who serves is not known",
          facts.verdict_why.empty() ? "nothing has answered yet" : facts.verdict_why};
}

NightAnswer who_serves(const NightFacts& facts, const Seats& seats) {
  if (!is_alone(facts)) return who_serves_in_a_pair(facts, seats);
  if (facts.sip == OwnSip::silent)
    return {Standing::not_well, "nobody", "SIP does not answer here",
            "this node is in no pair, and its SIP does not answer"};
  return {Standing::unknown, facts.node, fmt::format("{} stands alone", facts.node),
          "this node is in no pair: nothing is decided or taken over here"};
}

// ---- can people call?

NightAnswer can_call(const NightFacts& facts, const Seats& seats) {
  const Seat* const serving = seats.serving();
  if (serving == nullptr) {
    const bool known = seats.primary.sip == OwnSip::silent;
    if (is_alone(facts) && !known)
      return {Standing::unknown, "not known", "whether people can call is not known",
              "SIP is not asked on a node that is in no pair"};
    return known
               ? NightAnswer{Standing::not_well, "no", "nobody can call",
                             "SIP answers on neither node, as far as is heard here"}
               : NightAnswer{Standing::unknown, "not known", "whether people can call is not known",
                             "no node has told yet whether its SIP answers"};
  }
  if (serving->name == facts.node && is_told(facts, "SipPortBlocked"))
    return {Standing::not_well, "no", "phones do not get through",
            find(facts, "SipPortBlocked")->message};
  if (!serving->impaired.empty())
    return {Standing::waits, "in part", "people can call in part",
            fmt::format("SIP answers on {}, but down there: {}", serving->name,
                        fmt::join(serving->impaired, ", "))};
  if (!serving->primary && facts.bound)
    return {Standing::well, "yes", "people can call",
            fmt::format("SIP answers on {}; a phone that knew {} alone has come over within {}",
                        serving->name, seats.primary.name, to_string(*facts.bound))};
  return {Standing::well, "yes", "people can call",
          fmt::format("SIP answers on {}", serving->name)};
}

// ---- will it hold?

// What keeps a failure of the primary from being survived as promised. `breaks`: nobody would take
// over.
struct Hold {
  std::string_view type;
  bool breaks;
};
constexpr std::array kHolds{Hold{"RoleConflict", true},
                            Hold{"NobodyFailsOver", true},
                            Hold{"Suspended", true},
                            Hold{"TakeoverBlocked", true},
                            Hold{"SecondaryFit", true},
                            Hold{"AddressIsOurs", true},
                            Hold{"WizardPassed", true},
                            Hold{"UpgradeInProgress", true},
                            Hold{"ActivationFailed", true},
                            Hold{"StateDurable", false},
                            Hold{"PeerLinkUp", false},
                            Hold{"DatabaseReplicated", false},
                            Hold{"DataAgeObjectiveMet", false},
                            Hold{"FilesReplicated", false},
                            Hold{"SipPathBroken", false},
                            Hold{"DowntimeObjectiveMet", false}};

bool breaks(const Hold& hold, const Condition& condition) {
  if (condition.reason == "NobodyActs") return true;
  if (condition.reason == "Misses") return false;  // it takes over, and lacks something
  return hold.breaks;
}

NightAnswer not_held(const Hold& hold, const Condition& condition) {
  const bool no = breaks(hold, condition);
  if (condition.status == Truth::unknown)
    return {Standing::unknown, no ? "not known" : "not surely", "whether it will hold is not known",
            condition.message};
  if (!no)
    return {Standing::waits, "not as promised", "a failure is survived, not as promised",
            condition.message};
  const bool waits = standing_of(condition) == Standing::waits && condition.reason != "NobodyActs";
  return {waits ? Standing::waits : Standing::not_well, waits ? "not now" : "no",
          waits ? "a failure is not survived just now" : "a failure would not be survived",
          condition.message};
}

NightAnswer held_by_the_other(const NightFacts& facts, const Seats& seats) {
  if (!facts.word) {
    if (facts.role == Role::primary)
      return {
          Standing::unknown, "not known", "whether it will hold is not known",
          fmt::format("{} is not heard, so what it could do is not known", seats.secondary.name)};
  } else {
    for (const Hold& hold : kHolds) {
      const auto& bad = facts.word->not_well;
      if (hold.breaks && std::find(bad.begin(), bad.end(), hold.type) != bad.end())
        return {Standing::not_well, "no", "a failure might not be survived",
                fmt::format("{} tells that {} is not well there", facts.peer, hold.type)};
    }
  }
  if (!facts.bound)
    return {Standing::unknown, "not known", "whether it will hold is not known",
            "how long a takeover would take is not known yet"};
  const Condition* const objective = find(facts, "DowntimeObjectiveMet");
  const bool host_alone = objective != nullptr && objective->reason == "WithinObjectiveIfHostDies";
  return {host_alone ? Standing::waits : Standing::well, host_alone ? "in part" : "yes",
          host_alone ? "only a dead host is survived" : "a failure would be survived",
          fmt::format("if {} of {} dies, a phone is without telephony for at most {}; {} are "
                      "promised{}",
                      host_alone ? "the host" : "the host or Asterisk", seats.primary.name,
                      to_string(*facts.bound), to_string(facts.objective),
                      host_alone ? ". If only its Asterisk dies, nobody takes over" : "")};
}

NightAnswer will_hold(const NightFacts& facts, const Seats& seats) {
  if (!facts.in_force)
    return {Standing::waits, "no", "nothing is kept here yet",
            "no declaration is in force on this node"};
  if (is_alone(facts))
    return {Standing::waits, "no", "nobody would take over", "high availability is off"};
  if (seats.is_taken_over() && seats.secondary_serves()) {
    if (seats.primary_serves())
      return {Standing::waits, "not yet", "the way back is under way",
              facts.role == Role::secondary
                  ? why_sentence(facts)
                  : fmt::format("{} watches {} before it gives back", facts.peer, facts.node)};
    return {Standing::not_well, "no", "nobody stands behind it",
            fmt::format("nobody stands behind {} until {} is mended", seats.secondary.name,
                        seats.primary.name)};
  }
  for (const Hold& hold : kHolds)
    if (const Condition* const condition = find(facts, hold.type);
        condition != nullptr && !is_well(*condition) &&
        !(condition->advisory && hold.type == "PeerLinkUp"))
      return not_held(hold, *condition);
  if (seats.serving() == nullptr) {
    const bool silent = seats.primary.sip == OwnSip::silent;
    return {silent ? Standing::waits : Standing::unknown, silent ? "in doubt" : "not known",
            silent ? "a takeover is being decided" : "whether it will hold is not known",
            facts.role == Role::secondary
                ? why_sentence(facts)
                : fmt::format("{} decides whether it takes over", seats.secondary.name)};
  }
  return held_by_the_other(facts, seats);
}

// ---- what broke?

std::string things(std::size_t count) {
  return count == 1 ? "1 thing" : fmt::format("{} things", count);
}

NightAnswer what_broke(const NightFacts& facts) {
  std::vector<std::string> bad, open;
  for (const Condition& condition : facts.conditions) {
    if (is_well(condition) || condition.advisory || condition.type == "Ready") continue;
    (standing_of(condition) == Standing::not_well ? bad : open).push_back(condition.type);
  }
  if (facts.word)
    for (const std::string& type : facts.word->not_well) {
      if (type == "Ready") continue;
      const Condition there{type, Truth::no, "", "", true};
      // What is ordered or declared for the pair is told once.
      if (standing_of(there) == Standing::waits && is_told(facts, type)) continue;
      (standing_of(there) == Standing::not_well ? bad : open)
          .push_back(fmt::format("{} on {}", type, facts.peer));
    }
  if (!bad.empty())
    return {Standing::not_well, things(bad.size()),
            things(bad.size()) + (bad.size() == 1 ? " is" : " are") + " not well",
            fmt::format("not well: {}{}{}", fmt::join(bad, ", "),
                        open.empty() ? "" : "; not known, or waits: ", fmt::join(open, ", "))};
  if (!open.empty())
    return {Standing::waits, things(open.size()),
            things(open.size()) +
                (open.size() == 1 ? " waits or is not known" : " wait or are not known"),
            fmt::format("not known, or waits: {}", fmt::join(open, ", "))};
  return {Standing::well, "nothing", "nothing is broken", "every condition of this node is well"};
}

}  // namespace

std::string_view standing_name(Standing standing) {
  switch (standing) {
    case Standing::well: return "Well";
    case Standing::waits: return "Waits";
    case Standing::unknown: return "Unknown";
    case Standing::not_well: return "NotWell";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

Standing standing_of(const Condition& condition) {
  constexpr std::array<std::string_view, 9> kMeantSo{
      "Suspended",       "UpgradeInProgress", "StructuralChangePending",
      "RestartRequired", "ResyncRequired",    "PostgresRestartPending",
      "HarvestPending",  "DivergenceOpen",    "StoppedByHand"};
  if (is_well(condition)) return Standing::well;
  if (condition.status == Truth::unknown) return Standing::unknown;
  if (condition.advisory || condition.reason == "SecondaryInMaintenance") return Standing::waits;
  const bool meant = std::find(kMeantSo.begin(), kMeantSo.end(), condition.type) != kMeantSo.end();
  return meant ? Standing::waits : Standing::not_well;
}

NightAnswers night_answers(const NightFacts& facts) {
  const Seats seats = seats_of(facts);
  NightAnswers answers;
  answers.serves = who_serves(facts, seats);
  answers.calls = can_call(facts, seats);
  answers.holds = will_hold(facts, seats);
  answers.broke = what_broke(facts);
  answers.advice = night_advice(facts);
  answers.next = what_now(facts, answers.advice);
  answers.headline = fmt::format("{}, {}; {}, {}. {}.", answers.serves.clause, answers.calls.clause,
                                 answers.holds.clause, answers.broke.clause, answers.next.clause);
  return answers;
}

}  // namespace tandem

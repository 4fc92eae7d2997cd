#include "reconciler/failover/conditions.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/failover/fitness.h"
#include "reconciler/failover/order_words.h"

namespace tandem {
namespace {

using enum NodeState;

Condition condition(std::string type, Truth status, std::string reason, std::string message,
                    bool good_when_true) {
  return {std::move(type), status, std::move(reason), std::move(message), good_when_true};
}

std::string by_script(const Situation& now) {
  return by_hand(Order::Kind::takeover, now.pair->product, now.pair->primary.name,
                 now.pair->secondary.name);
}

// The primary is down, and something else keeps this node from taking over.
Condition takeover_blocked(const Situation& now) {
  Condition told = condition("TakeoverBlocked", Truth::no, "NotNeeded",
                             "nothing keeps this node from a takeover that is due", false);
  const auto missing = failing(takeover_guards(now), now);
  const bool due = now.memory->state == suspect && holds(Guard::confirmed, now);
  if (!due || missing.empty()) return told;
  told.status = Truth::yes;
  told.reason = "GuardsNotPassed";
  const bool ours = holds(Guard::owner, now);
  // An order passes by the others only.
  const bool may_be_ordered = std::none_of(missing.begin(), missing.end(), [](Guard guard) {
    return guard == Guard::gate || guard == Guard::suspension || guard == Guard::no_conflict;
  });
  told.message = fmt::format(
      "the primary is down, confirmed, and this node does not take over, for want of: {}. `tandem "
      "why` tells more{}",
      guard_names(missing),
      !ours            ? "; by the vendor's script, " + by_script(now)
      : may_be_ordered ? "; `tandem takeover --reason ...` orders it"
                       : "");
  return told;
}

Condition manual_active(const FailoverMemory& memory) {
  const bool by_hand =
      serves(memory.state) && memory.cause == TakeoverCause::by_hand && memory.held;
  return condition("ManualActive", by_hand ? Truth::yes : Truth::no,
                   by_hand ? "StartedByHand" : "NotByHand",
                   by_hand ? "another hand started the services of this node: it does not leave by "
                             "itself. `tandem ack --reason ...` lets the failback go on, `tandem "
                             "failback --reason ...` orders it"
                           : "no other hand started the services of this node",
                   false);
}

Condition latched_condition(const FailoverMemory& memory) {
  const bool yes = memory.state == latched;
  return condition(
      "FailbackLatched", yes ? Truth::yes : Truth::no, yes ? "TooManyFailbacks" : "NotLatched",
      yes ? "the primary came back and failed too often within "
            "spec.failover.flapping.window: this node goes on serving. Mend the primary, "
            "then `tandem ack --reason ...`"
          : "failback is not latched",
      false);
}

Condition activation_failed(const Situation& now) {
  const FailoverMemory& memory = *now.memory;
  const bool yes = memory.state == faulted;
  std::string message = "the last takeover and failback went through";
  if (yes && memory.fault_of_activation)
    message = fmt::format(
        "this node did not serve within activationTimeout (attempt {}); while the primary does not "
        "serve it is tried again, next in {}. See `tandem get resources services` and `systemctl "
        "--failed`",
        now.attempts, seconds_text(retry_pause(now.attempts) - (now.now - now.since)));
  else if (yes)
    message =
        "the services of this node did not stop within deactivationTimeout; stop them by the "
        "vendor's script, then `tandem ack --reason ...`";
  return condition("ActivationFailed", yes ? Truth::yes : Truth::no,
                   yes ? (memory.fault_of_activation ? "NotServing" : "NotStopped") : "WentThrough",
                   message, false);
}

// On the primary: what it is for. A secondary that serves starts its services again by itself.
Condition own_sip_answers(const FailoverMemory& memory) {
  if (memory.state == degraded)
    return condition("OwnSipAnswers", Truth::no, "SipSilent",
                     "SIP has not answered on this primary for 15 s or longer: see `systemctl "
                     "status asterisk` and ServicesComplete",
                     true);
  if (memory.state == maintenance)
    return condition("OwnSipAnswers", Truth::yes, "Maintenance",
                     "this node is out of service by an order: its SIP is not asked for", true);
  return condition("OwnSipAnswers", Truth::yes, memory.state == serving ? "Answers" : "NotSilent",
                   memory.state == serving ? "SIP answers on this primary"
                                           : "SIP has not been silent for long on this primary",
                   true);
}

void add_about_the_primary(const Situation& now, std::vector<Condition>& told) {
  const Weighed& heard = now.weighed();
  told.push_back(condition("SipPathBroken", heard.sip_path_broken ? Truth::yes : Truth::no,
                           heard.sip_path_broken ? "AnswersThereOnly" : "PathGood",
                           heard.sip_path_broken
                               ? "the primary's operator says that SIP answers there, and nothing "
                                 "answers here: look for "
                                 "a firewall or a ban between the nodes (`fail2ban-client status`)"
                               : "SIP is heard as the primary's operator tells it",
                           false));
  told.push_back(
      condition("WitnessUsable", heard.witness_usable ? Truth::yes : Truth::no,
                heard.witness_usable ? "Answers" : "NoneAnswers",
                heard.witness_usable
                    ? "a witness answers: a cut of this node is told from a failure of the primary"
                    : "no witness answers: where this node is cut off it takes itself for the "
                      "survivor. Declare "
                      "addresses that always answer ping in spec.failover.witnesses",
                true));
  told.back().advisory = true;
  const PeerWord* word = now.hearing->word();
  std::vector<std::string> impaired;
  if (word && heard.verdict == PrimaryVerdict::serving) impaired = word->impaired;
  told.push_back(condition(
      "Impaired", impaired.empty() ? Truth::no : Truth::yes,
      impaired.empty() ? "NotImpaired" : "UnitsDown",
      impaired.empty() ? "the primary tells of nothing that calls need and lack"
                       : fmt::format("SIP answers on the primary, but down there: {}. No takeover "
                                     "follows from this; `tandem switchover` would be one",
                                     fmt::join(impaired, ", ")),
      false));
}

}  // namespace

std::vector<Condition> failover_conditions(const FailoverEngine& engine) {
  const Situation& now = engine.situation();
  if (now.pair == nullptr || now.role == Role::off) return {};
  std::vector<Condition> told;
  if (now.role != Role::secondary) {
    told.push_back(own_sip_answers(*now.memory));
    return told;
  }
  told.push_back(takeover_blocked(now));
  told.push_back(manual_active(*now.memory));
  told.push_back(latched_condition(*now.memory));
  told.push_back(activation_failed(now));
  told.push_back(secondary_fit(now.fit));
  add_about_the_primary(now, told);
  return told;
}

}  // namespace tandem

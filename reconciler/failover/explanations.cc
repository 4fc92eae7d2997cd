#include "reconciler/failover/explanations.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/spec.h"
#include "reconciler/failover/fitness.h"
#include "reconciler/failover/order_words.h"

namespace tandem {
namespace {

using enum NodeState;

std::string seconds_text(std::chrono::nanoseconds time) {
  return to_string(std::chrono::duration_cast<std::chrono::seconds>(
      std::max(time, std::chrono::nanoseconds{0})));
}

WallTime wall_of(const Situation& now, Instant when) {
  return now.wall - std::chrono::duration_cast<WallTime::duration>(now.now - when);
}

Condition condition(std::string type, Truth status, std::string reason, std::string message,
                    bool good_when_true) {
  return {std::move(type), status, std::move(reason), std::move(message), good_when_true};
}

std::vector<Guard> failing(const std::vector<Guard>& guards, const Situation& now) {
  std::vector<Guard> found;
  for (const Guard guard : guards)
    if (!holds(guard, now)) found.push_back(guard);
  return found;
}

std::string names_of(const std::vector<Guard>& guards) {
  std::vector<std::string_view> names;
  for (const Guard guard : guards) names.push_back(guard_name(guard));
  return fmt::format("{}", fmt::join(names, "; "));
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
      names_of(missing),
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

// ---- why

std::string since_text(const Situation& now, const std::optional<Instant>& since) {
  return since ? "for " + seconds_text(now.now - *since) : "not now";
}

Why::Guard confirmed_guard(const Situation& now) {
  const Weighed& heard = now.weighed();
  const Failover& failover = now.pair->failover;
  Why::Guard told;
  const bool host = heard.verdict == PrimaryVerdict::host_down;
  const auto& since = host ? heard.host_down_since : heard.service_down_since;
  const Duration threshold =
      host ? failover.confirm_host_down : service_confirmation(failover, heard.trouble);
  told.value =
      fmt::format("{}{}", verdict_name(heard.verdict), since ? " " + since_text(now, since) : "");
  told.threshold = to_string(threshold);
  if (!host && !now.memory->sip_seen)
    told.threshold += ", once SIP has been answered from here (never yet)";
  if (since) told.since = wall_of(now, *since);
  return told;
}

Why::Guard hold_guard(const Situation& now) {
  Why::Guard told;
  const auto& answering = now.weighed().answering_since;
  const auto counted = hold_since(now);
  told.value = counted ? since_text(now, counted) : "does not answer";
  // It may have answered all the time: what counts began with this state, or after an upgrade.
  if (counted && *counted != *answering)
    told.value += fmt::format(" (answers {})", since_text(now, answering));
  told.threshold = to_string(now.pair->failover.failback.hold);
  if (counted) told.since = wall_of(now, *counted);
  return told;
}

std::string what_holds(const Situation& now) {
  const FailoverMemory& memory = *now.memory;
  if (!memory.held) return "nothing";
  const char* what = "not known";
  switch (memory.cause) {
    case TakeoverCause::ordered: what = "the takeover was ordered"; break;
    case TakeoverCause::announced: what = "the primary announced its maintenance"; break;
    case TakeoverCause::by_hand: what = "another hand started the services"; break;
    case TakeoverCause::none:
    case TakeoverCause::host_down:
    case TakeoverCause::service_down: break;
  }
  return fmt::format("{}{}", what, memory.failback_ordered ? "; a failback is ordered" : "");
}

std::string where_upgraded(const Situation& now) {
  if (holds(Guard::upgrade, now)) return "none";
  const bool own = now.own_upgraded && *now.own_upgraded == now.now;
  const PeerWord* word = now.hearing->word();
  const bool peer = word != nullptr && word->upgrading;
  if (own && peer) return "on both nodes";
  return own ? "on this node" : "on the other node";
}

Why::Guard guard_row(Guard guard, const Situation& now) {
  Why::Guard told;
  switch (guard) {
    case Guard::confirmed: told = confirmed_guard(now); break;
    case Guard::hold: told = hold_guard(now); break;
    case Guard::calls:
      told.value =
          calls_counted(now) ? fmt::format("{} channels", *now.own.calls) : "not counted yet";
      told.threshold = fmt::format("0, or {} after the hold",
                                   to_string(now.pair->failover.failback.wait_for_calls));
      break;
    case Guard::held: told.value = what_holds(now); break;
    case Guard::upgrade: told.value = where_upgraded(now); break;
    case Guard::replicated:
    case Guard::owner:
    case Guard::mode:
    case Guard::gate:
    case Guard::suspension:
    case Guard::no_conflict:
    case Guard::wizard:
    case Guard::grace:
    case Guard::failback_mode:
    case Guard::durable:
    case Guard::window: break;
  }
  told.name = guard_name(guard);
  told.holds = holds(guard, now);
  if (told.value.empty()) told.value = told.holds ? "yes" : "no";
  return told;
}

// How long until the one guard that only waits for time holds.
std::optional<std::chrono::nanoseconds> time_left(Guard guard, const Situation& now) {
  const Weighed& heard = now.weighed();
  const Failover& failover = now.pair->failover;
  if (guard == Guard::hold) {
    const auto since = hold_since(now);
    return since ? std::optional(failover.failback.hold - (now.now - *since)) : std::nullopt;
  }
  // They are counted once all else holds.
  const bool calls_seen = now.own.calls && *now.own.calls > 0;
  if (guard == Guard::calls && !calls_seen && !holds(Guard::hold, now))
    return std::chrono::nanoseconds{0};
  if (guard != Guard::confirmed) return std::nullopt;
  if (heard.host_down_since) return failover.confirm_host_down - (now.now - *heard.host_down_since);
  if (heard.service_down_since && now.memory->sip_seen)
    return service_confirmation(failover, heard.trouble) -
           (now.now - std::max(*heard.service_down_since, heard.trouble_since));
  return std::nullopt;
}

std::string sentence_of(const std::vector<Guard>& guards, const Situation& now, const char* act) {
  const auto missing = failing(guards, now);
  if (missing.empty()) return fmt::format("would {} now", act);
  std::optional<std::chrono::nanoseconds> longest;
  for (const Guard guard : missing) {
    const auto left = time_left(guard, now);
    if (!left) return fmt::format("will not {}, for want of: {}", act, names_of(missing));
    longest = std::max(longest.value_or(std::chrono::nanoseconds{0}), *left);
  }
  return fmt::format("would {} in {}", act, seconds_text(*longest));
}

void tell_of(const std::vector<Guard>& guards, const Situation& now, Why& told) {
  for (const Guard guard : guards) told.guards.push_back(guard_row(guard, now));
}

// A maintenance or a switchover of this node.
std::string own_maintenance(const Situation& now, const std::string& node) {
  const auto& its = now.memory->maintenance;
  if (!its) return "Maintenance";
  const char* what = its->stopped                ? "this node is stopped for a switchover"
                     : now.role == Role::primary ? "this node is announced to be out of service"
                                                 : "this node takes nothing over";
  return fmt::format("Maintenance: {} {}", what, maintenance_text(*its, node));
}

// Of the primary, which decides little by itself.
void tell_of_primary(const Situation& now, Why& told) {
  const FailoverMemory& memory = *now.memory;
  const std::string& node = now.pair->primary.name;
  switch (memory.state) {
    case maintenance:
      told.sentence = own_maintenance(now, node);
      told.next = fmt::format("`tandem maintenance --end --reason ...` on {} ends it now{}", node,
                              memory.start_again ? ", and starts the services again" : "");
      return;
    case rejoining:
    case degraded:
      told.sentence = fmt::format(
          "{} for {}: {}", state_name(memory.state), seconds_text(now.now - now.since),
          memory.start_again ? "the services that a switchover stopped are started again"
                             : "SIP does not answer here, and Tandem starts nothing on a "
                               "primary that it did not stop");
      told.next = "`tandem get resources services -o wide` tells what does not run";
      return;
    default: break;
  }
  told.sentence = fmt::format("{}: the primary never stops telephony for lack of the other node",
                              state_name(memory.state));
  told.next = "`tandem switchover --reason REASON` hands its work over in order";
}

// What a person can do about a failback that does not come by itself.
std::string next_of_failback(const Situation& now) {
  const auto& announced = now.hearing->announced();
  if (announced)
    return fmt::format("{} is in maintenance {}", now.pair->primary.name,
                       maintenance_text(*announced, now.pair->primary.name));
  const bool waits = now.memory->held && !now.memory->failback_ordered;
  return waits ? "`tandem failback --reason ...` orders it" : "";
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

Why why(const FailoverEngine& engine) {
  const Situation& now = engine.situation();
  Why told;
  if (now.pair == nullptr || now.role == Role::off) {
    tell_of_no_pair(now.pair != nullptr, told.sentence, told.next);
    return told;
  }
  const FailoverMemory& memory = *now.memory;
  if (now.role == Role::primary) {
    tell_of_primary(now, told);
    return told;
  }
  if (memory.state == maintenance) {
    told.sentence = own_maintenance(now, now.pair->secondary.name);
    told.next = "meanwhile nobody takes over; `tandem maintenance --end --reason ...` ends it now";
    return told;
  }
  if (memory.state == active || memory.state == failback_hold) {
    told.sentence = sentence_of(failback_guards(), now, "fail back");
    tell_of(failback_guards(), now, told);
    told.next = next_of_failback(now);
    return told;
  }
  if (memory.state == standby || memory.state == suspect || memory.state == isolated ||
      memory.state == rejoining) {
    if (memory.state == isolated)
      told.sentence = "will not take over: this node is cut off itself";
    else if (memory.state == standby && now.weighed().verdict == PrimaryVerdict::serving)
      told.sentence = "will not take over: the primary serves";
    else
      told.sentence = sentence_of(takeover_guards(now), now, "take over");
    tell_of(takeover_guards(now), now, told);
    return told;
  }
  for (const Row& row : transitions_of(now.role))
    if (row.from == memory.state)
      told.guards.push_back({std::string(text_of(row.when)), facts_of(now)[row.when] ? "yes" : "no",
                             "", facts_of(now)[row.when], std::nullopt});
  told.sentence =
      fmt::format("{} since {}", state_name(memory.state), seconds_text(now.now - now.since));
  if (needs_operator(memory.state))
    told.next = "`tandem ack --reason ...` once the cause is mended";
  return told;
}

}  // namespace tandem

#include "reconciler/failover/explanations.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/spec.h"
#include "reconciler/failover/order_words.h"

namespace tandem {
namespace {

using enum NodeState;

WallTime wall_of(const Situation& now, Instant when) {
  return now.wall - std::chrono::duration_cast<WallTime::duration>(now.now - when);
}

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
    if (!left) return fmt::format("will not {}, for want of: {}", act, guard_names(missing));
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

Why why(const FailoverEngine& engine) {
  const Situation& now = engine.situation();
  Why told;
  if (now.pair == nullptr) {
    told.sentence = "no declaration is in force on this node: nothing is decided";
    told.next =
        "`tandem plan` shows what it would change; `tandem apply --structural --reason ...` puts "
        "it in force";
    return told;
  }
  if (now.role == Role::off) {
    told.sentence = "this node is in no pair: high availability is off in what is in force";
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

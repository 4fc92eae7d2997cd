#include "tests/pair_sim/mutation.h"

#include <algorithm>
#include <deque>

namespace tandem::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using enum NodeState;

// Tables and lists that live as long as the program.
std::span<const Row> keep(std::vector<Row> rows) {
  static std::deque<std::vector<Row>> kept;
  return kept.emplace_back(std::move(rows));
}

std::vector<Row> secondary_without(When when) {
  std::vector<Row> rows;
  for (const Row& row : product_rules().secondary)
    if (row.when != when) rows.push_back(row);
  return rows;
}

Rules without_row(When when) {
  Rules rules = product_rules();
  rules.secondary = keep(secondary_without(when));
  return rules;
}

Rules with_first_row(const Row& row) {
  std::vector<Row> rows{row};
  rows.insert(rows.end(), product_rules().secondary.begin(), product_rules().secondary.end());
  Rules rules = product_rules();
  rules.secondary = keep(std::move(rows));
  return rules;
}

Rules with_start(NodeState kept, NodeState to) {
  static std::deque<std::vector<StartRow>> tables;
  auto& rows = tables.emplace_back(product_rules().secondary_starts.begin(),
                                   product_rules().secondary_starts.end());
  for (StartRow& row : rows)
    if (row.kept == kept) row.to = to;
  Rules rules = product_rules();
  rules.secondary_starts = rows;
  return rules;
}

std::span<const Guard> without(std::span<const Guard> guards, Guard dropped) {
  static std::deque<std::vector<Guard>> lists;
  auto& list = lists.emplace_back();
  std::copy_if(guards.begin(), guards.end(), std::back_inserter(list),
               [=](Guard guard) { return guard != dropped; });
  return list;
}

Rules without_guard(Guard guard) {
  Rules rules = product_rules();
  rules.takeover = without(rules.takeover, guard);
  rules.failback = without(rules.failback, guard);
  return rules;
}

Rules listening(const Listening& limits) {
  Rules rules = product_rules();
  rules.listening = limits;
  return rules;
}

Rules acting_before_writing() {
  Rules rules = without_guard(Guard::durable);
  rules.write_before_acting = false;
  return rules;
}

std::vector<Mutation> of_takeover() {
  return {
      {.name = "mode-ignored",
       .oracle = "OnlyWhereAllowed",
       .meaning = "the guard of the mode is gone",
       .rules = without_guard(Guard::mode)},
      {.name = "owner-ignored",
       .oracle = "OnlyWhereAllowed",
       .meaning = "the guard of the owner is gone",
       .rules = without_guard(Guard::owner)},
      {.name = "wizard-ignored",
       .oracle = "OnlyWhereAllowed",
       .meaning = "the guard of the wizard is gone",
       .rules = without_guard(Guard::wizard)},
      {.name = "copy-ignored",
       .oracle = "OnlyWhereAllowed",
       .meaning = "the guard of the first copy is gone",
       .rules = without_guard(Guard::replicated)},
      {.name = "unconfirmed",
       .oracle = "SilentForTheConfirmTime",
       .meaning = "the guard of the confirm time is gone",
       .rules = without_guard(Guard::confirmed)},
      {.name = "confirm-short",
       .oracle = "SilentForTheConfirmTime",
       .meaning = "the confirm times are 3 s",
       .declare =
           [](HAPair& pair) {
             pair.failover.confirm_host_down = pair.failover.confirm_service_failed =
                 pair.failover.confirm_service_unknown = seconds{3};
           }},
      {.name = "stall-ignored",
       .oracle = "StallVoidsEvidence",
       .meaning = "a stall is not noticed",
       .rules = listening({.stall = hours{1}})},
      {.name = "witness-stale",
       .oracle = "NeverFromIsolated",
       .meaning = "no witness is ever fresh",
       .rules = listening({.witness_fresh = seconds{-3600}})},
      {.name = "suspension-ignored",
       .oracle = "SuspensionHolds",
       .meaning = "the guard of the suspension is gone",
       .rules = without_guard(Guard::suspension)},
      {.name = "announcement-ignored",
       .oracle = "MaintenanceIsRespected",
       .meaning = "what the primary announces is not heard",
       .announcements_ignored = true},
      {.name = "restart-short",
       .oracle = "RestartIsNoTakeover",
       .meaning = "a restart has 20 s",
       .declare = [](HAPair& pair) { pair.failover.confirm_service_restarting = seconds{20}; }},
      {.name = "late",
       .oracle = "ServesInTime",
       .meaning = "the confirm times are 20 minutes",
       .declare =
           [](HAPair& pair) {
             pair.failover.confirm_host_down = pair.failover.confirm_service_failed =
                 pair.failover.confirm_service_unknown = minutes{20};
           }},
      {.name = "late-for-phones",
       .oracle = "PhonesWithinTheBound",
       .meaning = "the confirm times are 15 minutes",
       .declare =
           [](HAPair& pair) {
             pair.failover.confirm_host_down = pair.failover.confirm_service_failed =
                 pair.failover.confirm_service_unknown = minutes{15};
           }},
      {.name = "takeover-row-missing",
       .oracle = "ServesInTime",
       .meaning = "no row leads from Suspect to Activating",
       .rules = without_row(When::takeover_due)},
      {.name = "retry-row-missing",
       .oracle = "ServesInTime",
       .meaning = "a failed start is not tried again",
       .rules = without_row(When::retry_due)},
  };
}

std::vector<Mutation> of_the_rest() {
  return {
      {.name = "hold-short",
       .oracle = "AnsweredForTheHold",
       .meaning = "the hold is 4 s",
       .declare = [](HAPair& pair) { pair.failover.failback.hold = seconds{4}; }},
      {.name = "hold-ignored",
       .oracle = "AnsweredForTheHold",
       .meaning = "the guard of the hold is gone",
       .rules = without_guard(Guard::hold)},
      {.name = "flapping-row-missing",
       .oracle = "FailbacksAreBounded",
       .meaning = "nothing leads to Latched",
       .rules = without_row(When::would_flap)},
      {.name = "hand-started-let-go",
       .oracle = "HandStartedStays",
       .meaning = "what a person started is given back like a takeover",
       .rules =
           [] {
             Rules rules =
                 with_first_row({active, When::primary_answers_again, failback_hold, "a mutation"});
             rules.failback = without(rules.failback, Guard::held);
             return rules;
           }()},
      {.name = "acts-before-writing",
       .oracle = "WrittenBeforeActed",
       .meaning = "a disk that refuses stops nothing",
       .rules = acting_before_writing()},
      {.name = "disk-lies",
       .oracle = "EpochOnlyGrows",
       .meaning = "what is written is lost with the power",
       .disk_lies = true},
      {.name = "starts-anew",
       .oracle = "TakeoverIsFinished",
       .meaning = "an operator that starts forgets the takeover under way",
       .rules = with_start(active, rejoining)},
      {.name = "start-takes-over",
       .oracle = "OnlyByDecision",
       .meaning = "an operator that starts begins a takeover",
       .rules = with_start(standby, activating)},
      {.name = "primary-acts-alone",
       .oracle = "PrimaryNeverStops",
       .meaning = "a primary that does not hear the other stops",
       .primary_acts_alone = true},
      {.name = "conflict-acts",
       .oracle = "ConflictChangesNothing",
       .meaning = "a primary that does not hear the other stops",
       .primary_acts_alone = true},
      {.name = "advice-acts",
       .oracle = "AdviceIsNoAct",
       .meaning = "the guard of the mode is gone",
       .rules = without_guard(Guard::mode)},
      {.name = "flutter",
       .oracle = "NoLivelock",
       .meaning = "Suspect goes back on the ground that led to it",
       .rules = with_first_row({suspect, When::primary_suspected, standby, "a mutation"})},
      {.name = "failback-row-missing",
       .oracle = "ComesToRest",
       .meaning = "nothing leads to Deactivating",
       .rules = without_row(When::failback_due)},
      {.name = "wall-clock",
       .oracle = "JumpsChangeNothing",
       .meaning = "decisions are made by the wall clock",
       .decides_by_wall = true},
  };
}

}  // namespace

const Mutation& no_mutation() {
  static const Mutation kNone{};
  return kNone;
}

std::span<const Mutation> mutations() {
  static const std::vector<Mutation> kAll = [] {
    std::vector<Mutation> all = of_takeover();
    for (Mutation& mutation : of_the_rest()) all.push_back(std::move(mutation));
    return all;
  }();
  return kAll;
}

const Mutation* find_mutation(std::string_view name) {
  for (const Mutation& mutation : mutations())
    if (mutation.name == name) return &mutation;
  return nullptr;
}

}  // namespace tandem::sim

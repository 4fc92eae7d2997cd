// Facts and receivers that the tests of notifications share.
#pragma once

#include <string>
#include <utility>

#include "reconciler/notify/matters.h"

namespace tandem {

inline Condition told_condition(std::string type, Truth status, std::string message,
                                bool good_when_true = true) {
  return {std::move(type), status, "Because", std::move(message), good_when_true};
}

inline NotifyFacts secondary_facts(NodeState state, std::uint64_t epoch = 3) {
  NotifyFacts facts;
  facts.role = Role::secondary;
  facts.state = state;
  facts.epoch = epoch;
  facts.cause = TakeoverCause::host_down;
  facts.peer_name = "pbx-a";
  return facts;
}

inline TakeoverRecord takeover_record(std::uint64_t epoch) {
  TakeoverRecord record;
  record.epoch = epoch;
  record.cause = TakeoverCause::host_down;
  record.began = record.ended = WallTime{std::chrono::seconds{1'700'000'000}};
  record.evidence = "HostDown for 20s: it is silent on every path";
  return record;
}

}  // namespace tandem

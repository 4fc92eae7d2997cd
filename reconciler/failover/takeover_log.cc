#include "reconciler/failover/takeover_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/spec.h"

namespace tandem {
namespace {

using Milliseconds = std::chrono::milliseconds;
using enum NodeState;

Milliseconds between(Instant from, Instant to) {
  return std::chrono::duration_cast<Milliseconds>(to - from);
}

std::optional<Instant> silence_of(const Weighed& heard) {
  if (!heard.host_down_since) return heard.service_down_since;
  if (!heard.service_down_since) return heard.host_down_since;
  return std::min(*heard.host_down_since, *heard.service_down_since);
}

}  // namespace

std::string evidence_text(const Situation& now) {
  const Weighed& heard = now.weighed();
  const auto since = silence_of(heard);
  return fmt::format(
      "{}{}: {}", verdict_name(heard.verdict),
      since ? " for " + to_string(std::chrono::duration_cast<Duration>(now.now - *since)) : "",
      heard.why);
}

std::optional<TakeoverRecord> TakeoverLog::follow(const Transition& transition,
                                                  const Situation& now) {
  const bool begins = (transition.to == activating || transition.to == active) &&
                      (!record_ || record_->epoch != transition.epoch);
  if (begins) {
    record_ = TakeoverRecord{};
    record_->epoch = transition.epoch;
    record_->cause = transition.cause;
    record_->began = record_->ended = transition.at;
    record_->evidence = evidence_text(now);
    silent_since_ = silence_of(now.weighed());
    began_ = step_began_ = now.now;
  }
  if (!record_ || record_->epoch != transition.epoch) return std::nullopt;
  if (!begins) step(std::string(state_name(transition.from)), between(step_began_, now.now));
  step_began_ = now.now;
  const std::string before = record_->result;
  const bool serves = transition.from == activating || transition.from == faulted;
  if (transition.to == active && serves && record_->result.empty()) {
    record_->ended = transition.at;
    record_->downtime = between(silent_since_.value_or(began_), now.now);
    record_->result = "this node serves";
    measured_.push_back(between(began_, now.now));
    if (measured_.size() > kMeasuredMax) measured_.pop_front();
  } else if (transition.to == active && begins) {
    record_->result = "another hand started the services";
  } else if (transition.to == standby) {
    record_->ended = transition.at;
    record_->result = "given back: " + transition.why;
  }
  if (!begins && record_->result == before) return std::nullopt;
  const auto told = record_;
  if (transition.to == standby) record_.reset();
  return told;
}

void TakeoverLog::step(std::string name, Milliseconds took) {
  if (record_ && record_->steps.size() < TakeoverRecord::kStepsMax)
    record_->steps.emplace_back(std::move(name), took);
}

std::optional<Milliseconds> TakeoverLog::activation() const {
  if (measured_.empty()) return std::nullopt;
  return *std::max_element(measured_.begin(), measured_.end());
}

}  // namespace tandem

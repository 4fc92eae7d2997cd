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

constexpr const char* kServes = "this node serves";

// The node serves for the other there, or is on its way in or out.
bool was_taken_over(NodeState state) {
  return state == activating || state == active || state == failback_hold || state == latched ||
         state == deactivating || state == faulted;
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

bool TakeoverLog::begins(const Transition& transition) const {
  if (transition.to != activating && transition.to != active) return false;
  if (epoch_) return transition.epoch != *epoch_;
  return !was_taken_over(transition.from);
}

// Of a takeover that an operator before this one began. How long it took nobody can tell any more.
void TakeoverLog::take_up(const Transition& transition) {
  record_ = TakeoverRecord{};
  record_->epoch = transition.epoch;
  record_->cause = transition.cause;
  record_->began = record_->ended = transition.at;
  record_->continued = true;
  const bool served = transition.from != activating && transition.from != faulted;
  if (served) record_->result = kServes;
}

std::optional<TakeoverRecord> TakeoverLog::follow(const Transition& transition,
                                                  const Situation& now) {
  const bool is_new = begins(transition);
  epoch_ = transition.epoch;
  if (transition.adopted) {
    step_began_ = now.now;
    return std::nullopt;
  }
  if (is_new) {
    record_ = TakeoverRecord{};
    record_->epoch = transition.epoch;
    record_->cause = transition.cause;
    record_->began = record_->ended = transition.at;
    record_->evidence = evidence_text(now);
    silent_since_ = silence_of(now.weighed());
    step_began_ = began_ = now.now;
  } else if (!record_ || record_->epoch != transition.epoch) {
    const bool goes_on = transition.from == transition.to;  // as the operator starts
    if (goes_on) step_began_ = now.now;
    if (goes_on || !was_taken_over(transition.from)) return std::nullopt;
    take_up(transition);
  }
  if (!is_new)
    step(std::string(state_name(transition.from)), between(step_began_.value_or(now.now), now.now));
  step_began_ = now.now;
  const std::string before = record_->result;
  const bool serves = transition.from == activating || transition.from == faulted;
  if (transition.to == active && serves && record_->result.empty()) {
    record_->ended = transition.at;
    record_->result = kServes;
    if (!record_->continued) measure(now);
  } else if (transition.to == active && is_new) {
    record_->result = "another hand started the services";
  } else if (transition.to == standby) {
    record_->ended = transition.at;
    record_->result = "given back: " + transition.why;
  }
  if (!is_new && record_->result == before) return std::nullopt;
  const auto told = record_;
  if (transition.to == standby) record_.reset();
  return told;
}

void TakeoverLog::measure(const Situation& now) {
  record_->downtime = between(silent_since_.value_or(began_), now.now);
  measured_.push_back(between(began_, now.now));
  if (measured_.size() > kMeasuredMax) measured_.pop_front();
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

#include "core/history.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/json_text.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kSentenceMax = 2000;
constexpr std::size_t kStepNameMax = 200;

std::int64_t milliseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

const Json* member(const Json& json, const char* key, bool (Json::*is)() const noexcept) {
  const auto found = json.find(key);
  return found != json.end() && ((*found).*is)() ? &*found : nullptr;
}

// What may be added to a time and still be one.
bool is_span(const Json& json) {
  const auto count = json.get<std::int64_t>();
  return count >= -kTimeMillisecondsMax && count <= kTimeMillisecondsMax;
}

bool read_steps(const Json& json, TakeoverRecord& record) {
  const Json* steps = member(json, "steps", &Json::is_array);
  if (steps == nullptr || steps->size() > TakeoverRecord::kStepsMax) return false;
  for (const Json& step : *steps) {
    if (!step.is_object()) return false;
    const Json* name = member(step, "name", &Json::is_string);
    const Json* took = member(step, "milliseconds", &Json::is_number_integer);
    if (name == nullptr || took == nullptr || !is_span(*took)) return false;
    record.steps.emplace_back(name->get<std::string>(),
                              TakeoverRecord::Milliseconds{took->get<std::int64_t>()});
  }
  return true;
}

}  // namespace

std::string_view event_type_name(Event::Type type) {
  return type == Event::Type::warning ? "Warning" : "Normal";
}

bool is_alarming(const Transition& transition) {
  switch (transition.to) {
    case NodeState::suspect:
    case NodeState::isolated:
    case NodeState::activating:
    case NodeState::latched:
    case NodeState::faulted:
    case NodeState::degraded: return true;
    case NodeState::off:
    case NodeState::rejoining:
    case NodeState::standby:
    case NodeState::active:
    case NodeState::failback_hold:
    case NodeState::deactivating:
    case NodeState::maintenance:
    case NodeState::serving: return false;
  }
  return false;  // unreachable: -Wswitch keeps the list complete
}

std::string one_line(std::string_view text, std::size_t bytes) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const bool shown = is_shown(text.substr(at, length));
    const std::string_view part = shown ? text.substr(at, length) : std::string_view("?");
    if (result.size() + part.size() > bytes) break;
    result += part;
    at += std::max<std::size_t>(length, 1);
  }
  return result;
}

TakeoverRecord merged(TakeoverRecord kept, const TakeoverRecord& told) {
  if (!told.continued || kept.epoch != told.epoch) return told;
  kept.ended = told.ended;
  if (!told.result.empty()) kept.result = told.result;
  for (const auto& step : told.steps)
    if (kept.steps.size() < TakeoverRecord::kStepsMax) kept.steps.push_back(step);
  return kept;
}

std::string to_text(const TakeoverRecord& record) {
  Json json = {{"epoch", record.epoch}, {"cause", cause_name(record.cause)}};
  json["began"] = milliseconds(record.began);
  json["ended"] = milliseconds(record.ended);
  json["steps"] = Json::array();
  for (const auto& [name, took] : record.steps) {
    if (json["steps"].size() == TakeoverRecord::kStepsMax) break;
    json["steps"].push_back(
        {{"name", one_line(name, kStepNameMax)}, {"milliseconds", took.count()}});
  }
  json["evidence"] = one_line(record.evidence, kSentenceMax);
  json["downtime"] = record.downtime ? Json(record.downtime->count()) : Json(nullptr);
  json["result"] = one_line(record.result, kSentenceMax);
  return json.dump();
}

Result<TakeoverRecord> takeover_of_text(std::string_view text) {
  const Error bad{Fault::invalid, "a kept record of a takeover is damaged"};
  const Json json = read_ordered_json(text);
  if (!json.is_object()) return bad;
  TakeoverRecord record;
  const Json* epoch = member(json, "epoch", &Json::is_number_unsigned);
  const Json* cause = member(json, "cause", &Json::is_string);
  const Json* began = member(json, "began", &Json::is_number_integer);
  const Json* ended = member(json, "ended", &Json::is_number_integer);
  const Json* evidence = member(json, "evidence", &Json::is_string);
  const Json* result = member(json, "result", &Json::is_string);
  if (!epoch || !cause || !began || !ended || !evidence || !result) return bad;
  const auto known = cause_of_name(cause->get<std::string>());
  const auto began_at = time_of_milliseconds(began->get<std::int64_t>());
  const auto ended_at = time_of_milliseconds(ended->get<std::int64_t>());
  if (!known || !began_at || !ended_at || !read_steps(json, record)) return bad;
  record.epoch = epoch->get<std::uint64_t>();
  record.cause = *known;
  record.began = *began_at;
  record.ended = *ended_at;
  record.evidence = evidence->get<std::string>();
  record.result = result->get<std::string>();
  if (const Json* downtime = member(json, "downtime", &Json::is_number_integer)) {
    if (!is_span(*downtime)) return bad;
    record.downtime = TakeoverRecord::Milliseconds{downtime->get<std::int64_t>()};
  }
  return record;
}

}  // namespace tandem

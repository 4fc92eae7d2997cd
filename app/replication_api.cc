#include "app/replication_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/answers.h"
#include "core/json_text.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::size_t kReasonMax = 500;
constexpr std::size_t kByMax = 200;

constexpr const char* kShape =
    "must have only: kinds (list of database, files), force (the reason, text of at most 500 "
    "bytes), confirmDirection (boolean), by (text of at most 200 bytes)";

constexpr const char* kHarvestShape =
    "must be empty, or have only: discard (true) with reason (text of at most 500 bytes), by (text "
    "of at most 200 bytes)";

Result<std::set<CopyKind>> kinds_of(const nlohmann::json& list) {
  std::set<CopyKind> kinds;
  for (const auto& word : list) {
    const auto kind = word.is_string() ? copy_kind_of_name(word.get<std::string>()) : std::nullopt;
    if (!kind) return Error{Fault::invalid, kShape};
    kinds.insert(*kind);
  }
  if (kinds.empty()) return Error{Fault::invalid, kShape};
  return kinds;
}

Result<CopyOrderTyped> order_of_body(const std::string& body) {
  const auto json = read_json(body.empty() ? "{}" : body);
  if (!json.is_object()) return Error{Fault::invalid, "the body must be a JSON object"};
  CopyOrderTyped order;
  order.kinds = {kCopyKinds.begin(), kCopyKinds.end()};
  for (const auto& [key, value] : json.items()) {
    if (key == "kinds" && value.is_array()) {
      auto kinds = kinds_of(value);
      if (!kinds.ok()) return kinds.error();
      order.kinds = std::move(kinds).value();
    } else if (key == "force" && value.is_string() &&
               !value.get_ref<const std::string&>().empty() &&
               value.get_ref<const std::string&>().size() <= kReasonMax) {
      order.force = one_line(value.get<std::string>(), kReasonMax);
    } else if (key == "by" && value.is_string() &&
               value.get_ref<const std::string&>().size() <= kByMax) {
      order.by = one_line(value.get<std::string>(), kByMax);
    } else if (key == "confirmDirection" && value.is_boolean()) {
      order.confirm_direction = value.get<bool>();
    } else {
      return Error{Fault::invalid, kShape};
    }
  }
  return order;
}

struct HarvestTyped {
  std::optional<std::string> discard;  // the reason
  std::string by;
};

// {} is: now. {"discard": true, "reason": "..."} gives up what has not come home.
Result<HarvestTyped> harvest_of_body(const std::string& body) {
  const auto json = read_json(body.empty() ? "{}" : body);
  if (!json.is_object()) return Error{Fault::invalid, "the body must be a JSON object"};
  HarvestTyped typed;
  std::string reason;
  bool discard = false;
  for (const auto& [key, value] : json.items()) {
    const bool is_text = value.is_string();
    const std::size_t size = is_text ? value.get_ref<const std::string&>().size() : 0;
    if (key == "discard" && value.is_boolean())
      discard = value.get<bool>();
    else if (key == "reason" && is_text && size <= kReasonMax)
      reason = one_line(value.get<std::string>(), kReasonMax);
    else if (key == "by" && is_text && size <= kByMax)
      typed.by = one_line(value.get<std::string>(), kByMax);
    else
      return Error{Fault::invalid, kHarvestShape};
  }
  if (discard == reason.empty()) return Error{Fault::invalid, kHarvestShape};
  if (discard) typed.discard = reason;
  return typed;
}

}  // namespace

bool ReplicationApi::orders(std::string_view path) {
  return std::find(std::begin(kActions), std::end(kActions), path) != std::end(kActions);
}

ServedResponse ReplicationApi::get(WallTime now) const {
  OrderedJson json = {{"observedAt", rfc3339(now)}};
  json["replication"] = copies_ ? replication_document(*copies_, clock_) : nullptr;
  return document(json);
}

ServedResponse ReplicationApi::post(const ServedRequest& request) {
  if (!copies_) return problem(503, "Not available", "this node makes no copies");
  if (request.path == kActions[2]) return harvest(request.body);
  return request.path == kActions[0] ? replicate(request.body) : cancel(request.body);
}

ServedResponse ReplicationApi::harvest(const std::string& body) {
  if (copies_->harvest == nullptr) return problem(503, "Not available", "nothing comes home here");
  const auto typed = harvest_of_body(body);
  if (!typed.ok()) return problem(422, "Invalid order", typed.error().message);
  const auto taken = copies_->harvest->order(typed.value().discard, typed.value().by);
  if (!taken.ok()) return problem(409, "Nothing is brought home", taken.error().message);
  return document(OrderedJson{{"discard", typed.value().discard.has_value()}}, 202);
}

ServedResponse ReplicationApi::cancel(const std::string& body) {
  const auto order = order_of_body(body);
  if (!order.ok() || order.value().force || order.value().confirm_direction)
    return problem(422, "Invalid order", "must have only: kinds (list of database, files)");
  return document(OrderedJson{{"cancelled", copies_->keeper.cancel(order.value().kinds)}});
}

ServedResponse ReplicationApi::replicate(const std::string& body) {
  const auto order = order_of_body(body);
  if (!order.ok()) return problem(422, "Invalid order", order.error().message);
  const auto numbers = copies_->keeper.order(order.value());
  if (!numbers.ok()) return problem(409, "Nothing is copied", numbers.error().message);
  OrderedJson json = {{"runs", OrderedJson::object()}};
  for (const auto& [kind, number] : numbers.value())
    json["runs"][std::string(copy_kind_name(kind))] = number;
  return document(json, 202);
}

}  // namespace tandem

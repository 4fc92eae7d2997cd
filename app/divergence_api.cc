#include "app/divergence_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/answers.h"
#include "app/divergence_document.h"
#include "app/order_body.h"
#include "core/json_text.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::size_t kReasonMax = 500;
constexpr std::size_t kWordMax = 200;

constexpr const char* kShape =
    "must have either apply (list of dnd, forwards), with user (a uuid) and force (boolean) if "
    "need be, or discard (true) with a reason (text of at most 500 bytes); and by (text of at most "
    "200 bytes)";

struct Asked {
  CarryOrder carry;
  bool discard = false;
  std::string reason;
};

bool is_text(const nlohmann::json& value, std::size_t most) {
  return value.is_string() && !value.get_ref<const std::string&>().empty() &&
         value.get_ref<const std::string&>().size() <= most;
}

bool take_groups(const nlohmann::json& list, std::set<std::string>& groups) {
  for (const auto& word : list) {
    if (!word.is_string() || (word != "dnd" && word != "forwards")) return false;
    groups.insert(word.get<std::string>());
  }
  return !groups.empty();
}

bool take_field(const std::string& key, const nlohmann::json& value, Asked& asked) {
  if (key == "apply" && value.is_array()) return take_groups(value, asked.carry.groups);
  if (key == "user" && is_text(value, kWordMax))
    asked.carry.user = one_line(value.get<std::string>(), kWordMax);
  else if (key == "force" && value.is_boolean())
    asked.carry.force = value.get<bool>();
  else if (key == "discard" && value.is_boolean())
    asked.discard = value.get<bool>();
  else if (key == "reason" && is_text(value, kReasonMax))
    asked.reason = one_line(value.get<std::string>(), kReasonMax);
  else if (key == "by" && is_text(value, kWordMax))
    asked.carry.by = one_line(value.get<std::string>(), kWordMax);
  else
    return false;
  return true;
}

Result<Asked> asked_of(const std::string& body) {
  const auto json = read_json(body);
  if (!json.is_object()) return Error{Fault::invalid, "the body must be a JSON object"};
  Asked asked;
  for (const auto& [key, value] : json.items())
    if (!take_field(key, value, asked)) return Error{Fault::invalid, kShape};
  const bool applies = !asked.carry.groups.empty();
  const bool details = asked.carry.user || asked.carry.force;
  if (applies == asked.discard || asked.discard == asked.reason.empty() || (details && !applies))
    return Error{Fault::invalid, kShape};
  if (asked.carry.by.empty()) asked.carry.by = "somebody";
  return asked;
}

ServedResponse refusal(const Error& error) {
  if (error.fault == Fault::invalid) return problem(409, "Not now", error.message);
  return problem(503, "Not available", error.message);
}

}  // namespace

Task<ServedResponse> DivergenceApi::get(std::string query, bool trusted) {
  OrderedJson json = {{"observedAt", rfc3339(clock_.wall())}, {"divergence", nullptr}};
  if (keeper_ == nullptr) co_return document(json);
  if (!trusted) {
    if (const Divergence* known = keeper_->divergence())
      json["divergence"] = divergence_summary(*known);
    co_return document(json);
  }
  const auto found = co_await keeper_->read();
  if (!found.ok()) co_return refusal(found.error());
  json["divergence"] = divergence_document(found.value());
  if (query == "rows") {
    const auto rows = co_await keeper_->rows();
    if (!rows.ok()) co_return refusal(rows.error());
    json["divergence"]["rows"] = journal_rows_document(rows.value());
  }
  co_return document(json);
}

Task<ServedResponse> DivergenceApi::post(std::string body) {
  if (keeper_ == nullptr) co_return problem(503, "Not available", "this node makes no copies");
  auto asked = asked_of(body);
  if (!asked.ok()) co_return problem(422, "Invalid order", asked.error().message);
  Asked order = std::move(asked).value();
  if (order.discard) {
    const auto ended = co_await keeper_->discard(order.carry.by, order.reason);
    if (!ended.ok()) co_return refusal(ended.error());
    OrderedJson json = {{"discarded", ended.value()}};
    co_return document(json);
  }
  const auto told = co_await keeper_->carry(std::move(order.carry));
  if (!told.ok()) co_return refusal(told.error());
  co_return document(carry_document(told.value()));
}

}  // namespace tandem

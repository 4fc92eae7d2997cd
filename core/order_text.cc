#include "core/order_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/wire_json.h"

namespace tandem {
namespace {

using enum WireReader::Presence;

constexpr const char* kVersion = "tandem.ha/v1alpha1";
constexpr const char* kKind = "Order";
constexpr const char* kWhat = "the order";
constexpr std::size_t kWordMax = 40;

bool has_end(Order::Kind kind) {
  using enum Order::Kind;
  return kind == suspend || kind == switchover || kind == maintenance;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kOrderIdMax && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

}  // namespace

std::string to_text(const Order& order) {
  nlohmann::ordered_json json = {{"apiVersion", kVersion}, {"kind", kKind}};
  json["order"] = order_name(order.kind);
  json["id"] = order.id;
  json["reason"] = order.reason;
  json["by"] = order.by;
  json["at"] = to_string(order.at);
  if (has_end(order.kind)) json["until"] = to_string(order.until);
  if (order.kind == Order::Kind::maintenance) json["takeOver"] = order.take_over;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Status check_order(const Order& order) {
  const auto parsed = parse_order(to_text(order));
  if (!parsed.ok()) return parsed.error();
  return success();
}

Result<Order> parse_order(std::string_view text) {
  const auto json = parse_wire_object(text, kOrderBytesMax, kWhat);
  if (!json.ok()) return json.error();
  WireReader fields(json.value(), kWhat);
  if (fields.word("apiVersion", kWordMax) != kVersion)
    fields.refuse("apiVersion", std::string("must be ") + kVersion);
  if (fields.word("kind", kWordMax) != kKind)
    fields.refuse("kind", std::string("must be ") + kKind);
  Order order;
  order.kind = fields.choice<Order::Kind>("order", order_of_name);
  order.id = fields.word("id", kOrderIdMax);
  if (!is_id(order.id)) fields.refuse("id", "must be letters, digits and hyphens");
  order.reason = fields.word("reason", kOrderReasonMax);
  order.by = fields.text("by", kOrderByMax);
  order.at = fields.time("at");
  if (has_end(order.kind)) {
    order.until = fields.time("until");
    if (order.until <= order.at) fields.refuse("until", "must be after the time of the order");
  }
  if (order.kind == Order::Kind::maintenance) order.take_over = fields.flag("takeOver");
  fields.refuse_others();
  if (fields.error()) return *fields.error();
  return order;
}

}  // namespace tandem

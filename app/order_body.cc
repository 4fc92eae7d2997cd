#include "app/order_body.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/json_text.h"
#include "core/spec.h"
#include "core/wording.h"
#include "reconciler/failover/orders.h"

namespace tandem {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kBodyMax = 8U << 10U;
constexpr std::size_t kTextMax = 1024;

Error wrong(std::string_view key, std::string_view what) {
  return {Fault::invalid, fmt::format("{} {}", in_quotes(key), what)};
}

Status read_text(const std::string& key, const Json& value, std::string& target) {
  if (!value.is_string() || value.get_ref<const std::string&>().size() > kTextMax)
    return wrong(key, fmt::format("must be a text of at most {} bytes", kTextMax));
  target = value.get<std::string>();
  return success();
}

Status read_flag(const std::string& key, const Json& value, bool& target) {
  if (!value.is_boolean()) return wrong(key, "must be true or false");
  target = value.get<bool>();
  return success();
}

struct Body {
  TypedOrder typed;
  std::string lasts, until, not_after;
  bool end = false;
};

Status read_member(const std::string& key, const Json& value, Body& body) {
  Order& order = body.typed.order;
  if (key == "id") return read_text(key, value, order.id);
  if (key == "reason") return read_text(key, value, order.reason);
  if (key == "by") return read_text(key, value, order.by);
  if (key == "node") return read_text(key, value, body.typed.node);
  if (key == "for") return read_text(key, value, body.lasts);
  if (key == "until") return read_text(key, value, body.until);
  if (key == "notAfter") return read_text(key, value, body.not_after);
  if (key == "takeOver") return read_flag(key, value, order.take_over);
  if (key == "end") return read_flag(key, value, body.end);
  return wrong(key,
               "is not known; must be id, reason, by, node, for, until, notAfter, takeOver or end");
}

Status read_end(const Body& body, WallTime now, Order& order) {
  if (!body.lasts.empty() && !body.until.empty())
    return Error{Fault::invalid, "either for or until must be given, not both"};
  if (!body.lasts.empty()) {
    const auto lasts = parse_duration(body.lasts);
    if (!lasts) return Error{Fault::invalid, "for: " + lasts.error()};
    // One over the longest is refused as such, and no sum overflows.
    order.until = now + std::min(*lasts, Duration(kOrderLastsMax + std::chrono::hours{1}));
  }
  if (!body.until.empty()) {
    const auto until = parse_time(body.until);
    if (!until) return Error{Fault::invalid, "until must be a time such as 2026-12-01T06:00:00Z"};
    order.until = *until;
  }
  return success();
}

Status in_time(const std::string& not_after, WallTime now) {
  if (not_after.empty()) return success();
  const auto last = parse_time(not_after);
  if (!last) return Error{Fault::invalid, "notAfter must be a time such as 2026-12-01T06:00:00Z"};
  if (now <= *last) return success();
  return Error{Fault::invalid,
               fmt::format("the order came too late: it was to be taken by {}, and nothing is "
                           "done; order it anew if it is still wanted",
                           not_after)};
}

}  // namespace

bool is_action(std::string_view name) {
  return name != order_name(Order::Kind::end_maintenance) && order_of_name(name).has_value();
}

Result<TypedOrder> read_order_body(std::string_view action, const std::string& text, WallTime now) {
  const auto kind = order_of_name(action);
  if (!kind || !is_action(action)) return wrong(action, "is no order");
  if (text.size() > kBodyMax) return Error{Fault::too_large, "the body is too large"};
  const Json json = read_json(text);
  if (!json.is_object()) return Error{Fault::invalid, "the body must be a JSON object"};
  Body body;
  Order& order = body.typed.order;
  order.kind = *kind;
  order.at = now;
  for (const auto& [key, value] : json.items()) {
    const Status read = read_member(key, value, body);
    if (!read.ok()) return read.error();
  }
  const Status soon = in_time(body.not_after, now);
  if (!soon.ok()) return soon.error();
  const Status end = read_end(body, now, order);
  if (!end.ok()) return end.error();
  if (body.end) {
    if (order.kind != Order::Kind::maintenance)
      return Error{Fault::invalid, "end must be given with maintenance only"};
    order.kind = Order::Kind::end_maintenance;
  }
  const Status good = well_formed(order, now);
  if (!good.ok()) return good.error();
  return std::move(body.typed);
}

}  // namespace tandem

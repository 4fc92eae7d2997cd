#include "app/failover_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <map>

#include "app/answers.h"
#include "app/history_documents.h"
#include "app/order_body.h"
#include "core/spec.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::string_view kActions = "/api/v1/actions/";

using Query = std::map<std::string, std::string>;

// "a=1&b=x" with these names alone, each once; values are plain, so nothing is decoded.
Result<Query> read_query(const std::string& text, std::initializer_list<const char*> names) {
  Query query;
  if (text.empty()) return query;
  for (const std::string& part : split(text, '&')) {
    const auto equals = std::min(part.find('='), part.size());
    const std::string name = part.substr(0, equals);
    if (std::find(names.begin(), names.end(), name) == names.end())
      return Error{Fault::invalid, fmt::format("{} is no parameter here; known: {}",
                                               in_quotes(name), fmt::join(names, ", "))};
    const std::string value = equals < part.size() ? part.substr(equals + 1) : "";
    const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-';
    });
    if (!plain || !query.emplace(name, value).second)
      return Error{Fault::invalid, name + " must be given once, as letters, digits and hyphens"};
  }
  return query;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  return whole && number >= 0 ? std::optional(number) : std::nullopt;
}

Result<std::size_t> limit_of(const Query& query, std::size_t fallback, std::size_t most) {
  const auto given = query.find("limit");
  if (given == query.end()) return fallback;
  const auto number = whole_number(given->second);
  if (!number || *number < 1 || *number > static_cast<std::int64_t>(most))
    return Error{Fault::invalid, fmt::format("limit must be 1 to {}", most)};
  return static_cast<std::size_t>(*number);
}

// `since` is an id of an event, or how long ago: "1h".
Result<EventQuery> event_query(const std::string& text, WallTime now) {
  const auto read = read_query(text, {"since", "limit"});
  if (!read.ok()) return read.error();
  EventQuery query;
  const auto limit = limit_of(read.value(), EventQuery::kLimitMax, EventQuery::kLimitMax);
  if (!limit.ok()) return limit.error();
  query.limit = limit.value();
  const auto since = read.value().find("since");
  if (since == read.value().end()) return query;
  query.behind = whole_number(since->second);
  if (query.behind) return query;
  const auto ago = parse_duration(since->second);
  if (!ago) return Error{Fault::invalid, "since must be the id of an event, or how long ago: 1h"};
  query.after =
      now - std::min(*ago, Duration(now.time_since_epoch() / std::chrono::milliseconds{1}));
  return query;
}

ServedResponse unavailable(const std::string& why) { return problem(503, "Not available", why); }

ServedResponse bad_query(const Error& error) {
  return problem(422, "Invalid query", error.message);
}

const char* progress_name(OrderProgress::Kind kind) {
  switch (kind) {
    case OrderProgress::Kind::under_way: return "UnderWay";
    case OrderProgress::Kind::done: return "Done";
    case OrderProgress::Kind::failed: return "Failed";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

}  // namespace

bool FailoverApi::reads(const std::string& path) {
  return std::find(std::begin(kReadPaths), std::end(kReadPaths), path) != std::end(kReadPaths);
}

bool FailoverApi::orders(const std::string& path) {
  return path.starts_with(kActions) && is_action(path.substr(kActions.size()));
}

Task<ServedResponse> FailoverApi::get(ServedRequest request) {
  if (request.path == "/api/v1/events") co_return co_await events(std::move(request.query));
  if (request.path == "/api/v1/takeovers") co_return co_await takeovers(std::move(request.query));
  if (request.path == "/api/v1/why") co_return why();
  if (request.path == "/api/v1/probes") co_return probes();
  co_return progress(request.query);
}

Task<ServedResponse> FailoverApi::events(std::string text) {
  const WallTime now = parts_.clock.wall();
  auto query = event_query(text, now);
  if (!query.ok()) co_return bad_query(query.error());
  if (parts_.events == nullptr) co_return unavailable("no events are kept");
  const auto page = co_await parts_.events->events(std::move(query).value());
  if (!page.ok()) co_return unavailable(page.error().message);
  co_return document(events_document(page.value(), now));
}

Task<ServedResponse> FailoverApi::takeovers(std::string text) {
  const auto query = read_query(text, {"limit"});
  if (!query.ok()) co_return bad_query(query.error());
  const auto limit = limit_of(query.value(), kTakeoversDefault, EventQuery::kLimitMax);
  if (!limit.ok()) co_return bad_query(limit.error());
  if (parts_.events == nullptr) co_return unavailable("no takeovers are kept");
  const auto records = co_await parts_.events->takeovers(limit.value());
  if (!records.ok()) co_return unavailable(records.error().message);
  co_return document(takeovers_document(records.value(), parts_.clock.wall()));
}

ServedResponse FailoverApi::why() const {
  const auto told = parts_.why ? parts_.why() : std::nullopt;
  if (!told) return unavailable("this node decides nothing: no declaration is in force");
  return document(why_document(*told, parts_.clock.wall()));
}

ServedResponse FailoverApi::probes() const {
  const auto rows = parts_.probes ? parts_.probes() : std::vector<ProbeRow>{};
  return document(probes_document(rows, parts_.clock.wall()));
}

ServedResponse FailoverApi::progress(const std::string& text) const {
  const auto query = read_query(text, {"id"});
  if (!query.ok()) return bad_query(query.error());
  const auto id = query.value().find("id");
  if (id == query.value().end()) return problem(422, "Invalid query", "id must be given");
  const auto found = parts_.orders != nullptr ? parts_.orders->progress(id->second) : std::nullopt;
  if (!found) return problem(404, "Not found", "no order with this id was taken here lately");
  return document({{"id", id->second},
                   {"progress", progress_name(found->kind)},
                   {"sentence", found->sentence}});
}

Task<ServedResponse> FailoverApi::post(ServedRequest request) {
  if (parts_.orders == nullptr) co_return unavailable("this node takes no orders of failover");
  const WallTime now = parts_.clock.wall();
  auto read = read_order_body(request.path.substr(kActions.size()), request.body, now);
  if (!read.ok()) co_return problem(422, "Invalid order", read.error().message);
  TypedOrder typed = std::move(read).value();
  const std::string id = typed.order.id;
  const auto answer = co_await parts_.orders->take(std::move(typed.order), std::move(typed.node));
  if (!answer.good())
    co_return problem(
        409, answer.kind == OrderAnswer::Kind::elsewhere ? "For the other node" : "Refused",
        answer.sentence);
  const bool needed = answer.kind == OrderAnswer::Kind::accepted;
  const OrderedJson json = {{"id", id}, {"needed", needed}, {"result", answer.sentence}};
  co_return document(json, needed ? 200 : 202);
}

}  // namespace tandem

#include "app/failover_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "app/answers.h"
#include "app/history_documents.h"
#include "app/order_body.h"
#include "app/query.h"

namespace tandem {
namespace {

constexpr std::string_view kActions = "/api/v1/actions/";

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
  if (request.path == "/api/v1/probes") co_return probes(request.query);
  co_return progress(request.query);
}

Task<ServedResponse> FailoverApi::events(std::string text) {
  const WallTime now = parts_.clock.wall();
  const auto read = read_query(text, {"since", "type", "limit"});
  if (!read.ok()) co_return bad_query(read.error());
  const auto asked = events_asked(read.value(), now);
  if (!asked.ok()) co_return bad_query(asked.error());
  if (parts_.events == nullptr) co_return unavailable("no events are kept");
  const auto page = co_await parts_.events->events(asked.value().query, asked.value().only);
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

std::optional<Why> FailoverApi::told_why() const {
  return parts_.why ? parts_.why() : std::nullopt;
}

ServedResponse FailoverApi::why() const {
  const auto told = told_why();
  if (!told) return unavailable("this node decides nothing: no declaration is in force");
  return document(why_document(*told, parts_.clock.wall()));
}

ServedResponse FailoverApi::probes(const std::string& text) const {
  const auto query = read_query(text, {"minutes"});
  if (!query.ok()) return bad_query(query.error());
  const auto given = query.value().find("minutes");
  const auto minutes =
      given == query.value().end() ? std::optional<std::int64_t>(0) : whole_number(given->second);
  if (!minutes || *minutes > kMinutesMax)
    return problem(422, "Invalid query", "minutes must be 0 to 60");
  const auto rows = parts_.probes ? parts_.probes() : std::vector<ProbeRow>{};
  return document(probes_document(rows, parts_.clock.wall(), static_cast<int>(*minutes)));
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

#include "app/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/spec.h"
#include "core/wording.h"

namespace tandem {

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

Result<EventsAsked> events_asked(const Query& query, WallTime now) {
  EventsAsked asked;
  const auto limit = limit_of(query, EventQuery::kLimitMax, EventQuery::kLimitMax);
  if (!limit.ok()) return limit.error();
  asked.query.limit = limit.value();
  if (const auto type = query.find("type"); type != query.end()) {
    if (type->second != "normal" && type->second != "warning")
      return Error{Fault::invalid, "type must be normal or warning"};
    asked.only = type->second == "normal" ? Event::Type::normal : Event::Type::warning;
  }
  const auto since = query.find("since");
  if (since == query.end()) return asked;
  asked.query.behind = whole_number(since->second);
  if (asked.query.behind) return asked;
  const auto ago = parse_duration(since->second);
  if (!ago) return Error{Fault::invalid, "since must be the id of an event, or how long ago: 1h"};
  asked.query.after =
      now - std::min(*ago, Duration(now.time_since_epoch() / std::chrono::milliseconds{1}));
  return asked;
}

}  // namespace tandem

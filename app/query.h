// What stands behind the `?` of a path.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "core/history.h"
#include "core/result.h"

namespace tandem {

using Query = std::map<std::string, std::string>;

// "a=1&b=x" with these names alone, each once; values are plain, so nothing is decoded.
Result<Query> read_query(const std::string& text, std::initializer_list<const char*> names);

// Not negative.
std::optional<std::int64_t> whole_number(const std::string& text);

// `limit`, 1 to `most`.
Result<std::size_t> limit_of(const Query& query, std::size_t fallback, std::size_t most);

// `since` is an id of an event, or how long ago: "1h"; `type` is normal or warning.
struct EventsAsked {
  EventQuery query;
  std::optional<Event::Type> only;
};
Result<EventsAsked> events_asked(const Query& query, WallTime now);

}  // namespace tandem

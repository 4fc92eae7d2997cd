// Reading JSON that others wrote: strict about what is acted on, tolerant of the rest.
//
// Every failure is Fault::unavailable and names the field, never its value: documents hold
// passwords.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace tandem {

using Json = nlohmann::json;

// Asterisk's options as Wazo keeps them: keys may repeat, and the order means nothing.
using OptionPairs = std::vector<std::pair<std::string, std::string>>;

// Whether both hold the same pairs equally often, in whatever order.
bool same_pairs(OptionPairs a, OptionPairs b);

// `where` is said in messages: "confd: GET /registrars".
Result<Json> parse_json(std::string_view text, std::string_view where);

// "WHERE has no usable FIELD: WHAT_IT_SHOULD_BE".
Error unexpected(std::string_view where, std::string_view field, std::string_view expected);

// A member that must be a string and not be empty.
Result<std::string> required_text(const Json& object, const char* field, std::string_view where);
// A member that is a string; absent and null are "".
Result<std::string> optional_text(const Json& object, const char* field, std::string_view where);
Result<bool> required_bool(const Json& object, const char* field, std::string_view where);
// A member that is a list of [key, value], both strings.
Result<OptionPairs> required_pairs(const Json& object, const char* field, std::string_view where);

// The list under `items`, after a look at `total`: a short list is never acted on.
Result<Json> complete_items(const Json& answer, std::string_view where);

// UTF-8 always: broken bytes are replaced.
std::string to_text(const Json& json);

}  // namespace tandem

// JSON as the vendor's Python programs write it and complain about it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::wazo_sim {

// Keys keep their order, as in Python.
using Json = nlohmann::ordered_json;

// Nothing when `text` is not JSON, or nests deeper than Python's own parser would follow.
std::optional<Json> parse_json(std::string_view text);

// Equality as Python's dictionaries have it: the order of keys does not count.
bool same_json(const Json& left, const Json& right);

// `{"a": 1, "b": [2, 3]}` and a line end: confd's and auth's bodies.
std::string dump_spaced(const Json& value);

// `{"a":1,"b":[2,3]}`: provd's bodies and documents.
std::string dump_compact(const Json& value);

// The same without escapes for what is not ASCII: sysconfd's bodies.
std::string dump_utf8(const Json& value);

// Python's json.loads() error for a text that is not JSON, such as
// "Expecting value: line 1 column 12 (char 11)".
std::string python_json_error(std::string_view text);

// Python's repr() of a string: in single quotes, unless the text has some and no double ones.
std::string python_repr(const std::string& text);

}  // namespace tandem::wazo_sim

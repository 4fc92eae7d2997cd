// One value of the file against one row of the table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <tl/expected.hpp>

#include "core/fields.h"
#include "core/yaml_tree.h"

namespace tandem {

using JsonValue = nlohmann::ordered_json;

// A scalar as JSON in the declaration's own spelling, or what is wrong with it and what would be
// right. `field` is none of object, list, map, except for its words (core/fields.h, choices).
tl::expected<JsonValue, std::string> read_scalar(const Field& field, const YamlValue& value);

// Whether `text`, unquoted, would not be text to some YAML program: "no", "010", "1.5", "~".
bool means_something_else(std::string_view text);

// What is wrong with a name in a map; empty if nothing is.
std::string check_name(const Field& map, std::string_view name);

}  // namespace tandem

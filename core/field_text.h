// What `explain`, the reference pages and the JSON Schemas say of a field, in the same words.
#pragma once

#include <string>
#include <string_view>

#include "core/fields.h"

namespace tandem {

// For a field that is read and checked and nothing more.
inline constexpr std::string_view kInertText = "none in this release: read and checked only";

// "a list, each item the IPv4 address of a host".
std::string type_of(const FieldTree& tree);

// "1 to 8 items, no item twice"; empty where nothing bounds the field but its type.
std::string limits_of(const Field& field);

// The default as a file would write it, or why there is none.
std::string default_of(const Field& field);

// The field's path as it may be typed: without "[]".
std::string typed_path(const Field& field);

}  // namespace tandem

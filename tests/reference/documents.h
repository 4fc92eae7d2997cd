// Files with one chosen field set, made from the table: a way to ask both judges about every field.
#pragma once

#include <string>
#include <string_view>

#include "core/fields.h"

namespace tandem {

// A file of that kind, as small as it can be, in which `field` has `value` (raw YAML in flow form).
std::string document_with(const FieldTree& kind, const Field& field, std::string_view value);

// A value that the field accepts, as raw YAML.
std::string good_value(const FieldTree& tree);

}  // namespace tandem

// The pages of docs/reference, from the tables of fields and of metrics, as Markdown.
#pragma once

#include <string>
#include <string_view>

#include "core/fields.h"

namespace tandem {

// Every field of a kind, a table for each part of it. `file`: where the kind lives, `other`: the
// rest of the introduction.
std::string kind_page(const FieldTree& kind, std::string_view name, std::string_view intro);

// What differs between the products, and how each value is known.
std::string products_page();

// Every metric family.
std::string metrics_page();

}  // namespace tandem

// JSON Schemas of the two kinds, from the table of fields: for editors and for other programs'
// checks. A schema accepts every file that the program accepts. What a schema can not say (bounds
// of durations, one field against another) the program alone refuses; descriptions tell of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "core/fields.h"

namespace tandem {

// Draft 7, which the common editors know. `id`: the schema's own URI.
nlohmann::ordered_json json_schema(const FieldTree& kind, std::string_view id,
                                   std::string_view title);

}  // namespace tandem

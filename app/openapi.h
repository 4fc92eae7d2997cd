// The document of the API: docs/reference/openapi.json, as it is.
#pragma once

#include <string_view>

namespace tandem {

std::string_view openapi_document();

}  // namespace tandem

// What was changed while the secondary served, as text: from the document of
// `GET /api/v1/divergence`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/terminal.h"

namespace tandem {

// `divergence` as in the document; null: nothing is copied here. `wide`: with uuids, and each row
// of the journal.
std::string divergence_text(const Terminal& out, const nlohmann::ordered_json& divergence,
                            bool wide);

}  // namespace tandem

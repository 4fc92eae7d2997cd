// What `tandem status` shows, made of the pair's document: pure text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/terminal.h"

namespace tandem {

// `status` of the pair's document: whether its condition Ready is True.
bool is_healthy(const nlohmann::ordered_json& status);

std::string status_text(const Terminal& out, const nlohmann::ordered_json& pair, bool wide);

}  // namespace tandem

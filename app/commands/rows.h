// The tables of resources and conditions, from the pair's document.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/terminal.h"

namespace tandem {

std::vector<std::string> resource_headers(bool wide);
std::vector<std::vector<Cell>> resource_rows(const nlohmann::ordered_json& pair, bool wide);

std::vector<std::string> condition_headers(bool wide);
std::vector<std::vector<Cell>> condition_rows(const nlohmann::ordered_json& pair, bool wide);

}  // namespace tandem

// A YAML file as an editor's schema check sees it: plain scalars typed by YAML 1.2's core schema.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace tandem {

// nullopt: the file is no YAML that our gate lets through at all.
std::optional<nlohmann::json> yaml_as_json(std::string_view text);

}  // namespace tandem

#include "tests/reference/yaml_as_json.h"

#include <regex>

#include "core/yaml_tree.h"

namespace tandem {
namespace {

using nlohmann::json;

// YAML 1.2.2, section 10.3.2.
json plain(const std::string& text) {
  static const std::regex integer("[-+]?[0-9]+"),
      floating("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  if (text == "null" || text == "Null" || text == "NULL" || text == "~" || text.empty())
    return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (std::regex_match(text, integer)) return std::stoll(text);
  if (std::regex_match(text, floating)) return std::stod(text);
  return text;
}

json value_of(const YamlValue& value) {
  switch (value.kind) {
    case YamlValue::Kind::null: return nullptr;
    case YamlValue::Kind::scalar: return value.quoted ? json(value.text) : plain(value.text);
    case YamlValue::Kind::list: {
      json list = json::array();
      for (const auto& item : value.items) list.push_back(value_of(item));
      return list;
    }
    case YamlValue::Kind::map: {
      json map = json::object();
      for (const auto& entry : value.entries) map[entry.name] = value_of(entry.value);
      return map;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<json> yaml_as_json(std::string_view text) {
  const YamlDocument document = read_yaml(text, "f");
  if (!document.top || !document.problems.empty()) return std::nullopt;
  return value_of(*document.top);
}

}  // namespace tandem

#include "core/field_text.h"

#include <fmt/format.h>

#include <vector>

#include "core/formats.h"
#include "core/wording.h"

namespace tandem {

std::string type_of(const FieldTree& tree) {
  const Field& field = *tree.field;
  std::string type = wanted(field);
  if (field.type == Type::list && !tree.children.empty()) {
    const auto items = wanted(*tree.children.front().field);
    type += fmt::format(", each item {}", items);
  }
  if (field.type == Type::map) type += fmt::format(", by {}", rule_of(field.format).noun);
  if (field.one_of) type += " with exactly one of its fields";
  return type;
}

std::string limits_of(const Field& field) {
  std::vector<std::string> limits;
  if (field.items_max > 0)
    limits.push_back(fmt::format("{} to {} items", field.items_min, field.items_max));
  if (field.unique) limits.emplace_back("no item twice");
  const bool long_text = field.type == Type::text && field.format != Format::label &&
                         field.format != Format::day_window && field.format != Format::time &&
                         field.format != Format::ipv4 && field.format != Format::node_address &&
                         field.format != Format::endpoint;
  if (long_text) limits.push_back(fmt::format("at most {} bytes", field.length_max));
  if (field.secret) limits.emplace_back("never shown in messages");
  return fmt::format("{}", fmt::join(limits, ", "));
}

std::string default_of(const Field& field) {
  if (field.required) return "none, it is required";
  if (!field.fallback.empty()) return std::string(field.fallback);
  return field.type == Type::object ? "the defaults of the fields below" : "none";
}

// The field as it may be typed: without "[]".
std::string typed_path(const Field& field) {
  std::string path(field.path);
  for (auto at = path.find("[]"); at != std::string::npos; at = path.find("[]")) path.erase(at, 2);
  return path;
}

}  // namespace tandem

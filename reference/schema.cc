#include "reference/schema.h"

#include <fmt/format.h>

#include <charconv>

#include "core/field_text.h"
#include "core/formats.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kDuration = "^([0-9]+(ms|s|m|h|d))+$";
constexpr std::string_view kPercent = "^([1-9][0-9]?|100)%$";

Json schema_of(const FieldTree& tree);

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Json object_schema(const FieldTree& tree) {
  Json schema = {{"type", "object"}, {"additionalProperties", false}};
  Json required = Json::array();
  Json properties = Json::object();
  for (const FieldTree& child : tree.children) {
    properties[child.name] = schema_of(child);
    if (child.field->required) required.push_back(child.name);
  }
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  if (tree.field->one_of) schema["minProperties"] = schema["maxProperties"] = 1;
  return schema;
}

Json list_schema(const FieldTree& tree) {
  const Field& field = *tree.field;
  Json schema = {{"type", "array"}, {"items", schema_of(tree.children.front())}};
  if (field.items_min > 0) schema["minItems"] = field.items_min;
  schema["maxItems"] = field.items_max;
  if (field.unique) schema["uniqueItems"] = true;
  return schema;
}

Json map_schema(const FieldTree& tree) {
  const Field& field = *tree.field;
  return {{"type", "object"},
          {"propertyNames",
           {{"pattern", rule_of(field.format).pattern}, {"maxLength", field.length_max}}},
          {"additionalProperties", schema_of(tree.children.front())},
          {"maxProperties", field.items_max}};
}

Json text_schema(const Field& field) {
  const FormatRule& rule = rule_of(field.format);
  return {{"type", "string"}, {"pattern", rule.pattern}, {"maxLength", field.length_max}};
}

Json words_schema(const Field& field) {
  Json words = Json::array();
  for (const auto& word : split(field.choices)) words.push_back(word);
  return {{"type", "string"}, {"enum", std::move(words)}};
}

// What the field's type alone asks for.
Json type_schema(const FieldTree& tree) {
  const Field& field = *tree.field;
  switch (field.type) {
    case Type::object: return object_schema(tree);
    case Type::list: return list_schema(tree);
    case Type::map: return map_schema(tree);
    case Type::text: return text_schema(field);
    case Type::choice: return words_schema(field);
    case Type::boolean: return {{"type", "boolean"}};
    case Type::integer:
      return {{"type", "integer"},
              {"minimum", number(field.at_least)},
              {"maximum", number(field.at_most)}};
    case Type::percent: return {{"type", "string"}, {"pattern", kPercent}};
    case Type::duration: return {{"type", "string"}, {"pattern", kDuration}};
  }
  return {};  // unreachable: -Wswitch keeps the list complete
}

// The default as a value; discarded where there is none to show.
Json default_value(const Field& field) {
  if (field.fallback.empty()) return Json(Json::value_t::discarded);
  const bool plain = field.type != Type::boolean && field.type != Type::integer &&
                     field.fallback != "null" && field.fallback != "[]" && field.fallback != "{}" &&
                     !field.fallback.starts_with('"');
  return plain ? Json(field.fallback) : Json::parse(field.fallback);
}

std::string description(const FieldTree& tree) {
  std::string text(tree.field->text);
  if (tree.field->type == Type::duration) text += fmt::format(" Must be {}.", wanted(*tree.field));
  if (tree.inert) text += fmt::format(" Effect: {}.", kInertText);
  return text;
}

Json schema_of(const FieldTree& tree) {
  const Field& field = *tree.field;
  const bool words_too = field.type != Type::choice && !field.choices.empty();
  Json schema = {{"description", description(tree)}};
  const Json value = default_value(field);
  if (!value.is_discarded()) schema["default"] = value;
  if (!words_too && !field.nullable) {
    schema.update(type_schema(tree));
    return schema;
  }
  Json forms = Json::array();
  if (words_too) forms.push_back(words_schema(field));
  forms.push_back(type_schema(tree));
  if (field.nullable) forms.push_back({{"type", "null"}});
  schema["anyOf"] = std::move(forms);
  return schema;
}

}  // namespace

nlohmann::ordered_json json_schema(const FieldTree& kind, std::string_view id,
                                   std::string_view title) {
  Json schema = {
      {"$schema", "http://json-schema.org/draft-07/schema#"}, {"$id", id}, {"title", title}};
  schema.update(schema_of(kind));
  return schema;
}

}  // namespace tandem

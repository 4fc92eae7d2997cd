#include "core/spec.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/fields.h"
#include "core/spec_binding.h"
#include "core/spec_checks.h"
#include "core/spec_reader.h"
#include "core/wording.h"
#include "core/yaml_tree.h"

namespace tandem {
namespace {

SpecProblem problem_at(std::string_view file, const Place& place, std::string path,
                       std::string message) {
  return {std::string(file), place.line, place.column, std::move(path), std::move(message)};
}

const YamlEntry* find(const YamlValue& map, std::string_view name) {
  for (const auto& entry : map.entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

// Whether the document is of another kind. Then nothing else of it is worth a message.
std::optional<SpecProblem> other_kind(const YamlValue& top, std::string_view file,
                                      std::string_view kind) {
  const auto right = fmt::format("must be an object with apiVersion, kind {} and spec", kind);
  if (top.kind == YamlValue::Kind::null)
    return problem_at(file, {}, "", fmt::format("the file has no content; {}", right));
  if (top.kind != YamlValue::Kind::map)
    return problem_at(file, top.place, "", fmt::format("the file is no object; {}", right));
  const auto* found = find(top, "kind");
  const bool known = found != nullptr && found->value.kind == YamlValue::Kind::scalar &&
                     (found->value.text == kPairKind || found->value.text == kOperatorKind);
  if (!known || found->value.text == kind) return std::nullopt;
  return problem_at(
      file, found->value.place, "kind",
      fmt::format("{} is another kind of file; must be {}", in_quotes(found->value.text), kind));
}

template <class T, class Check>
Parsed<T> parse(std::string_view text, std::string_view file, std::string_view kind,
                const FieldTree& tree, Check check) {
  auto yaml = read_yaml(text, file);
  if (!yaml.top) return tl::unexpected(in_order(std::move(yaml.problems)));
  if (auto other = other_kind(*yaml.top, file, kind))
    return tl::unexpected(std::vector<SpecProblem>{std::move(*other)});
  auto document = read_document(tree, *yaml.top, file);
  document.problems.insert(document.problems.end(), yaml.problems.begin(), yaml.problems.end());

  T result;
  JsonToSpec archive(document.values, tree);
  visit(archive, result);
  check(result, document);
  if (!document.problems.empty()) return tl::unexpected(in_order(std::move(document.problems)));
  return result;
}

template <class T>
nlohmann::ordered_json json_of(T value, std::string_view kind, const FieldTree& tree) {
  nlohmann::ordered_json json;
  json["apiVersion"] = kApiVersion;
  json["kind"] = kind;
  SpecToJson archive(json, tree);
  visit(archive, value);
  return json;
}

}  // namespace

std::string to_string(const SpecProblem& problem) {
  const auto place = fmt::format("{}:{}:{}: ", problem.file, problem.line, problem.column);
  if (problem.path.empty()) return place + problem.message;
  return fmt::format("{}{}: {}", place, problem.path, problem.message);
}

Parsed<HAPair> parse_pair(std::string_view text, std::string_view file) {
  return parse<HAPair>(text, file, kPairKind, pair_fields(), check_pair);
}

Parsed<OperatorConfig> parse_operator(std::string_view text, std::string_view file) {
  return parse<OperatorConfig>(text, file, kOperatorKind, operator_fields(), check_operator);
}

Parsed<std::string> kind_of(std::string_view text, std::string_view file) {
  auto yaml = read_yaml(text, file);
  if (!yaml.top) return tl::unexpected(in_order(std::move(yaml.problems)));
  const auto* kind = find(*yaml.top, "kind");
  const auto right = fmt::format("must be {} or {}", kPairKind, kOperatorKind);
  std::optional<SpecProblem> problem;
  if (yaml.top->kind != YamlValue::Kind::map)
    problem =
        problem_at(file, yaml.top->place, "",
                   fmt::format("the file is no object; must be one with a kind, which {}", right));
  else if (kind == nullptr)
    problem = problem_at(file, yaml.top->place, "kind", fmt::format("is missing; {}", right));
  else if (kind->value.text != kPairKind && kind->value.text != kOperatorKind)
    problem =
        problem_at(file, kind->value.place, "kind",
                   fmt::format("{} is not known here; {}", in_quotes(kind->value.text), right));
  if (problem) return tl::unexpected(std::vector<SpecProblem>{std::move(*problem)});
  return kind->value.text;
}

nlohmann::ordered_json to_json(const HAPair& pair) {
  return json_of(pair, kPairKind, pair_fields());
}

nlohmann::ordered_json to_json(const OperatorConfig& config) {
  return json_of(config, kOperatorKind, operator_fields());
}

}  // namespace tandem

#include "core/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/fields_tables.h"
#include "core/formats.h"
#include "core/wording.h"

namespace tandem {
namespace {

// The parts of a row's path; "[]" is a part of its own.
std::vector<std::string> parts(std::string_view path) {
  std::vector<std::string> result;
  for (auto& part : split(path, '.')) {
    const bool item = part.ends_with("[]");
    const auto depth = static_cast<std::size_t>(std::count(part.begin(), part.end(), '['));
    result.push_back(item ? part.substr(0, part.find('[')) : part);
    result.insert(result.end(), depth, "[]");
  }
  return result;
}

FieldTree grow(std::span<const Field> rows) {
  FieldTree root{&rows.front(), "", false, {}};
  for (const Field& row : rows.subspan(1)) {
    const auto names = parts(row.path);
    FieldTree* parent = &root;
    for (std::size_t i = 0; i + 1 < names.size(); ++i)
      parent = const_cast<FieldTree*>(parent->child(names[i]));
    parent->children.push_back({&row, names.back(), parent->inert || row.inert, {}});
  }
  return root;
}

std::string range(std::string_view noun, const Field& field) {
  if (field.at_least.empty()) return std::string(noun);
  return fmt::format("{} from {} to {}", noun, field.at_least, field.at_most);
}

std::string wanted_base(const Field& field) {
  switch (field.type) {
    case Type::object: return "an object (indented fields)";
    case Type::list: return "a list";
    case Type::map: return "a map (indented fields)";
    case Type::text: return std::string(rule_of(field.format).noun);
    case Type::choice: return "";
    case Type::boolean: return "true or false";
    case Type::integer: return range("an integer", field);
    case Type::percent: return "a percentage from 1% to 100%";
    case Type::duration:
      return range(field.whole_seconds ? "a duration in whole seconds" : "a duration", field);
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

}  // namespace

const FieldTree* FieldTree::child(std::string_view child_name) const {
  for (const auto& candidate : children)
    if (candidate.name == child_name || candidate.name == "[]" || candidate.name == "ID")
      return &candidate;
  return nullptr;
}

std::vector<std::string> FieldTree::child_names() const {
  std::vector<std::string> names;
  for (const auto& candidate : children) names.push_back(candidate.name);
  return names;
}

std::span<const Field> pair_rows() {
  static const std::vector<Field> rows = [] {
    std::vector<Field> joined;
    for (const auto part : {pair_rows_first(), pair_rows_failover(), pair_rows_last()})
      joined.insert(joined.end(), part.begin(), part.end());
    return joined;
  }();
  return rows;
}

const FieldTree& pair_fields() {
  static const FieldTree tree = grow(pair_rows());
  return tree;
}

const FieldTree& operator_fields() {
  static const FieldTree tree = grow(operator_rows());
  return tree;
}

std::string wanted(const Field& field) {
  auto words = split(field.choices);
  const auto base = wanted_base(field);
  if (!base.empty()) words.push_back(base);
  if (field.nullable) words.emplace_back("null");
  return either(words);
}

}  // namespace tandem

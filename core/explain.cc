#include "core/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "core/field_text.h"
#include "core/fields.h"
#include "core/formats.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::size_t kColumns = 80;

struct Kind {
  std::string_view name;
  const FieldTree& tree;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// `text` in lines of at most kColumns; a word longer than a line keeps its own.
std::string wrapped(std::string_view text, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string result;
  std::string line;
  for (const auto& word : split(text, ' ')) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > kColumns) {
      result += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return result + margin + line + "\n";
}

// "NAME: value", its further lines below the value.
std::string labelled(std::string_view label, std::string_view value) {
  constexpr std::size_t kIndent = 10;
  auto text = wrapped(value, kIndent);
  return fmt::format("{:<{}}{}", fmt::format("{}:", label), kIndent, text.substr(kIndent));
}

std::string first_sentence(std::string_view text) {
  const auto end = text.find(". ");
  return std::string(text.substr(0, end == std::string_view::npos ? text.size() : end + 1));
}

// The fields below, those of a list's items and a map's values included.
std::string children_of(const FieldTree& tree) {
  const FieldTree* below = &tree;
  while (below->children.size() == 1 && !below->children.front().children.empty() &&
         (below->field->type == Type::list || below->field->type == Type::map))
    below = &below->children.front();
  if (below->field->type != Type::object) return "";
  std::string result = "\nFIELDS\n";
  for (const auto& child : below->children) {
    const Field& field = *child.field;
    auto heading = fmt::format("  {}", child.name);
    if (field.required) heading += " (required)";
    if (!field.fallback.empty()) heading += fmt::format(" (default: {})", field.fallback);
    if (child.inert) heading += " (no effect)";
    result += heading + "\n" + wrapped(first_sentence(field.text), 4);
  }
  return result;
}

std::string page(const Kind& kind, const FieldTree& tree) {
  const Field& field = *tree.field;
  std::string result = labelled("KIND", kind.name);
  result += labelled("VERSION", kApiVersion);
  if (!field.path.empty()) {
    const auto path = typed_path(field);
    const bool item = field.path.ends_with("[]");
    result += labelled("FIELD", item ? fmt::format("{} (each item)", path) : path);
    result += labelled("TYPE", type_of(tree));
    if (!item) result += labelled("DEFAULT", default_of(field));
    const auto limits = limits_of(field);
    if (!limits.empty()) result += labelled("LIMITS", limits);
    if (tree.inert) result += labelled("EFFECT", kInertText);
    if (field.type == Type::text && field.format != Format::any)
      result += labelled("EXAMPLE", rule_of(field.format).example);
  }
  result += "\n" + wrapped(field.text, 2);
  return result + children_of(tree);
}

// The field of one kind; nullptr if there is none. List items are passed through unseen.
const FieldTree* find(const FieldTree& tree, const std::vector<std::string>& names) {
  const FieldTree* at = &tree;
  for (const auto& name : names) {
    while (at->field->type == Type::list && !at->children.empty()) at = &at->children.front();
    at = at->child(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::vector<std::string> names_of(std::string_view field_path) {
  std::vector<std::string> names;
  for (const auto& part : split(field_path, '.')) names.push_back(part.substr(0, part.find('[')));
  return names;
}

Error unknown(std::string_view field_path) {
  std::vector<std::string> known;
  for (const auto rows : {pair_rows(), operator_rows()})
    for (const auto& row : rows.subspan(1)) known.push_back(typed_path(row));
  auto meant = nearest(field_path, known);
  if (meant.empty()) meant = nearest(fmt::format("spec.{}", field_path), known);
  // "expiry": the last part alone.
  for (const auto& path : known)
    if (meant.empty() && path.ends_with(fmt::format(".{}", field_path))) meant = path;
  const auto hint = meant.empty() ? "'tandem explain' alone lists the fields at the top"
                                  : fmt::format("the nearest known field is '{}'", meant);
  return {Fault::not_found, fmt::format("there is no field {}; {}", in_quotes(field_path), hint)};
}

}  // namespace

Result<std::string> explain(std::string_view field_path) {
  const Kind kinds[] = {{kPairKind, pair_fields()}, {kOperatorKind, operator_fields()}};
  std::string result;
  for (const auto& kind : kinds) {
    auto names = names_of(field_path);
    const bool kind_named = !names.empty() && (lower(names[0]) == lower(kPairKind) ||
                                               lower(names[0]) == lower(kOperatorKind));
    if (kind_named && lower(names[0]) != lower(kind.name)) continue;
    if (kind_named) names.erase(names.begin());
    const auto* found = find(kind.tree, names);
    if (found == nullptr) {
      names.insert(names.begin(), "spec");
      found = find(kind.tree, names);
    }
    if (found == nullptr) continue;
    if (!result.empty()) result += "\n";
    result += page(kind, *found);
    // Without a field the kinds are shown with what a file of theirs declares.
    if (names.empty()) result += "\nIN spec:\n" + children_of(*kind.tree.child("spec"));
  }
  if (result.empty()) return unknown(field_path);
  return result;
}

}  // namespace tandem

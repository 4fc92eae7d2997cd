#include "reference/pages.h"

#include <fmt/format.h>

#include <vector>

#include "core/field_text.h"
#include "core/formats.h"
#include "core/wording.h"
#include "metrics/families.h"

namespace tandem {
namespace {

constexpr std::string_view kMade =
    "<!-- Made by scripts/reference from the table in the code; do not edit. -->\n";

// Text for a cell of a table.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '_') result += '\\';
    result += c;
  }
  return result;
}

std::string code(std::string_view text) {
  std::string result = "`";
  for (const char c : text) {
    if (c == '|') result += '\\';  // a table splits its cells first
    result += c;
  }
  return result + "`";
}

std::string default_cell(const Field& field) {
  if (field.required) return "required";
  if (!field.fallback.empty()) return code(field.fallback);
  return "";
}

std::string value_cell(const FieldTree& tree) {
  const Field& field = *tree.field;
  std::string text = type_of(tree);
  const std::string limits = limits_of(field);
  if (!limits.empty()) text += "; " + limits;
  const bool formed = field.type == Type::text && field.format != Format::any;
  std::string result = cell(text);
  if (formed) result += ", as in " + code(rule_of(field.format).example);
  return result;
}

std::string row(const FieldTree& tree) {
  std::string text = cell(tree.field->text);
  if (tree.inert) text = fmt::format("**No effect yet.** {}", text);
  return fmt::format("| {} | {} | {} | {} |\n", code(tree.field->path), value_cell(tree),
                     default_cell(*tree.field), text);
}

// The fields below, without those that only hold others: their text stands where they are named.
void add_rows(std::string& page, const FieldTree& tree) {
  for (const FieldTree& child : tree.children) {
    page += row(child);
    add_rows(page, child);
  }
}

constexpr std::string_view kHead = "\n| field | value | default | meaning |\n|---|---|---|---|\n";

std::string section(const FieldTree& tree) {
  std::string page = fmt::format("\n## {}\n\n{}", tree.field->path, cell(tree.field->text));
  if (!tree.field->fallback.empty())
    page += fmt::format(" Default: {}.", code(tree.field->fallback));
  if (tree.inert) page += fmt::format(" Effect: {}.", kInertText);
  page += "\n";
  page += kHead;
  add_rows(page, tree);
  return page;
}

bool is_leaf(const FieldTree& tree) { return tree.children.empty(); }

std::string labels_cell(std::string_view labels) {
  std::string result;
  for (const auto& label : split(labels))
    if (!label.empty()) result += (result.empty() ? "" : ", ") + code(label);
  return result;
}

}  // namespace

std::string kind_page(const FieldTree& kind, std::string_view name, std::string_view intro) {
  std::string page = fmt::format("{}# {}\n\n{} {}\n", kMade, name, cell(kind.field->text), intro);
  page += "\n## At the top\n";
  page += kHead;
  std::vector<const FieldTree*> parts;
  for (const FieldTree& child : kind.children) {
    page += row(child);
    if (child.name != "spec") add_rows(page, child);
  }
  const FieldTree& spec = *kind.child("spec");
  for (const FieldTree& child : spec.children)
    if (is_leaf(child)) page += row(child);
  for (const FieldTree& child : spec.children)
    if (!is_leaf(child)) page += section(child);
  return page;
}

std::string metrics_page() {
  std::string page = fmt::format(
      "{}# Metrics\n\n"
      "What an operator serves at `/metrics` of `spec.listen`, in the Prometheus text format "
      "0.0.4, without a token. "
      "Names and labels are part of the interface: "
      "they change only with a note in the changelog. How to scrape, which alerts and which "
      "dashboard: "
      "[monitoring](../monitoring.md).\n\n"
      "| metric | type | labels | meaning |\n|---|---|---|---|\n",
      kMade);
  for (const MetricRow& row : metric_rows()) {
    const std::string more = row.more.empty() ? "" : fmt::format(" {}", row.more);
    page += fmt::format("| {} | {} | {} | {}{} |\n", code(row.name), kind_name(row.kind),
                        labels_cell(row.labels), row.help, more);
  }
  return page;
}

}  // namespace tandem

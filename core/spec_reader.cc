#include "core/spec_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/spec_scalars.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Kind = YamlValue::Kind;

class Walk {
 public:
  explicit Walk(SpecDocument& document) : document_(document) {}

  // The value of `tree` at `path`; nullopt if it is refused.
  std::optional<JsonValue> read(const FieldTree& tree, const YamlValue& value,
                                const std::string& path, const Place& name);

 private:
  std::optional<JsonValue> read_object(const FieldTree& tree, const YamlValue& value,
                                       const std::string& path, const Place& name);
  std::optional<JsonValue> read_map(const FieldTree& tree, const YamlValue& value,
                                    const std::string& path);
  std::optional<JsonValue> read_list(const FieldTree& tree, const YamlValue& value,
                                     const std::string& path);
  std::optional<JsonValue> read_null(const Field& field, const std::string& path,
                                     const Place& name);
  std::optional<JsonValue> fallback(const FieldTree& tree, const std::string& path,
                                    const Place& parent);
  bool count_is_right(const Field& field, std::size_t count, const std::string& path);
  void report_unknown(const FieldTree& tree, const YamlEntry& entry, const std::string& path);
  void report_repeated(const YamlValue& list, const std::string& path);
  void check_one_of(const FieldTree& tree, const YamlValue& value, const std::string& path);

  std::nullopt_t refuse(const Place& place, const std::string& path, std::string message) {
    document_.refused.insert(path);
    document_.report(place, path, std::move(message));
    return std::nullopt;
  }

  SpecDocument& document_;
};

std::optional<JsonValue> Walk::read(const FieldTree& tree, const YamlValue& value,
                                    const std::string& path, const Place& name) {
  const Field& field = *tree.field;
  document_.names[path] = name;
  document_.places[path] = value.kind == Kind::null ? name : value.place;
  if (value.kind == Kind::null) return read_null(field, path, name);
  if (value.kind == Kind::scalar) {
    auto scalar = read_scalar(field, value);
    if (!scalar) return refuse(value.place, path, scalar.error());
    return std::move(*scalar);
  }
  if (value.kind == Kind::list && field.type == Type::list) return read_list(tree, value, path);
  if (value.kind == Kind::map && field.type == Type::object)
    return read_object(tree, value, path, name);
  if (value.kind == Kind::map && field.type == Type::map) return read_map(tree, value, path);
  const auto what = value.kind == Kind::list ? "a list" : "an object";
  return refuse(value.place, path,
                fmt::format("{} is not allowed here; must be {}", what, wanted(field)));
}

std::optional<JsonValue> Walk::read_null(const Field& field, const std::string& path,
                                         const Place& name) {
  if (field.nullable) return JsonValue(nullptr);
  const auto leave =
      field.required || path.ends_with(']') ? "" : ", or be left out for its default";
  return refuse(name, path, fmt::format("has no value; must be {}{}", wanted(field), leave));
}

std::optional<JsonValue> Walk::read_object(const FieldTree& tree, const YamlValue& value,
                                           const std::string& path, const Place& name) {
  std::map<std::string_view, const YamlEntry*> given;
  for (const auto& entry : value.entries) {
    if (tree.child(entry.name) == nullptr)
      report_unknown(tree, entry, path);
    else
      given[entry.name] = &entry;
  }
  if (tree.field->one_of) check_one_of(tree, value, path);
  auto object = JsonValue::object();
  for (const auto& child : tree.children) {
    const auto child_path = join_path(path, child.name);
    const auto found = given.find(child.name);
    auto read_child = found == given.end()
                          ? (tree.field->one_of ? std::nullopt : fallback(child, child_path, name))
                          : read(child, found->second->value, child_path, found->second->place);
    if (read_child) object[child.name] = std::move(*read_child);
  }
  return object;
}

std::optional<JsonValue> Walk::read_map(const FieldTree& tree, const YamlValue& value,
                                        const std::string& path) {
  auto object = JsonValue::object();
  if (!count_is_right(*tree.field, value.entries.size(), path)) return std::nullopt;
  for (const auto& entry : value.entries) {
    const auto entry_path = join_path(path, entry.name);
    const auto problem = check_name(*tree.field, entry.name);
    if (!problem.empty()) {
      refuse(entry.place, entry_path, problem);
      continue;
    }
    auto item = read(tree.children.front(), entry.value, entry_path, entry.place);
    if (item) object[entry.name] = std::move(*item);
  }
  return object;
}

std::optional<JsonValue> Walk::read_list(const FieldTree& tree, const YamlValue& value,
                                         const std::string& path) {
  auto list = JsonValue::array();
  if (!count_is_right(*tree.field, value.items.size(), path)) return std::nullopt;
  if (tree.field->unique) report_repeated(value, path);
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const auto item_path = fmt::format("{}[{}]", path, i);
    const auto& place = value.items[i].place;
    auto item = read(tree.children.front(), value.items[i], item_path, place);
    // A refused item keeps its number, so that later items are told by theirs.
    list.push_back(item ? std::move(*item) : JsonValue());
  }
  return list;
}

// A field that the file leaves out: its default, or the defaults of the fields below.
std::optional<JsonValue> Walk::fallback(const FieldTree& tree, const std::string& path,
                                        const Place& parent) {
  const Field& field = *tree.field;
  if (field.required)
    return refuse(parent, path, fmt::format("is missing; must be {}", wanted(field)));
  if (field.fallback == "null") return JsonValue(nullptr);
  if (field.fallback == "[]") return JsonValue::array();
  if (field.fallback == "{}") return JsonValue::object();
  if (field.fallback.empty()) {
    auto object = JsonValue::object();
    for (const auto& child : tree.children) {
      auto value = fallback(child, join_path(path, child.name), parent);
      if (value) object[child.name] = std::move(*value);
    }
    return object;
  }
  YamlValue value;
  value.kind = Kind::scalar;
  value.text = field.fallback;
  if (field.fallback.starts_with('"')) value.text = value.text.substr(1, value.text.size() - 2);
  auto scalar = read_scalar(field, value);
  if (!scalar) return refuse(parent, path, scalar.error());
  return std::move(*scalar);
}

bool Walk::count_is_right(const Field& field, std::size_t count, const std::string& path) {
  if (count >= field.items_min && count <= field.items_max) return true;
  const auto wanted_count = field.items_min > 0
                                ? fmt::format("{} to {}", field.items_min, field.items_max)
                                : fmt::format("at most {}", field.items_max);
  refuse(document_.places[path], path,
         fmt::format("has {} items; must have {}", count, wanted_count));
  return false;
}

void Walk::report_unknown(const FieldTree& tree, const YamlEntry& entry, const std::string& path) {
  const auto names = tree.child_names();
  // Beyond the problems that are shown, nobody reads the hint.
  const bool shown = document_.problems.size() <= kSpecProblemsMax;
  const auto meant = shown ? nearest(entry.name, names) : "";
  std::string right = fmt::format("must be one of {}", fmt::join(names, ", "));
  if (!meant.empty()) right = fmt::format("the nearest known name is '{}'", meant);
  if (entry.name == "<<") right = "merging is not supported, the fields must be written out";
  document_.report(entry.place, join_path(path, entry.name), "unknown field; " + right);
}

void Walk::report_repeated(const YamlValue& list, const std::string& path) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    std::string_view text = list.items[i].text;
    if (list.items[i].kind != Kind::scalar) continue;
    if (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
    if (!seen.insert(text).second)
      document_.report(list.items[i].place, fmt::format("{}[{}]", path, i),
                       "is given twice; must be there once");
  }
}

void Walk::check_one_of(const FieldTree& tree, const YamlValue& value, const std::string& path) {
  if (value.entries.size() == 1) return;
  document_.refused.insert(path);
  document_.report(value.place, path,
                   fmt::format("has {} fields; must have exactly one of {}", value.entries.size(),
                               either(tree.child_names())));
}

}  // namespace

bool SpecDocument::all_right(std::initializer_list<std::string_view> paths) const {
  return std::all_of(paths.begin(), paths.end(), [&](std::string_view path) {
    // A field is lost with its parent, too.
    for (std::size_t end = 0; end != std::string_view::npos;) {
      end = path.find_first_of(".[", end + 1);
      if (refused.contains(std::string(path.substr(0, end)))) return false;
    }
    return true;
  });
}

Place SpecDocument::place_of(std::string_view path) const {
  const auto value = places.find(std::string(path));
  if (value != places.end()) return value->second;
  for (auto parent = path; !parent.empty();) {
    const auto dot = parent.find_last_of(".[");
    parent = parent.substr(0, dot == std::string_view::npos ? 0 : dot);
    const auto name = names.find(std::string(parent));
    if (name != names.end()) return name->second;
  }
  return {};
}

void SpecDocument::report(const Place& place, std::string_view path, std::string message) {
  problems.push_back({file, place.line, place.column, std::string(path), std::move(message)});
}

void SpecDocument::report(std::string_view path, std::string message) {
  report(place_of(path), path, std::move(message));
}

SpecDocument read_document(const FieldTree& tree, const YamlValue& top, std::string_view file) {
  SpecDocument document;
  document.file = file;
  auto values = Walk(document).read(tree, top, "", Place{});
  document.values = values ? std::move(*values) : JsonValue::object();
  return document;
}

std::vector<SpecProblem> in_order(std::vector<SpecProblem> problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (problems.size() <= kSpecProblemsMax) return problems;
  const auto more = problems.size() - kSpecProblemsMax;
  problems.resize(kSpecProblemsMax);
  auto last = problems.back();
  last.path = "";
  last.message = fmt::format("{} more problems are not shown; correct these first", more);
  problems.push_back(last);
  return problems;
}

}  // namespace tandem

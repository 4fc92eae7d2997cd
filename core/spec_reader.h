// The table-driven walk over a YAML tree: types, choices, ranges, formats, defaults. What needs
// more than one field is in core/spec_checks.h.
#pragma once

#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/fields.h"
#include "core/yaml_tree.h"

namespace tandem {

// What was read, as far as it is right.
struct SpecDocument {
  // In the table's order, with defaults. A field that was refused is left out.
  nlohmann::ordered_json values;
  std::map<std::string, Place> places;  // by path, of what stands in the file: the values
  std::map<std::string, Place> names;   // likewise, the names before them
  std::set<std::string> refused;        // paths that `values` lacks for a problem
  std::string file;
  std::vector<SpecProblem> problems;

  // Whether each of these fields is right, so that a check over them makes sense.
  bool all_right(std::initializer_list<std::string_view> paths) const;
  bool given(std::string_view path) const { return places.contains(std::string(path)); }
  // Where the value of `path` stands, or else the name of its nearest parent that does.
  Place place_of(std::string_view path) const;

  void report(const Place& place, std::string_view path, std::string message);
  // At the value of `path`.
  void report(std::string_view path, std::string message);
};

SpecDocument read_document(const FieldTree& tree, const YamlValue& top, std::string_view file);

// Sorts by place and cuts to kSpecProblemsMax.
std::vector<SpecProblem> in_order(std::vector<SpecProblem> problems);

}  // namespace tandem

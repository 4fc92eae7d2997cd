// The gate before every YAML file of ours: one document, strictly read into a plain tree with
// places. yaml-cpp stays inside yaml_tree.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec.h"

namespace tandem {

struct Place {
  int line = 1;    // from 1
  int column = 1;  // from 1, in characters
  bool operator==(const Place&) const = default;
};

struct YamlEntry;

struct YamlValue {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string text;     // of a scalar, its quotes and escapes resolved
  bool quoted = false;  // quoted, or a block scalar: text, whatever it looks like
  Place place;
  std::vector<YamlValue> items;    // of a list
  std::vector<YamlEntry> entries;  // of a map; no name occurs twice
};

struct YamlEntry {
  std::string name;
  Place place;  // of the name
  YamlValue value;
};

// Whether messages may show the names found in the file. A misspelt credentials file may have its
// password where a name belongs.
enum class Names { shown, hidden };

struct YamlDocument {
  std::optional<YamlValue> top;  // nullopt: refused as a whole, `problems` says why
  std::vector<SpecProblem> problems;
};

// Reads exactly one document. Refused are more than kSpecBytesMax bytes, NUL and other control
// characters, bytes that are not UTF-8, a second document, tags, names that are not plain text,
// more than kSpecDepthMax levels, kSpecValuesMax values or kSpecAliasesMax aliases, and an alias to
// anything but an earlier scalar or flat map. A name given twice is reported and its first value
// kept, so that the reader can go on to further problems. Values never appear in a message.
YamlDocument read_yaml(std::string_view text, std::string_view file, Names names = Names::shown);

}  // namespace tandem

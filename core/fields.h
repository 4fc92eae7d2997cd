// One table of every field of both kinds. The strict reader, the defaults, the output of a
// declaration and `tandem explain` follow it, and so do the reference page and the JSON Schemas
// made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

enum class Type { object, list, map, text, choice, boolean, integer, percent, duration };

// What a text must look like; core/formats.h has the rule of each.
enum class Format {
  any,           // text without control characters
  label,         // RFC 1123 label
  ipv4,          // dotted quad
  node_address,  // an IPv4 address that one host can have
  host,          // IPv4 address or DNS name
  endpoint,      // IPV4:PORT
  path,          // absolute path of a file or folder; "/" is one
  directory,     // absolute, not "/"
  program,       // first item of an argv: an absolute path
  local_url,     // http to this host, or https
  https_url,     // https, or http to this host; may hold a secret
  dsn,           // libpq's KEY=VALUE form, without a password
  mail,          // an address for sendmail
  table,         // [SCHEMA.]TABLE in PostgreSQL
  unit,          // name of a systemd unit
  id,            // an identifier of the vendor's services
  time,          // RFC 3339
  day_window,    // "HH:MM-HH:MM", local time
};

// A field. All limits are inclusive and written as the file would write them.
struct Field {
  // "spec.primary.paths[].name": "[]" stands for each item of a list, "ID" for each name of a map.
  std::string_view path = {};
  Type type = Type::object;
  Format format = Format::any;     // of a text; of the names, for a map
  std::string_view choices = {};   // "a|b": of a choice; else words that may stand instead
  std::string_view fallback = {};  // the default in YAML; empty: none, or that of the fields below
  bool required = false;
  bool nullable = false;
  bool one_of = false;                           // an object with exactly one of its fields
  bool secret = false;                           // no message shows its value
  bool unique = false;                           // a list without repetitions
  std::string_view at_least = {}, at_most = {};  // of an integer or duration
  bool whole_seconds = false;                    // of a duration
  std::size_t items_min = 0;                     // of a list or map
  std::size_t items_max = 0;
  std::size_t length_max = 256;  // of a text or the names of a map, in bytes
  bool inert = false;  // read and checked, without effect in this release; so are those below
  std::string_view text = {};  // whole sentences for the user
};

// The rows, parents before children, in the order in which a file shows them. The first row of
// each, with an empty path, is the kind itself.
std::span<const Field> pair_rows();
std::span<const Field> operator_rows();

// A row and what is below it.
struct FieldTree {
  const Field* field = nullptr;
  std::string name;    // the last part of the path: "minimum", "[]", "ID"
  bool inert = false;  // the field or one above it is
  std::vector<FieldTree> children;

  // The child of that name, or the one of a list or map; nullptr if there is none.
  const FieldTree* child(std::string_view child_name) const;
  std::vector<std::string> child_names() const;
};

const FieldTree& pair_fields();      // of kind HAPair
const FieldTree& operator_fields();  // of kind OperatorConfig

inline constexpr std::string_view kPairKind = "HAPair";
inline constexpr std::string_view kOperatorKind = "OperatorConfig";
inline constexpr std::string_view kApiVersion = "tandem.ha/v1alpha1";

// "an IPv4 address", "a duration from 100ms to 1m", "managed or unmanaged": what a value must be.
std::string wanted(const Field& field);

}  // namespace tandem

#include "replication/database/sql_text.h"

namespace tandem {
namespace {

std::string doubled(std::string_view text, char quote) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == quote) result += c;
  }
  return result;
}

}  // namespace

std::string sql_name(std::string_view name) { return '"' + doubled(name, '"') + '"'; }

std::string sql_table(std::string_view table) { return "public." + sql_name(table); }

std::string sql_text(std::string_view value) {
  const std::string quoted = '\'' + doubled(value, '\'') + '\'';
  if (value.find('\\') == std::string_view::npos) return quoted;
  return " E" + doubled(quoted, '\\');
}

std::string sql_array(const std::vector<std::string>& values) {
  std::string list = "{";
  for (const auto& value : values) {
    if (list.size() > 1) list += ',';
    list += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') list += '\\';
      list += c;
    }
    list += '"';
  }
  return sql_text(list + '}');
}

}  // namespace tandem

// Names and values as they stand in a statement.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem {

std::string sql_name(std::string_view name);    // "queue"
std::string sql_table(std::string_view table);  // public."queue"
// 'it''s', with the E form where a backslash is in it.
std::string sql_text(std::string_view value);
// '{"a","b"}' as the text of an array; every element is quoted, so none is NULL.
std::string sql_array(const std::vector<std::string>& values);

}  // namespace tandem

#include "pbx/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_text.h"

namespace tandem {
namespace {

const Json* member(const Json& object, const char* field) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(field);
  return found == object.end() ? nullptr : &*found;
}

bool is_pair_of_texts(const Json& value) {
  return value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string();
}

}  // namespace

bool same_pairs(OptionPairs a, OptionPairs b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

Error unexpected(std::string_view where, std::string_view field, std::string_view expected) {
  return Error{Fault::unavailable, fmt::format("{} has no usable {}: {}", where, field, expected)};
}

Result<Json> parse_json(std::string_view text, std::string_view where) {
  Json json = read_json(text);
  if (json.is_discarded()) return unexpected(where, "body", "it is not JSON");
  return json;
}

Result<std::string> required_text(const Json& object, const char* field, std::string_view where) {
  const Json* value = member(object, field);
  if (value == nullptr || !value->is_string() || value->get_ref<const std::string&>().empty())
    return unexpected(where, field, "it must be a string that is not empty");
  return value->get<std::string>();
}

Result<std::string> optional_text(const Json& object, const char* field, std::string_view where) {
  const Json* value = member(object, field);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return unexpected(where, field, "it must be a string or null");
  return value->get<std::string>();
}

Result<bool> required_bool(const Json& object, const char* field, std::string_view where) {
  const Json* value = member(object, field);
  if (value == nullptr || !value->is_boolean())
    return unexpected(where, field, "it must be true or false");
  return value->get<bool>();
}

Result<OptionPairs> required_pairs(const Json& object, const char* field, std::string_view where) {
  const Json* value = member(object, field);
  if (value == nullptr || !value->is_array() ||
      !std::all_of(value->begin(), value->end(), is_pair_of_texts))
    return unexpected(where, field, "it must be a list of pairs of strings");
  OptionPairs pairs;
  for (const Json& pair : *value)
    pairs.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  return pairs;
}

Result<Json> complete_items(const Json& answer, std::string_view where) {
  const Json* items = member(answer, "items");
  const Json* total = member(answer, "total");
  if (items == nullptr || !items->is_array())
    return unexpected(where, "items", "it must be a list");
  if (total == nullptr || !total->is_number_unsigned())
    return unexpected(where, "total", "it must be a number");
  if (items->size() < total->get<std::size_t>())
    return unexpected(where, "items", fmt::format("{} of {} came", items->size(), total->dump()));
  return *items;
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tandem

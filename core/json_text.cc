#include "core/json_text.h"

namespace tandem {
namespace {

// Brackets outside of texts: what is no JSON may be miscounted, and is refused by the reader.
bool nests_deeply(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '[' || c == '{') && ++depth > kJsonDepthMax)
      return true;
    else if (!quoted && (c == ']' || c == '}'))
      --depth;
  }
  return false;
}

template <class Json>
Json read(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || nests_deeply(text))
    return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

}  // namespace

nlohmann::json read_json(std::string_view text) { return read<nlohmann::json>(text); }

nlohmann::ordered_json read_ordered_json(std::string_view text) {
  return read<nlohmann::ordered_json>(text);
}

}  // namespace tandem

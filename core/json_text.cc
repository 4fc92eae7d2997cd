#include "core/json_text.h"

namespace tandem {
namespace {

// Brackets outside of texts: what is no JSON may be miscounted, and is refused by the reader.
bool is_sane(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') return false;
    if (quoted && c == '\\') {
      ++i;
      if (i < text.size() && text[i] == '\0') return false;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      if (++depth > kJsonDepthMax) return false;
    } else if (!quoted && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return true;
}

template <class Json>
Json read(std::string_view text) {
  if (!is_sane(text)) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

}  // namespace

nlohmann::json read_json(std::string_view text) { return read<nlohmann::json>(text); }

nlohmann::ordered_json read_ordered_json(std::string_view text) {
  return read<nlohmann::ordered_json>(text);
}

}  // namespace tandem

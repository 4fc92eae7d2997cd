#include "tests/wazo_sim/json_text.h"

#include <cctype>

namespace tandem::wazo_sim {
namespace {

constexpr int kDepthMax = 500;  // Python gives up near 1000; ours must not exhaust the stack

bool nests_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDepthMax) return true;
  }
  return false;
}

std::string dump_with(const Json& value, bool ascii) {
  return value.dump(-1, ' ', ascii, Json::error_handler_t::replace);
}

void append_spaced(std::string& out, const Json& value) {
  if (!value.is_structured()) {
    out += dump_with(value, true);
    return;
  }
  out += value.is_object() ? '{' : '[';
  bool first = true;
  for (const auto& item : value.items()) {
    if (!first) out += ", ";
    first = false;
    if (value.is_object()) out += dump_with(Json(item.key()), true) + ": ";
    append_spaced(out, item.value());
  }
  out += value.is_object() ? '}' : ']';
}

// Walks a text in the steps of Python's json module and stops at the first thing it would refuse.
class PythonScanner {
 public:
  explicit PythonScanner(std::string_view text) : text_(text) {}

  std::string complaint() {
    skip_space();
    if (value()) {
      skip_space();
      if (at_ < text_.size()) refuse("Extra data", at_);
    }
    return what_;
  }

 private:
  bool refuse(std::string_view what, std::size_t where) {
    const std::string_view before = text_.substr(0, where);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto line_end = before.rfind('\n');
    const auto column = line_end == std::string_view::npos ? where + 1 : where - line_end;
    what_ = std::string(what) + ": line " + std::to_string(line) + " column " +
            std::to_string(column) + " (char " + std::to_string(where) + ")";
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  bool string() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20)
        return refuse("Invalid control character at", at_);
      at_ += text_[at_] == '\\' ? 2U : 1U;
    }
    if (at_ >= text_.size()) return refuse("Unterminated string starting at", begin);
    ++at_;
    return true;
  }

  bool scalar() {
    for (const std::string_view word : {"null", "true", "false"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return true;
    }
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    if (std::isdigit(static_cast<unsigned char>(peek())) == 0)
      return refuse("Expecting value", begin);
    while (std::isdigit(static_cast<unsigned char>(peek())) != 0 || peek() == '.' ||
           peek() == 'e' || peek() == 'E')
      ++at_;
    return true;
  }

  bool value() {
    if (peek() == '{') return object();
    if (peek() == '[') return array();
    if (peek() == '"') return string();
    return scalar();
  }

  bool array() {
    ++at_;
    skip_space();
    if (peek() == ']') return ++at_, true;
    for (;;) {
      if (!value()) return false;
      skip_space();
      if (peek() == ']') return ++at_, true;
      if (peek() != ',') return refuse("Expecting ',' delimiter", at_);
      ++at_;
      skip_space();
    }
  }

  bool object() {
    ++at_;
    skip_space();
    if (peek() == '}') return ++at_, true;
    for (;;) {
      if (peek() != '"') return refuse("Expecting property name enclosed in double quotes", at_);
      if (!string()) return false;
      skip_space();
      if (peek() != ':') return refuse("Expecting ':' delimiter", at_);
      ++at_;
      skip_space();
      if (!value()) return false;
      skip_space();
      if (peek() == '}') return ++at_, true;
      if (peek() != ',') return refuse("Expecting ',' delimiter", at_);
      ++at_;
      skip_space();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string what_ = "Expecting value: line 1 column 1 (char 0)";
};

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  if (nests_too_deep(text)) return std::nullopt;
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

bool same_json(const Json& left, const Json& right) {
  return nlohmann::json(left) == nlohmann::json(right);
}

std::string dump_spaced(const Json& value) {
  std::string out;
  append_spaced(out, value);
  return out + "\n";
}

std::string dump_compact(const Json& value) { return dump_with(value, true); }

std::string dump_utf8(const Json& value) { return dump_with(value, false); }

std::string python_json_error(std::string_view text) {
  if (nests_too_deep(text)) return "Expecting value: line 1 column 1 (char 0)";
  return PythonScanner(text).complaint();
}

std::string python_repr(const std::string& text) {
  const bool single = text.find('\'') != std::string::npos;
  const bool twice = text.find('"') != std::string::npos;
  const char quote = single && !twice ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  return out + quote;
}

}  // namespace tandem::wazo_sim

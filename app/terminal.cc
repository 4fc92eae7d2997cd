#include "app/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/wording.h"

namespace tandem {
namespace {

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // not a UTF-8 continuation byte
  }));
}

std::string_view code_of(Tint tint) {
  switch (tint) {
    case Tint::none: return "";
    case Tint::good: return "\x1b[32m";
    case Tint::bad: return "\x1b[31m";
    case Tint::warn: return "\x1b[33m";
    case Tint::dim: return "\x1b[2m";
    case Tint::strong: return "\x1b[1m";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

bool terminal_has_color(int descriptor) {
  const char* term = std::getenv("TERM");
  const char* forbidden = std::getenv("NO_COLOR");
  return isatty(descriptor) == 1 && term != nullptr && std::string_view(term) != "dumb" &&
         (forbidden == nullptr || *forbidden == '\0');
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (is_shown(text.substr(at, length)))
      shown += text.substr(at, length);
    else
      shown += '?';
    at += std::max<std::size_t>(length, 1);
  }
  return shown;
}

std::string shown_json(const nlohmann::ordered_json& json, int indent) {
  const std::string plain =
      json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string shown;
  for (std::size_t at = 0; at < plain.size();) {
    const std::string_view character =
        std::string_view(plain).substr(at, std::max<std::size_t>(utf8_length(plain, at), 1));
    at += character.size();
    if (character == "\n" || is_shown(character)) {  // a line ends outside of texts only
      shown += character;
      continue;
    }
    const std::string escaped = nlohmann::json(character).dump(-1, ' ', true);
    shown += escaped.substr(1, escaped.size() - 2);
  }
  return shown;
}

Terminal::Terminal(int descriptor, bool no_color)
    : color_(!no_color && terminal_has_color(descriptor)) {}

std::string Terminal::tinted(Tint tint, std::string_view text) const {
  if (!color_ || tint == Tint::none) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code_of(tint), text);
}

std::string table(const Terminal& terminal, const std::vector<std::string>& headers,
                  const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& header : headers) widths.push_back(width_of(header));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width_of(printable(row[i].text)));

  std::string out;
  const auto add = [&](std::size_t i, const std::string& text, Tint tint, bool last) {
    out += terminal.tinted(tint, text);
    if (!last) out += std::string(widths[i] - width_of(text) + 2, ' ');
  };
  for (std::size_t i = 0; i < headers.size(); ++i)
    add(i, headers[i], Tint::dim, i + 1 == headers.size());
  out += '\n';
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      add(i, printable(row[i].text), row[i].tint, i + 1 == row.size());
    out += '\n';
  }
  return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out, line;
  const auto flush = [&] {
    if (!line.empty()) out += margin + line + '\n';
    line.clear();
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find_first_of(" \n", at), text.size());
    const auto word = text.substr(at, end - at);
    if (!line.empty() && indent + width_of(line) + 1 + width_of(word) > width) flush();
    if (!word.empty()) line += (line.empty() ? "" : " ") + std::string(word);
    if (end < text.size() && text[end] == '\n') flush();
    at = end + 1;
  }
  flush();
  return out;
}

std::string age(long long seconds) {
  seconds = std::max(seconds, 0LL);
  const long long days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
  if (days > 0)
    return hours > 0 && days < 10 ? fmt::format("{}d{}h", days, hours) : fmt::format("{}d", days);
  if (hours > 0)
    return minutes > 0 ? fmt::format("{}h{}m", hours, minutes) : fmt::format("{}h", hours);
  if (minutes > 0)
    return seconds % 60 > 0 && minutes < 10 ? fmt::format("{}m{}s", minutes, seconds % 60)
                                            : fmt::format("{}m", minutes);
  return fmt::format("{}s", seconds);
}

}  // namespace tandem

#include "pbx/text_lines.h"

#include <algorithm>

namespace tandem {

std::vector<TextLine> split_lines(std::string_view text) {
  std::vector<TextLine> lines;
  while (!text.empty()) {
    const auto newline = text.find('\n');
    const bool ends = newline != std::string_view::npos;
    std::size_t length = ends ? newline : text.size();
    const std::size_t whole = ends ? newline + 1 : text.size();
    if (length > 0 && text[length - 1] == '\r') --length;
    lines.push_back({std::string(text.substr(0, length)),
                     std::string(text.substr(length, whole - length)), lines.size() + 1});
    text.remove_prefix(whole);
  }
  return lines;
}

std::string join_lines(const std::vector<TextLine>& lines) {
  std::string text;
  for (const TextLine& line : lines) text.append(line.text).append(line.end);
  return text;
}

std::string line_end_of(const std::vector<TextLine>& lines) {
  return lines.empty() || !lines.front().end.ends_with('\n') ? "\n" : lines.front().end;
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace tandem

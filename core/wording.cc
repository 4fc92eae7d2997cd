#include "core/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/remedies.h"

namespace tandem {
namespace {

constexpr std::size_t kComparedLettersMax = 64;

bool is_harmless(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// One character for a message; U+0080 to U+009F steer terminals as well.
std::string shown(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character == "'" || character == "\\") return fmt::format("\\{}", character);
  if (character == "\n") return "\\n";
  if (character == "\t") return "\\t";
  if (first < 0x20 || first == 0x7F) return fmt::format("\\x{:02x}", first);
  if (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0)
    return fmt::format("\\x{:02x}", static_cast<unsigned char>(character[1]));
  if (is_shown(character)) return std::string(character);
  std::string bytes;
  for (const char c : character) bytes += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return bytes;
}

// As wide as a blank, and none where words are taken apart.
constexpr std::string_view kFirmSpace = "\u00A0";

// What a stranger says is no remedy of ours, even where it reads like one. Each round takes a blank
// away, so it ends.
std::string without_commands(std::string line) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string& command : commands_in(line)) {
      const auto at = line.find(command);
      if (at == std::string::npos) continue;
      line.replace(line.find(' ', at), 1, kFirmSpace);
      found = true;
    }
  }
  return line;
}

bool is_host_letter(char c) { return is_harmless(c) || c == '.'; }

// "HOST" or "HOST:PORT" and nothing else: what stands before an unencoded '/' may be a password.
bool is_host(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto host = text.substr(0, colon), port = text.substr(colon);
  return !host.empty() && std::all_of(host.begin(), host.end(), is_host_letter) &&
         (port.empty() || (port.size() > 1 && port.size() <= 6 &&
                           port.find_first_not_of("0123456789", 1) == std::string_view::npos));
}

// A URL's user, path and query are as good as a password, wherever it was typed by mistake.
std::string without_url_secrets(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::string(text);
  const auto rest = text.substr(scheme + 3);
  const auto end = std::min(rest.find_first_of("/?#\\ \t\r\n\"'"), rest.size());
  auto host = rest.substr(0, end);
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (host == rest && is_host(host)) return std::string(text);
  if (!is_host(host)) host = "";
  return fmt::format("{}{}{}...", text.substr(0, scheme + 3), host, host.empty() ? "" : "/");
}

}  // namespace

std::string in_quotes(std::string_view typed) {
  const std::string text = without_url_secrets(typed);
  std::string result = "'";
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    if (characters == kQuotedCharactersMax) return result + "'...";
    const auto length = utf8_length(text, at);
    result += length == 0 ? "?" : shown(std::string_view(text).substr(at, length));
    at += std::max<std::size_t>(length, 1);
  }
  return result + "'";
}

std::string path_part(std::string_view name) {
  const bool harmless = !name.empty() && name.size() <= kQuotedCharactersMax &&
                        std::all_of(name.begin(), name.end(), is_harmless);
  if (harmless) return std::string(name);
  // No field has a slash in its name: it is the path of something that stands in the wrong place.
  const auto slash = name.find_first_of("/\\?");
  if (slash == std::string_view::npos || name.find("://") != std::string_view::npos)
    return in_quotes(name);
  return in_quotes(fmt::format("{}/...", name.substr(0, slash)));
}

std::string join_path(std::string_view parent, std::string_view name) {
  const auto part = path_part(name);
  return parent.empty() ? part : fmt::format("{}.{}", parent, part);
}

std::string either(const std::vector<std::string>& words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
    result += words[i];
  }
  return result;
}

std::vector<std::string> split(std::string_view words, char separator) {
  std::vector<std::string> result;
  while (!words.empty()) {
    const auto end = std::min(words.find(separator), words.size());
    result.emplace_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return result;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> costs((a.size() + 1) * width);
  const auto cost = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return costs[i * width + j];
  };
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost(i, j) = i + j;
        continue;
      }
      const std::size_t replaced = cost(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost(i, j) = std::min({replaced, cost(i - 1, j) + 1, cost(i, j - 1) + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost(i, j) = std::min(cost(i, j), cost(i - 2, j - 2) + 1);
    }
  }
  return costs.back();
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  if (name.size() > kComparedLettersMax) return "";
  const auto lower = [](std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
  };
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const auto distance = edit_distance(lower(name), lower(candidate));
    if (distance >= best_distance || distance >= candidate.size()) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(at);
  const unsigned second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || !follows(at + 1)) return 0;
  if (first < 0xE0) return 2;
  if (!follows(at + 2)) return 0;
  // Overlong forms and surrogates.
  if (first < 0xF0)
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ? 0 : 3;
  if (!follows(at + 3) || first > 0xF4) return 0;
  return (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F) ? 0 : 4;
}

bool is_shown(std::string_view character) {
  if (character.empty()) return false;
  const auto byte = [&](std::size_t i) -> unsigned {
    return static_cast<unsigned char>(character[i]);
  };
  if (character.size() == 1) return byte(0) >= 0x20 && byte(0) != 0x7f;
  // U+0080 to U+009F steer a terminal as ESC and a letter do; U+061C turns the direction.
  if (character.size() == 2) return !(byte(0) == 0xc2 && byte(1) < 0xa0) && character != "\xd8\x9c";
  if (character.size() == 4)  // tags, which nobody sees
    return !(character.starts_with("\xf3\xa0\x80") || character.starts_with("\xf3\xa0\x81"));
  const unsigned point = (byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
  const bool turns = (point >= 0x202a && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f);
  const bool marks = point == 0x200b || point == 0x200e || point == 0x200f || point == 0x180e ||
                     point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb);
  const bool ends_a_line = point == 0x2028 || point == 0x2029;
  return !turns && !marks && !ends_a_line;
}

std::string foreign_words(std::string_view text, std::size_t bytes_max) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const std::string_view character = text.substr(at, length);
    if (line.size() + length > bytes_max) return without_commands(line + "...");
    if (character == "`")
      line += '\'';
    else if (is_shown(character))
      line += character;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
    at += std::max<std::size_t>(length, 1);
  }
  while (line.ends_with(' ')) line.pop_back();
  return without_commands(std::move(line));
}

std::string joined_lines(std::string_view lines) {
  std::string line;
  for (const char c : lines)
    if (c == '\n')
      line += "; ";
    else
      line += c;
  return line;
}

std::string last_foreign_line(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return "";
  const auto before = text.find_last_of("\r\n", end);  // npos + 1 is the first byte
  return foreign_words(text.substr(before + 1, end - before));
}

std::string camel_case(std::string_view snake_case) {
  std::string word;
  bool starts = true;
  for (const char c : snake_case) {
    if (c != '_')
      word += starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts = c == '_';
  }
  return word;
}

}  // namespace tandem

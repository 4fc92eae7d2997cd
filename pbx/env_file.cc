#include "pbx/env_file.h"

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

bool is_key_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// What host names, addresses, URLs and words are made of: read alike by everybody, quoted or not.
bool is_plain(char c) {
  return is_key_letter(c) || c == ':' || c == '/' || c == ',' || c == '@' || c == '%' || c == '+';
}

bool all_of(std::string_view text, bool (*right)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), right);
}

std::size_t skip_blanks(std::string_view text, std::size_t at, std::size_t end) {
  while (at < end && is_blank(text[at])) ++at;
  return at;
}

// Where an assignment stands in the text: the line with its line feed, and the value without
// quotes.
struct Assignment {
  std::string_view key;
  std::size_t line = 0, line_end = 0;
  std::size_t value = 0, value_end = 0;
};

// The value of a line whose `=` stands before `at`; `end` is before the line's CR and LF.
void find_value(std::string_view text, std::size_t at, std::size_t end, Assignment& found) {
  at = skip_blanks(text, at, end);
  if (at < end && (text[at] == '"' || text[at] == '\'')) {
    const auto close = text.substr(0, end).find(text[at], at + 1);
    if (close != std::string_view::npos) {
      found.value = at + 1;
      found.value_end = close;
      return;
    }
  }
  auto stop = at;
  while (stop < end && !(text[stop] == '#' && stop > at && is_blank(text[stop - 1]))) ++stop;
  while (stop > at && is_blank(text[stop - 1])) --stop;
  found.value = at;
  found.value_end = stop;
}

// The assignment in the line that begins at `begin`; nullopt: it is none.
std::optional<Assignment> assignment_at(std::string_view text, std::size_t begin) {
  const auto feed = text.find('\n', begin);
  Assignment found;
  found.line = begin;
  found.line_end = feed == std::string_view::npos ? text.size() : feed + 1;
  auto end = feed == std::string_view::npos ? text.size() : feed;
  if (end > begin && text[end - 1] == '\r') --end;

  auto at = skip_blanks(text, begin, end);
  constexpr std::string_view kExport = "export";
  if (text.substr(at, end - at).starts_with(kExport) && at + kExport.size() < end &&
      is_blank(text[at + kExport.size()]))
    at = skip_blanks(text, at + kExport.size(), end);
  const auto key = at;
  while (at < end && is_key_letter(text[at])) ++at;
  found.key = text.substr(key, at - key);
  at = skip_blanks(text, at, end);
  if (found.key.empty() || at == end || text[at] != '=') return std::nullopt;
  find_value(text, at + 1, end, found);
  return found;
}

// The last assignment of the key.
std::optional<Assignment> find(std::string_view text, std::string_view key) {
  std::optional<Assignment> last;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto found = assignment_at(text, at); found && found->key == key) last = found;
    const auto feed = text.find('\n', at);
    at = feed == std::string_view::npos ? text.size() : feed + 1;
  }
  return last;
}

}  // namespace

std::optional<std::string> EnvFile::value(std::string_view key) const {
  const auto found = find(text_, key);
  if (!found) return std::nullopt;
  return text_.substr(found->value, found->value_end - found->value);
}

Status EnvFile::set(std::string_view key, std::string_view value) {
  if (!all_of(key, is_key_letter) || !all_of(value, is_plain))
    return Error{Fault::invalid, "the value of " + std::string(key) +
                                     " has a character that programs read differently there"};
  if (const auto found = find(text_, key)) {
    text_.replace(found->value, found->value_end - found->value, value);
    return success();
  }
  const std::string feed = text_.find("\r\n") == std::string::npos ? "\n" : "\r\n";
  if (!text_.empty() && text_.back() != '\n') text_ += feed;
  text_ += std::string(key) + "=" + std::string(value) + feed;
  return success();
}

// In one go, however many there are.
void EnvFile::remove(std::string_view key) {
  std::string rest;
  for (std::size_t at = 0; at < text_.size();) {
    const auto feed = text_.find('\n', at);
    const auto end = feed == std::string::npos ? text_.size() : feed + 1;
    const auto found = assignment_at(text_, at);
    if (!found || found->key != key) rest.append(text_, at, end - at);
    at = end;
  }
  text_ = std::move(rest);
}

}  // namespace tandem

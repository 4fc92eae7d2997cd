#include "pbx/authorized_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/formats.h"

namespace tandem {
namespace {

constexpr std::string_view kType = "ssh-ed25519";
// Every ed25519 key begins with its type's name in base64 and has this length.
constexpr std::string_view kBlobStart = "AAAAC3NzaC1lZDI1NTE5AAAAI";
constexpr std::size_t kBlobSize = 68;
constexpr std::string_view kGateWord = " sync-gate";

bool is_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// What means nothing in a quoted option, nor to the shell that sshd runs the command with.
bool is_plain(char c) {
  return is_base64(c) || c == '.' || c == '_' || c == '-' || c == ' ' || c == ':' || c == '=';
}

bool is_comment(char c) { return c >= 0x20 && c < 0x7f; }

std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

// The lines with their ends; the last may have none.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// The first word of a line as sshd takes it: blanks within quotes belong to it.
std::string_view first_word(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '"')
      ++i;
    else if (line[i] == '"')
      quoted = !quoted;
    else if (!quoted && (line[i] == ' ' || line[i] == '\t'))
      return line.substr(0, i);
  }
  return line;
}

// The options as gate_line() writes them, whatever the addresses and the program: no other line is
// taken for ours, be there a "sync-gate" in it.
bool has_gate_options(std::string_view options) {
  constexpr std::string_view kFrom = "restrict,from=\"", kCommand = "\",command=\"", kEnd = "\"";
  if (options.size() < kFrom.size() + kEnd.size() || !options.starts_with(kFrom) ||
      !options.ends_with(kEnd))
    return false;
  options.remove_prefix(kFrom.size());
  options.remove_suffix(kEnd.size());
  const auto at = options.find(kCommand);
  if (at == std::string_view::npos) return false;
  const auto command = options.substr(at + kCommand.size());
  return options.substr(0, at).find_first_not_of("0123456789.,") == std::string_view::npos &&
         command.ends_with(kGateWord) && command.find('"') == std::string_view::npos;
}

}  // namespace

Result<std::string> public_key_of(std::string_view line) {
  line = without_end(line);
  const auto blank = line.find(' ');
  const auto type = line.substr(0, blank);
  auto blob = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  blob = blob.substr(0, blob.find(' '));
  if (type != kType || blob.size() != kBlobSize || !blob.starts_with(kBlobStart) ||
      !std::ranges::all_of(blob, is_base64))
    return Error{Fault::invalid, "this is no public ed25519 key (ssh-ed25519 AAAA...)"};
  return fmt::format("{} {}", type, blob);
}

Result<std::string> gate_line(const GateLine& parts) {
  const auto key = public_key_of(parts.public_key);
  if (!key.ok()) return key.error();
  if (parts.from.empty())
    return Error{Fault::invalid, "there is no address to let the key in from"};
  for (const std::string& address : parts.from)
    if (!check_ipv4(address).empty())
      return Error{Fault::invalid, address + " is no IPv4 address to let the key in from"};
  if (parts.command.empty() || !std::ranges::all_of(parts.command, is_plain))
    return Error{Fault::invalid,
                 fmt::format("the command '{}' has characters that a shell or sshd would take for "
                             "something else",
                             parts.command)};
  if (!std::ranges::all_of(parts.comment, is_comment))
    return Error{Fault::invalid, "the comment of the key must be printable ASCII"};
  return fmt::format(R"(restrict,from="{}",command="{}" {} {})", fmt::join(parts.from, ","),
                     parts.command, key.value(), parts.comment);
}

bool is_gate_line(std::string_view line, std::string_view public_key) {
  line = without_end(line);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.empty() || line.front() == '#') return false;
  if (!public_key.empty() && line.find(public_key) != std::string_view::npos) return true;
  return has_gate_options(first_word(line));
}

std::string with_gate_line(std::string_view text, std::string_view line) {
  const auto at = line.find(kType);
  const auto key = public_key_of(at == std::string_view::npos ? line : line.substr(at));
  const std::string ours = key.ok() ? key.value() : std::string();
  std::string result;
  bool placed = false;
  for (const std::string_view old : lines_of(text)) {
    if (!is_gate_line(old, ours)) {
      result += old;
      continue;
    }
    if (placed) continue;
    placed = true;
    if (without_end(old) == line)
      result += old;
    else
      result += fmt::format("{}\n", line);
  }
  if (placed) return result;
  // Before a last line without an end: so no byte of another's is added, and none is left behind.
  if (!result.empty() && !result.ends_with('\n')) return fmt::format("{}\n{}", line, result);
  return result + fmt::format("{}\n", line);
}

std::string without_gate_lines(std::string_view text) {
  std::string result;
  for (const std::string_view old : lines_of(text))
    if (!is_gate_line(old)) result += old;
  return result;
}

}  // namespace tandem

#include "pbx/gate_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/history.h"
#include "core/wording.h"
#include "ports/path.h"

namespace tandem {
namespace {

using Verb = GateRequest::Verb;
using Words = std::vector<std::string>;

constexpr std::size_t kMessageMax = 300;

constexpr std::string_view kFor =
    "this key is for Tandem's replication only: `tandem facts`, `tandem password`, `tandem "
    "harvest-owed`, `tandem harvest-home NUMBER`, and rsync into or out of the declared "
    "directories";
constexpr std::string_view kHome = "tandem harvest-home ";

Error refused(const std::string& what) {
  return Error{Fault::invalid, fmt::format("{}; {}", what, kFor)};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_above_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// What stands for itself in a shell wherever it is.
bool is_plain(char c) {
  return is_letter(c) || is_digit(c) || is_above_ascii(c) ||
         std::string_view("_./,:=@%+-").find(c) != std::string_view::npos;
}

// Words as rsync writes them for a remote shell: blanks between them, a backslash before what would
// not stand for itself. Everything else that a shell knows is refused.
Result<Words> words_of(std::string_view text) {
  Words words;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == ' ') {
      inside = false;
      continue;
    }
    const bool escaped = c == '\\' && i + 1 < text.size();
    if (escaped) c = text[++i];
    if (is_control(c) || (!escaped && !is_plain(c)))
      return refused(
          fmt::format("the character {} is not allowed", in_quotes(std::string_view(&c, 1))));
    if (!inside) words.emplace_back();
    if (words.size() > kGateWordsMax)
      return refused(fmt::format("more than {} words", kGateWordsMax));
    inside = true;
    words.back() += c;
  }
  return words;
}

// Not among them, and why: D (devices), X (file capabilities travel as attributes), R (absolute
// names), K, k, L (follow links), s (more arguments over the stream, unseen by us), b (backups
// elsewhere), e but for the list of what the client can (a remote shell).
constexpr std::string_view kLetters = "vqlogtprzHASncuiIWxOJmd";

enum class Value { none, number, word };

struct LongOption {
  std::string_view name;
  Value value = Value::none;
};

constexpr std::array kLongOptions = {
    LongOption{"--delete"},
    LongOption{"--delete-before"},
    LongOption{"--delete-during"},
    LongOption{"--delete-delay"},
    LongOption{"--delete-after"},
    LongOption{"--delete-excluded"},
    LongOption{"--existing"},
    LongOption{"--force"},
    LongOption{"--fsync"},
    LongOption{"--ignore-existing"},
    LongOption{"--msgs2stderr"},
    LongOption{"--no-msgs2stderr"},
    LongOption{"--numeric-ids"},
    LongOption{"--partial"},
    LongOption{"--safe-links"},
    LongOption{"--size-only"},
    LongOption{"--stats"},
    LongOption{"--bwlimit", Value::number},
    LongOption{"--checksum-choice", Value::word},
    LongOption{"--checksum-seed", Value::number},
    LongOption{"--compress-choice", Value::word},
    LongOption{"--compress-level", Value::number},
    LongOption{"--log-format", Value::word},
    LongOption{"--max-delete", Value::number},
    LongOption{"--modify-window", Value::number},
    LongOption{"--timeout", Value::number},
};

bool is_value(Value kind, std::string_view text) {
  constexpr std::size_t kValueMax = 32;
  if (text.empty() || text.size() > kValueMax) return false;
  return std::ranges::all_of(text, [kind](char c) {
    return is_digit(c) || (kind == Value::word && (is_letter(c) || c == '%' || c == ','));
  });
}

bool is_long_option(std::string_view word) {
  const auto equals = word.find('=');
  const auto row = std::ranges::find(kLongOptions, word.substr(0, equals), &LongOption::name);
  if (row == kLongOptions.end()) return false;
  if (row->value == Value::none) return equals == std::string_view::npos;
  return equals != std::string_view::npos && is_value(row->value, word.substr(equals + 1));
}

// "-logDtprze.iLsfxCIvu": letters, and behind "e." what the client can.
std::optional<char> letter_refused(std::string_view word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (word[i] == 'e' && i + 1 < word.size() && word[i + 1] == '.') {
      const auto able = word.substr(i + 2);
      const auto bad = std::ranges::find_if_not(able, is_letter);
      return bad == able.end() ? std::nullopt : std::optional(*bad);
    }
    if (kLetters.find(word[i]) == std::string_view::npos) return word[i];
  }
  return std::nullopt;
}

Status check_option(const std::string& word) {
  if (word.size() < 2 || word[0] != '-')
    return refused(fmt::format("rsync's argument {} is not allowed", in_quotes(word)));
  if (word.starts_with("--")) {
    if (is_long_option(word)) return success();
    return refused(fmt::format("rsync's option {} is not allowed", in_quotes(word)));
  }
  const auto letter = letter_refused(word);
  if (!letter) return success();
  return refused(
      fmt::format("rsync's option {} is not allowed", in_quotes(fmt::format("-{}", *letter))));
}

Result<std::string> check_folder(const std::string& word) {
  if (!word.starts_with('/'))
    return refused(fmt::format("the folder {} is not absolute", in_quotes(word)));
  for (const std::string& part : path_parts(word))
    if (part == "..") return refused(fmt::format("the folder {} goes up", in_quotes(word)));
  auto clean = clean_path(word);
  // It says the path as it came, which may steer a terminal.
  if (!clean.ok()) return refused(one_line(clean.error().message, kMessageMax));
  return clean;
}

Result<GateRequest> rsync_of(const Words& words) {
  GateRequest request;
  request.verb = Verb::push;
  std::size_t at = 1;
  if (at == words.size() || words[at] != "--server")
    return refused("rsync without --server as its first argument");
  ++at;
  if (at < words.size() && words[at] == "--sender") {
    request.verb = Verb::pull;
    ++at;
  }
  for (; at < words.size() && words[at] != "."; ++at) {
    const auto good = check_option(words[at]);
    if (!good.ok()) return good.error();
    request.options.push_back(words[at]);
  }
  if (words.size() != at + 2) return refused("rsync must name one folder, behind a '.'");
  auto folder = check_folder(words[at + 1]);
  if (!folder.ok()) return folder.error();
  // Without the slash rsync means the folder itself, by its name, and it may be a file.
  if (request.verb == Verb::pull && !words[at + 1].ends_with('/'))
    return refused("a folder that is read must end in '/'");
  request.folder = std::move(folder).value();
  return request;
}

// Plain digits, no zero before them.
Result<GateRequest> harvest_home_of(std::string_view number) {
  constexpr std::size_t kDigitsMax = 19;
  const bool plain = !number.empty() && number.size() <= kDigitsMax && number.front() != '0' &&
                     std::ranges::all_of(number, is_digit);
  if (!plain) return refused(fmt::format("{} is no number", in_quotes(number)));
  GateRequest request;
  request.verb = Verb::harvest_home;
  for (const char c : number) request.number = request.number * 10 + static_cast<unsigned>(c - '0');
  return request;
}

// Whether the folder is the pattern or below it: how many of its parts, from the top, the pattern
// has before its first `*`.
std::optional<std::size_t> fixed_parts(const Words& pattern, const Words& folder) {
  if (pattern.empty() || pattern.front() == "*" || pattern.size() > folder.size())
    return std::nullopt;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] != "*" && pattern[i] != folder[i]) return std::nullopt;
  return static_cast<std::size_t>(std::ranges::find(pattern, "*") - pattern.begin());
}

}  // namespace

std::string harvest_home(std::uint64_t number) { return fmt::format("{}{}", kHome, number); }

Result<GateRequest> parse_gate_command(std::string_view text) {
  if (text.empty()) return refused("no shell is opened");
  if (text.size() > kGateCommandMax)
    return refused(fmt::format("a command of more than {} bytes", kGateCommandMax));
  // Exactly these words, as we send them ourselves.
  if (text == "tandem facts") return GateRequest{Verb::facts, {}, ""};
  if (text == "tandem password") return GateRequest{Verb::password, {}, ""};
  if (text == kHarvestOwed) return GateRequest{Verb::harvest_owed, {}, ""};
  if (text.starts_with(kHome)) return harvest_home_of(text.substr(kHome.size()));
  const auto words = words_of(text);
  if (!words.ok()) return words.error();
  if (!words.value().empty() && words.value()[0] == "rsync") return rsync_of(words.value());
  return refused(fmt::format("the command {} is not allowed", in_quotes(text)));
}

Result<GatePlace> place_of(const std::string& folder, const std::vector<std::string>& allowed) {
  const Words parts = path_parts(folder);
  std::optional<std::size_t> outermost;
  for (const std::string& given : allowed)
    if (const auto fixed = fixed_parts(path_parts(given), parts))
      outermost = std::min(outermost.value_or(*fixed), *fixed);
  if (!outermost)
    return Error{Fault::denied,
                 fmt::format("the folder {} is not one of the declared directories; {}",
                             in_quotes(folder), kFor)};
  const auto middle = parts.begin() + static_cast<std::ptrdiff_t>(*outermost);
  return GatePlace{"/" + fmt::format("{}", fmt::join(parts.begin(), middle, "/")),
                   fmt::format("{}", fmt::join(middle, parts.end(), "/"))};
}

}  // namespace tandem

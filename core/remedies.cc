#include "core/remedies.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tandem {
namespace {

bool is_one_of(std::string_view word, const auto& words) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// What a command in backquotes may begin with; all else there is a field, a value or a file.
constexpr std::array<std::string_view, 14> kPrograms{
    "tandem",    "systemctl", "chmod",           "timedatectl",    "wazo-service",
    "wazo-sync", "iptables",  "asterisk",        "pg_dropcluster", "sshd",
    "rsync",     "fuser",     "fail2ban-client", "journalctl"};

// `get WHAT`, `replicate KIND`, `pki PART` and what follows `--OPTION`.
constexpr std::array<std::string_view, 13> kObjects{
    "conditions", "events",   "generations", "probes", "replication", "resources", "takeovers",
    "services",   "database", "files",       "init",   "renew",       "failover"};
constexpr std::array<std::string_view, 4> kOptionsWithWord{"--node", "--apply", "--for",
                                                           "--accept-host-key"};
constexpr std::array<std::string_view, 8> kUnitVerbs{"start",  "stop",   "status",  "restart",
                                                     "reload", "enable", "disable", "unmask"};

// A word of a sentence, and whether the sentence goes on behind it without a break.
struct Word {
  std::string text;
  bool last = false;
};

Word word_at(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find(' ', at), text.size());
  Word word{std::string(text.substr(at, end - at)), end == text.size()};
  at = std::min(end + 1, text.size());
  while (!word.text.empty() && word.text != "..." && !word.text.ends_with("...") &&
         std::string_view(",;:.)'\"`").find(word.text.back()) != std::string_view::npos) {
    word.text.pop_back();
    word.last = true;
  }
  return word;
}

// REASON, PATH, SHA256:..., ...
bool is_placeholder(std::string_view word) {
  if (word == "...") return true;
  return word.size() > 1 && std::all_of(word.begin(), word.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '.' ||
                  c == '_';
         });
}

// Takes words while `belongs` says so; the first is there already.
std::string taken(std::string_view text, std::size_t at, Word first, auto belongs) {
  std::string command = first.text;
  std::string before = first.text;
  for (bool last = first.last; !last && at < text.size();) {
    const Word word = word_at(text, at);
    if (word.text.empty() || !belongs(before, word.text)) break;
    command += " " + word.text;
    before = word.text;
    last = word.last;
  }
  return command;
}

bool belongs_to_tandem(const std::string& before, const std::string& word) {
  if (before == "tandem") return is_one_of(word, commands_known());
  return word.starts_with('-') || is_placeholder(word) || is_one_of(word, kObjects) ||
         is_one_of(before, kOptionsWithWord);
}

bool belongs_to_systemctl(const std::string& before, const std::string& word) {
  if (before == "systemctl") return is_one_of(word, kUnitVerbs) || word == "--failed";
  return word == "--now" || is_one_of(before, kUnitVerbs) || before == "--now";
}

// A bare command that begins at `at`, where a word begins.
std::optional<std::string> bare_command(std::string_view text, std::size_t at) {
  Word first = word_at(text, at);
  if (first.last) return std::nullopt;
  std::string command;
  std::size_t words_min = 2;
  if (first.text == "tandem") {
    command = taken(text, at, std::move(first), belongs_to_tandem);
  } else if (first.text == "systemctl") {
    command = taken(text, at, std::move(first), belongs_to_systemctl);
  } else if (first.text == "chmod" || first.text == "timedatectl") {
    std::size_t left = 2;
    words_min = 3;
    command = taken(text, at, std::move(first),
                    [&left](const std::string&, const std::string&) { return left-- > 0; });
  }
  const auto blanks = std::count(command.begin(), command.end(), ' ');
  if (static_cast<std::size_t>(blanks) + 1 < words_min) return std::nullopt;
  return command;
}

void add(std::vector<std::string>& commands, std::string command) {
  if (commands.size() < kRemediesMax && !is_one_of(command, commands))
    commands.push_back(std::move(command));
}

// What stands between the backquote at `open` and the next one; where that ends.
std::size_t take_quoted(std::string_view message, std::size_t open,
                        std::vector<std::string>& commands) {
  const std::size_t close = message.find('`', open + 1);
  if (close == std::string_view::npos) return message.size();
  const std::string_view quoted = message.substr(open + 1, close - open - 1);
  const std::string_view program = quoted.substr(0, quoted.find(' '));
  if (quoted != program && (is_one_of(program, kPrograms) || program.starts_with('/')))
    add(commands, std::string(quoted));
  return close + 1;
}

}  // namespace

const std::vector<std::string_view>& commands_known() {
  static const std::vector<std::string_view> known{
      "ack",      "apply",          "divergence", "doctor",      "explain", "failback",
      "get",      "import",         "init",       "maintenance", "pki",     "plan",
      "release",  "replicate",      "resume",     "status",      "suspend", "switchover",
      "takeover", "resync-devices", "why",        "validate"};
  return known;
}

std::vector<std::string> commands_in(std::string_view message) {
  std::vector<std::string> commands;
  for (std::size_t at = 0; at < message.size();) {
    if (message[at] == '`') {
      at = take_quoted(message, at, commands);
      continue;
    }
    const bool begins = at == 0 || message[at - 1] == ' ' || message[at - 1] == '(';
    if (begins)
      if (auto command = bare_command(message, at)) {
        at += command->size();
        add(commands, std::move(*command));
        continue;
      }
    ++at;
  }
  return commands;
}

}  // namespace tandem

#include "pbx/voicemail_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pbx/text_lines.h"

namespace tandem {
namespace {

constexpr std::string_view kBegins = "msg";
constexpr std::size_t kDigits = 4;
constexpr std::size_t kRestMax = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_rest(std::string_view rest) {
  constexpr std::string_view kIntro = "intro";  // of a message that was passed on
  if (rest.starts_with(kIntro)) rest.remove_prefix(kIntro.size());
  if (rest.size() < 2 || rest.size() > kRestMax || rest.front() != '.') return false;
  rest.remove_prefix(1);
  return std::ranges::all_of(rest, [](char c) { return is_digit(c) || is_letter(c); });
}

}  // namespace

std::optional<MessagePart> message_part(std::string_view name) {
  if (!name.starts_with(kBegins) || name.size() <= kBegins.size() + kDigits) return std::nullopt;
  const auto digits = name.substr(kBegins.size(), kDigits);
  const auto rest = name.substr(kBegins.size() + kDigits);
  if (!std::ranges::all_of(digits, is_digit) || !is_rest(rest)) return std::nullopt;
  MessagePart part;
  for (const char c : digits) part.number = part.number * 10 + (c - '0');
  part.rest = rest;
  return part;
}

std::string message_name(const MessagePart& part) {
  return fmt::format("{}{:04}{}", kBegins, part.number, part.rest);
}

bool is_greeting(std::string_view name) {
  constexpr std::array<std::string_view, 4> kGreetings{"busy", "greet", "temp", "unavail"};
  return std::ranges::any_of(kGreetings, [&](std::string_view greeting) {
    return name.starts_with(greeting) && is_rest(name.substr(greeting.size()));
  });
}

bool holds_messages(std::string_view folder) { return folder != "tmp"; }

MessageFacts message_facts(std::string_view text) {
  MessageFacts facts;
  for (const TextLine& line : split_lines(text)) {
    const auto equals = line.text.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = line.text.substr(0, equals), value = line.text.substr(equals + 1);
    if (key == "msg_id") facts.id = value;
    if (key == "origtime") facts.time = value;
    if (key == "callerid") facts.caller = value;
    if (key == "duration") facts.duration = value;
  }
  return facts;
}

std::vector<std::string> recount_mailboxes() {
  return {"/usr/sbin/asterisk", "-rx", "voicemail reload"};
}

}  // namespace tandem

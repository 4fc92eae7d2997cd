#include "reconciler/notify/message.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base64.h"
#include "core/formats.h"
#include "core/history.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

// An encoded word has 75 characters at most, its frame 12 of them; four of base64 hold three bytes.
constexpr std::size_t kWordBytes = 45;
constexpr std::size_t kSubjectMax = 300;
constexpr std::size_t kTextWidth = 78;
constexpr std::size_t kEncodedLine = 76;

std::string rest_of(std::size_t count) { return fmt::format("and {} more", count); }

std::string mark_of(const Notice& notice) {
  if (notice.phase == Notice::Phase::test) return "TEST";
  if (notice.phase == Notice::Phase::cleared) return "OK";
  return notice.severity == Notice::Severity::critical ? "CRITICAL" : "WARNING";
}

// Broken at spaces; a word that is longer stays whole.
std::string folded(const std::string& text, std::string_view indent) {
  std::string lines, line;
  for (const std::string& word : split(text, ' ')) {
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kTextWidth) {
      lines += fmt::format("{}{}\n", indent, line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return lines + fmt::format("{}{}\n", indent, line);
}

bool is_plain(std::string_view text) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7F; };
  // What looks like an encoded word must not pass for one.
  return std::all_of(text.begin(), text.end(), plain) && text.find("=?") == std::string_view::npos;
}

std::string date_of(WallTime at) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

// Lines of mail may not be longer than 998 bytes, and what is beyond ASCII may not pass everywhere.
std::string encoded_body(const std::string& text) {
  const std::string letters = to_base64(text);
  std::string body;
  for (std::size_t at = 0; at < letters.size(); at += kEncodedLine)
    body += letters.substr(at, kEncodedLine) + "\n";
  return body;
}

bool is_plain_body(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); });
}

}  // namespace

std::string subject_of(const Message& message) {
  std::string subject = fmt::format("[tandem {}] {}", message.pair, message.node);
  if (!message.notices.empty()) {
    // The gravest of what is still so says most; of those the latest.
    const Notice* first = &message.notices.front();
    for (const Notice& notice : message.notices)
      if (notice.severity >= first->severity) first = &notice;
    subject += fmt::format(": {}: {}", mark_of(*first), first->title);
    if (message.notices.size() > 1) subject += ", " + rest_of(message.notices.size() - 1);
  }
  return one_line(subject, kSubjectMax);
}

std::string text_of(const Message& message) {
  std::string text;
  const std::size_t shown = std::min(message.notices.size(), Outbox::kShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Notice& notice = message.notices[i];
    text += fmt::format("{}  {}\n", to_string(notice.at), mark_of(notice));
    text += folded(fmt::format("{}: {}", message.node, notice.title), "  ");
    if (!notice.text.empty()) text += folded(notice.text + ".", "  ");
    text += "\n";
  }
  if (message.notices.size() > shown)
    text += rest_of(message.notices.size() - shown) + ": `tandem get events`\n\n";
  if (message.dropped > 0)
    text += fmt::format(
        "{} earlier notices could not be handed over and were given up: `tandem get events`\n\n",
        message.dropped);
  text += fmt::format("Sent by Tandem on {}, a node of the pair {}. What to do: `tandem status`.\n",
                      message.node, message.pair);
  return text;
}

std::string json_of(const Message& message) {
  Json notices = Json::array();
  const std::size_t shown = std::min(message.notices.size(), Outbox::kShown);
  for (std::size_t i = 0; i < shown; ++i) notices.push_back(to_json(message.notices[i]));
  Json json = {{"apiVersion", "tandem.ha/v1alpha1"},
               {"kind", "Notification"},
               {"id", message.id},
               {"time", to_string(message.at)},
               {"pair", message.pair},
               {"node", message.node},
               {"severity", severity_name(gravest(message.notices))},
               {"subject", subject_of(message)},
               {"text", text_of(message)}};
  json["notices"] = std::move(notices);
  json["more"] = message.notices.size() - shown;
  json["dropped"] = message.dropped;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string header_value(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  const std::string clean = one_line(text, text.size());
  std::string value, word;
  const auto flush = [&] {
    value += fmt::format("{}=?UTF-8?B?{}?=", value.empty() ? "" : "\n ", to_base64(word));
    word.clear();
  };
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(clean, at), 1);
    if (word.size() + length > kWordBytes) flush();
    word += clean.substr(at, length);
    at += length;
  }
  if (!word.empty()) flush();
  return value;
}

std::string mail_of(const Message& message, const std::string& address) {
  const std::string text = text_of(message);
  const bool plain = is_plain_body(text);
  // From as cron writes it: the mail system adds the domain, and nobody has to be known outside.
  std::string mail = fmt::format("From: root (Tandem on {})\n", message.node);
  mail += fmt::format("To: {}\n", address);
  mail += fmt::format("Subject: {}\n", header_value(subject_of(message)));
  mail += fmt::format("Date: {}\n", date_of(message.at));
  mail += fmt::format("Message-ID: <{}@{}>\n", message.id, message.node);
  mail += "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n";
  if (gravest(message.notices) == Notice::Severity::critical) mail += "Importance: high\n";
  mail += "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n";
  mail += fmt::format("Content-Transfer-Encoding: {}\n\n", plain ? "7bit" : "base64");
  return mail + (plain ? text : encoded_body(text));
}

std::vector<std::string> environment_of(const Message& message) {
  const auto first = message.notices.empty() ? Notice{} : message.notices.front();
  return {"TANDEM_EVENT_ID=" + message.id,
          "TANDEM_EVENT_PAIR=" + message.pair,
          "TANDEM_EVENT_NODE=" + message.node,
          "TANDEM_EVENT_MATTER=" + first.matter,
          fmt::format("TANDEM_EVENT_STATUS={}", phase_name(first.phase)),
          fmt::format("TANDEM_EVENT_SEVERITY={}", severity_name(gravest(message.notices))),
          "TANDEM_EVENT_SUBJECT=" + subject_of(message)};
}

}  // namespace tandem

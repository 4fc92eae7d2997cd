#include "reconciler/notify/notice.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/formats.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;
using enum Notice::Phase;
using enum Notice::Severity;

std::optional<std::string> text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::uint64_t> number_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

template <class Word, class Name>
std::optional<Word> word_of(const std::string& text, std::initializer_list<Word> words, Name name) {
  for (const Word word : words)
    if (name(word) == text) return word;
  return std::nullopt;
}

}  // namespace

std::string_view phase_name(Notice::Phase phase) {
  switch (phase) {
    case raised: return "Raised";
    case cleared: return "Cleared";
    case test: return "Test";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

std::string_view severity_name(Notice::Severity severity) {
  switch (severity) {
    case info: return "Info";
    case warning: return "Warning";
    case critical: return "Critical";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

Notice::Severity gravest(const std::vector<Notice>& notices) {
  Notice::Severity most = info;
  for (const Notice& notice : notices) most = std::max(most, notice.severity);
  return most;
}

Json to_json(const Notice& notice) {
  return {{"id", notice.id},
          {"time", to_string(notice.at)},
          {"matter", notice.matter},
          {"status", phase_name(notice.phase)},
          {"severity", severity_name(notice.severity)},
          {"title", notice.title},
          {"text", notice.text},
          {"epoch", notice.epoch}};
}

std::optional<Notice> notice_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto id = number_of(json, "id"), epoch = number_of(json, "epoch");
  const auto time = text_of(json, "time"), matter = text_of(json, "matter");
  const auto title = text_of(json, "title"), text = text_of(json, "text");
  const auto phase = word_of(text_of(json, "status").value_or(""), {raised, cleared, test},
                             [](Notice::Phase word) { return phase_name(word); });
  const auto severity = word_of(text_of(json, "severity").value_or(""), {info, warning, critical},
                                [](Notice::Severity word) { return severity_name(word); });
  const auto at = parse_time(time.value_or(""));
  if (!id || !epoch || !matter || !title || !text || !phase || !severity || !at)
    return std::nullopt;
  return Notice{*id, *at, *matter, *phase, *severity, *title, *text, *epoch};
}

}  // namespace tandem

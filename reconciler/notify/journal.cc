#include "reconciler/notify/journal.h"

#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/json_text.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kSerialMax = 32;

Json told_json(const ToldState& told) {
  Json raised = Json::object();
  for (const auto& [matter, since] : told.raised) raised[matter] = to_string(since);
  Json json = {
      {"begun", told.begun}, {"epoch", told.epoch}, {"takeover", told_name(told.takeover)}};
  json["raised"] = std::move(raised);
  return json;
}

std::optional<ToldState> told_of(const Json& json) {
  using enum ToldState::Takeover;
  ToldState told;
  const auto epoch = json.find("epoch"), takeover = json.find("takeover");
  const auto begun_at = json.find("begun"), raised = json.find("raised");
  if (epoch == json.end() || !epoch->is_number_unsigned() || takeover == json.end() ||
      begun_at == json.end() || !begun_at->is_boolean() || raised == json.end() ||
      !raised->is_object())
    return std::nullopt;
  told.begun = begun_at->get<bool>();
  told.epoch = epoch->get<std::uint64_t>();
  for (const auto stage : {none, begun, serves})
    if (*takeover == told_name(stage)) told.takeover = stage;
  for (const MatterRow& row : matter_rows()) {
    const auto since = raised->find(std::string(row.name));
    if (since == raised->end() || !since->is_string()) continue;
    told.raised[std::string(row.name)] = parse_time(since->get<std::string>()).value_or(WallTime{});
  }
  return told;
}

}  // namespace

std::string to_text(const NotifyJournal& journal) {
  Json boxes = Json::object();
  for (const auto& [key, box] : journal.boxes) boxes[key] = box.to_json();
  Json json = {{"version", kVersion}, {"serial", journal.serial}, {"next", journal.next_id}};
  json["told"] = told_json(journal.told);
  json["receivers"] = std::move(boxes);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<NotifyJournal> journal_of_text(std::string_view text, Instant now) {
  const Error wrong{Fault::invalid, "it is damaged, or of a newer tandem"};
  const Json json = read_ordered_json(text);
  if (!json.is_object() || json.value("version", Json()) != kVersion) return wrong;
  const auto serial = json.find("serial"), next = json.find("next");
  const auto told = json.find("told"), boxes = json.find("receivers");
  if (serial == json.end() || !serial->is_string() || next == json.end() ||
      !next->is_number_unsigned() || told == json.end() || !told->is_object() ||
      boxes == json.end() || !boxes->is_object())
    return wrong;
  NotifyJournal journal;
  journal.serial = serial->get<std::string>().substr(0, kSerialMax);
  journal.next_id = next->get<std::uint64_t>();
  auto read = told_of(*told);
  if (!read) return wrong;
  journal.told = std::move(*read);
  for (const auto& [key, box] : boxes->items())
    journal.boxes.emplace(key, Outbox::of_json(box, now));
  return journal;
}

}  // namespace tandem

#include "app/divergence_document.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

OrderedJson time_document(const Divergence& divergence, const ServedTime& time) {
  return {{"id", time.id},
          {"node", time.node},
          {"epoch", time.epoch},
          {"since", time.since},
          {"recordedLate", time.late},
          {"keptAt", text_or_null(time.journalled_at)},
          {"rows", time.rows},
          {"waits", time.is_open() || divergence.waits_for(time)},
          {"endedAt", text_or_null(time.ended_at)},
          {"ended", text_or_null(time.ended_how)},
          {"endedBy", text_or_null(time.ended_by)},
          {"reason", text_or_null(time.reason)}};
}

OrderedJson value_document(UserFeature feature, const FeatureValue& value) {
  OrderedJson json = {{"enabled", value.enabled}};
  if (!row_of(feature).destination.empty()) json["destination"] = text_or_null(value.destination);
  json["text"] = describe(feature, value);
  return json;
}

OrderedJson change_document(const FeatureChange& change) {
  return {{"served", change.served},
          {"user", {{"uuid", change.user_uuid}, {"name", change.user_name}}},
          {"feature", row_of(change.feature).name},
          {"text", row_of(change.feature).text},
          {"primary", value_document(change.feature, change.primary)},
          {"secondary", value_document(change.feature, change.secondary)},
          {"state", change.state},
          {"message", text_or_null(change.message)},
          {"by", text_or_null(change.by)},
          {"at", text_or_null(change.at)}};
}

OrderedJson table_document(const RowCount& row) {
  const auto meaning = meaning_of_table(row.table);
  return {{"served", row.served},
          {"table", row.table},
          {"kind", row.kind},
          {"rows", row.rows},
          {"meaning", meaning ? OrderedJson(*meaning) : OrderedJson(nullptr)},
          {"byServicesAlone", is_written_by_services_alone(row.table)}};
}

}  // namespace

OrderedJson divergence_summary(const Divergence& divergence) {
  OrderedJson json = {{"waits", divergence.waits()}, {"times", OrderedJson::array()}};
  for (const ServedTime& time : divergence.times)
    json["times"].push_back(time_document(divergence, time));
  json["waiting"] = OrderedJson::object();
  for (const auto& [what, number] : divergence.waiting()) json["waiting"][what] = number;
  json["tables"] = OrderedJson::array();
  for (const RowCount& row : divergence.others) json["tables"].push_back(table_document(row));
  return json;
}

OrderedJson divergence_document(const Divergence& divergence) {
  OrderedJson json = divergence_summary(divergence);
  json["users"] = OrderedJson::array();
  for (const FeatureChange& change : divergence.changes)
    json["users"].push_back(change_document(change));
  json["usersCut"] = divergence.cut;
  return json;
}

OrderedJson journal_rows_document(const std::vector<JournalRow>& rows) {
  OrderedJson list = OrderedJson::array();
  for (const JournalRow& row : rows)
    list.push_back({{"served", row.served},
                    {"table", row.table},
                    {"kind", row.kind},
                    {"key", row.key},
                    {"columns", text_or_null(row.columns)}});
  return list;
}

OrderedJson carry_document(const CarryTold& told) {
  return {{"applied", told.applied},     {"already", told.already},
          {"conflicts", told.conflicts}, {"gone", told.gone},
          {"left", told.left},           {"error", text_or_null(told.error)},
          {"message", describe(told)}};
}

}  // namespace tandem

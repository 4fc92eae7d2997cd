// The tables of events, takeovers, probes and guards: declared in rows.h.
#include <fmt/format.h>

#include "app/commands/rows.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

// 870 -> "870ms", 14200 -> "14.2s"; "-" for null.
std::string milliseconds_text(const OrderedJson& value) {
  if (!value.is_number()) return "-";
  const auto count = value.get<double>();
  return count < 1000 ? fmt::format("{:.0f}ms", count) : fmt::format("{:.1f}s", count / 1000);
}

// "3m ago", and of a repeat "3m ago (x4 over 20m)".
std::string seen_text(const OrderedJson& event, const OrderedJson& now) {
  const std::string ago = age_between(event["lastTime"], now) + " ago";
  const auto count = event.value("count", std::int64_t{1});
  if (count <= 1) return ago;
  return fmt::format("{} (x{} over {})", ago, count,
                     age_between(event["firstTime"], event["lastTime"]));
}

std::string text_of(const OrderedJson& item, const char* key) { return item.value(key, ""); }

std::string number_of(const OrderedJson& item, const char* key) {
  return std::to_string(item.value(key, std::uint64_t{0}));
}

std::string steps_text(const OrderedJson& steps) {
  std::string text;
  for (const auto& step : steps)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", text_of(step, "name"),
                        milliseconds_text(step["milliseconds"]));
  return text.empty() ? "-" : text;
}

}  // namespace

std::vector<std::string> event_headers(bool wide) {
  if (wide) return {"ID", "LAST SEEN", "TYPE", "REASON", "OBJECT", "NODE", "EPOCH", "MESSAGE"};
  return {"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"};
}

std::vector<std::vector<Cell>> event_rows(const OrderedJson& list, bool wide) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& event : list["items"]) {
    const std::string type = text_of(event, "type");
    std::vector<Cell> row;
    if (wide) row.push_back({number_of(event, "id"), Tint::dim});
    row.push_back({seen_text(event, list["time"])});
    row.push_back({type, type == "Warning" ? Tint::warn : Tint::none});
    row.push_back({text_of(event, "reason")});
    row.push_back({text_of(event, "object")});
    if (wide) {
      row.push_back({text_of(event, "node")});
      row.push_back({number_of(event, "epoch")});
    }
    row.push_back({text_of(event, "message")});
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> takeover_headers(bool wide) {
  std::vector<std::string> headers{"EPOCH", "BEGAN", "CAUSE", "TOOK", "DOWNTIME", "RESULT"};
  if (wide) headers.insert(headers.end(), {"EVIDENCE", "STEPS"});
  return headers;
}

std::vector<std::vector<Cell>> takeover_rows(const OrderedJson& list, bool wide) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& record : list["items"]) {
    const bool lasts = record["endTime"].is_null();
    std::vector<Cell> row{
        {number_of(record, "epoch")},
        {age_between(record["beginTime"], list["time"]) + " ago"},
        {text_of(record, "cause")},
        {lasts ? "-" : milliseconds_text(record["milliseconds"])},
        {milliseconds_text(record["downtimeMilliseconds"])},
        {lasts ? "under way" : text_of(record, "result"), lasts ? Tint::warn : Tint::none}};
    if (wide) {
      row.push_back({text_of(record, "evidence")});
      row.push_back({steps_text(record["steps"])});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> probe_headers() {
  return {"PROBE", "TARGET", "LAST", "AGE", "TOOK", "ATTEMPTS", "FAILURES"};
}

std::vector<std::vector<Cell>> probe_rows(const OrderedJson& list) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& probe : list["items"]) {
    const auto& took = probe["tookMicroseconds"];
    rows.push_back({{text_of(probe, "probe")},
                    {text_of(probe, "target")},
                    {text_of(probe, "last"), probe.value("good", false) ? Tint::good : Tint::bad},
                    {milliseconds_text(probe["ageMilliseconds"])},
                    {took.is_number() ? fmt::format("{:.1f}ms", took.get<double>() / 1000) : "-"},
                    {number_of(probe, "attempts")},
                    {number_of(probe, "failures")}});
  }
  return rows;
}

std::vector<std::string> guard_headers() {
  return {"GUARD", "HOLDS", "VALUE", "THRESHOLD", "SINCE"};
}

std::vector<std::vector<Cell>> guard_rows(const OrderedJson& why) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& guard : why["guards"]) {
    const bool holds = guard.value("holds", false);
    const auto& since = guard["since"];
    const std::string threshold = text_of(guard, "threshold");
    rows.push_back({{text_of(guard, "name")},
                    {holds ? "yes" : "no", holds ? Tint::good : Tint::warn},
                    {text_of(guard, "value")},
                    {threshold.empty() ? "-" : threshold},
                    {since.is_string() ? age_between(since, why["time"]) + " ago" : "-"}});
  }
  return rows;
}

}  // namespace tandem

#include "app/commands/divergence_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Rows = std::vector<std::vector<Cell>>;

std::string text_of(const OrderedJson& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

Cell or_dash(const std::string& text) {
  if (text.empty()) return {"-", Tint::dim};
  return {text, Tint::none};
}

Cell state_of_time(const OrderedJson& time) {
  if (!text_of(time, "ended").empty()) return {text_of(time, "ended"), Tint::dim};
  if (text_of(time, "keptAt").empty()) return {"not kept yet", Tint::warn};
  return time.value("waits", false) ? Cell{"waits", Tint::warn} : Cell{"kept", Tint::good};
}

std::string times_table(const Terminal& out, const OrderedJson& times) {
  Rows rows;
  for (const auto& time : times) {
    const std::string since = text_of(time, "since");
    rows.push_back({{std::to_string(time.value("id", 0)), Tint::strong},
                    {text_of(time, "node")},
                    {(time.value("recordedLate", false) ? "at the latest " : "") + since},
                    or_dash(text_of(time, "keptAt")),
                    {std::to_string(time.value("rows", std::uint64_t{0}))},
                    state_of_time(time),
                    or_dash(text_of(time, "reason"))});
  }
  return table(out, {"SERVED", "NODE", "SINCE", "KEPT", "ROWS", "STATE", "REASON"}, rows);
}

Tint tint_of(const std::string& state) {
  if (state == "applied") return Tint::good;
  if (state == "superseded") return Tint::dim;
  return state == "pending" ? Tint::warn : Tint::bad;
}

std::string users_table(const Terminal& out, const OrderedJson& users, bool wide) {
  Rows rows;
  for (const auto& change : users) {
    const std::string name = text_of(change["user"], "name");
    const std::string uuid = text_of(change["user"], "uuid");
    const std::string state = text_of(change, "state");
    std::vector<Cell> row{{std::to_string(change.value("served", 0))},
                          {name.empty() ? uuid : name, Tint::strong},
                          {text_of(change, "text")},
                          {text_of(change["primary"], "text")},
                          {text_of(change["secondary"], "text")},
                          {state, tint_of(state)}};
    if (wide) row.push_back({uuid});
    row.push_back(or_dash(text_of(change, "message")));
    rows.push_back(std::move(row));
  }
  std::vector<std::string> headers{"SERVED", "USER", "FEATURE", "PRIMARY", "SECONDARY", "STATE"};
  if (wide) headers.emplace_back("UUID");
  headers.emplace_back("MESSAGE");
  return table(out, headers, rows);
}

std::string kind_text(const std::string& kind) {
  return kind == "absent" ? "absent, cause unknown" : kind;
}

std::string tables_table(const Terminal& out, const OrderedJson& tables) {
  Rows rows;
  for (const auto& one : tables) {
    const bool services = one.value("byServicesAlone", false);
    std::string meaning = text_of(one, "meaning");
    if (services) meaning += "; nobody needs to look";
    rows.push_back({{std::to_string(one.value("served", 0))},
                    {text_of(one, "table"), services ? Tint::dim : Tint::strong},
                    {kind_text(text_of(one, "kind"))},
                    {std::to_string(one.value("rows", std::uint64_t{0}))},
                    or_dash(meaning)});
  }
  return table(out, {"SERVED", "TABLE", "KIND", "ROWS", "WHAT"}, rows);
}

std::string rows_table(const Terminal& out, const OrderedJson& list) {
  Rows rows;
  for (const auto& row : list)
    rows.push_back({{std::to_string(row.value("served", 0))},
                    {text_of(row, "table")},
                    {kind_text(text_of(row, "kind"))},
                    or_dash(text_of(row, "key")),
                    or_dash(text_of(row, "columns"))});
  return table(out, {"SERVED", "TABLE", "KIND", "KEY", "COLUMNS THAT DIFFER"}, rows);
}

std::string advice(const OrderedJson& divergence) {
  if (!divergence.value("waits", false)) return "";
  const OrderedJson& waiting = divergence["waiting"];
  std::string words;
  for (const char* group : {"dnd", "forwards"})
    if (waiting.value(group, std::uint64_t{0}) > 0)
      words += (words.empty() ? "" : ",") + std::string(group);
  std::string text = "\n";
  if (!words.empty())
    text += fmt::format("carry back: tandem divergence --apply {}, on the primary\n", words);
  return text + "give up all that waits, files too: tandem divergence --discard --reason TEXT\n";
}

}  // namespace

std::string divergence_text(const Terminal& out, const OrderedJson& divergence, bool wide) {
  if (!divergence.is_object()) return "nothing is copied between the nodes by Tandem\n";
  if (divergence["times"].empty())
    return "the secondary has not served since Tandem keeps what is changed there\n";
  std::string text = times_table(out, divergence["times"]);
  const auto add = [&](const char* key, auto&& make) {
    const auto found = divergence.find(key);
    if (found != divergence.end() && !found->empty()) text += "\n" + make(*found);
  };
  add("users", [&](const OrderedJson& users) { return users_table(out, users, wide); });
  if (divergence.value("usersCut", false)) text += "... and more users\n";
  add("tables", [&](const OrderedJson& tables) { return tables_table(out, tables); });
  if (wide) add("rows", [&](const OrderedJson& rows) { return rows_table(out, rows); });
  return text + advice(divergence);
}

}  // namespace tandem

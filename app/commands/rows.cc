#include "app/commands/rows.h"

#include <fmt/format.h>

#include <ctime>

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

Tint tint_of_result(const std::string& result) {
  if (result == "InSync" || result == "Repaired") return Tint::good;
  if (result == "Deferred" || result == "NotLookedYet") return Tint::dim;
  return result == "Failed" ? Tint::bad : Tint::warn;
}

std::string message_of(const OrderedJson& resource) {
  if (resource.contains("error") && !resource["error"].is_null())
    return resource["error"]["message"].get<std::string>();
  return resource.value("note", "");
}

}  // namespace

std::string age_between(const OrderedJson& from, const OrderedJson& to) {
  const auto seconds = [](const OrderedJson& time) {
    std::tm parts{};
    strptime(time.get<std::string>().c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return static_cast<long long>(timegm(&parts));
  };
  return age(seconds(to) - seconds(from));
}

std::vector<std::string> resource_headers(bool wide) {
  std::vector<std::string> headers{"RESOURCE", "RESULT", "DRIFT", "LOOKED"};
  if (wide) headers.emplace_back("NOTE");
  return headers;
}

std::vector<std::vector<Cell>> resource_rows(const OrderedJson& pair, bool wide) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& resource : pair["status"]["resources"]) {
    const auto result = resource["result"].get<std::string>();
    const bool looked = resource.contains("lastLookTime");
    std::vector<Cell> row{
        {resource["name"].get<std::string>()},
        {result, tint_of_result(result)},
        {looked ? std::to_string(resource["drift"].size()) : "?"},
        {looked ? age_between(resource["lastLookTime"], pair["status"]["time"]) + " ago"
                : "never"}};
    if (wide) row.push_back({message_of(resource)});
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> condition_headers(bool wide) {
  std::vector<std::string> headers{"CONDITION", "STATUS", "REASON", "AGE"};
  if (wide) headers.emplace_back("MESSAGE");
  return headers;
}

std::vector<std::vector<Cell>> condition_rows(const OrderedJson& pair, bool wide) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& condition : pair["status"]["conditions"]) {
    std::vector<Cell> row{{condition["type"].get<std::string>()},
                          {condition["status"].get<std::string>(),
                           condition["well"] == true ? Tint::good : Tint::bad},
                          {condition["reason"].get<std::string>()},
                          {age_between(condition["lastTransitionTime"], pair["status"]["time"])}};
    if (wide) row.push_back({condition["message"].get<std::string>()});
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tandem

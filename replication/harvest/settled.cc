#include "replication/harvest/settled.h"

#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/json_text.h"

namespace tandem::harvest {
namespace {

using Json = nlohmann::ordered_json;

// 64 digits of each, quotes and a comma.
constexpr std::size_t kTextMax = kSettledMax * 70 + 1024;

std::string path_in(const std::string& state_dir) { return state_dir + "/harvest-settled.json"; }

}  // namespace

std::string to_text(const Settled& settled) {
  Json json = {{"at", settled.at ? Json(to_string(*settled.at)) : Json(nullptr)}};
  json["messages"] = Json::array();
  for (const std::string& key : settled.messages) {
    if (json["messages"].size() == kSettledMax) break;
    json["messages"].push_back(key);
  }
  return json.dump() + "\n";
}

Result<Settled> read_settled(const std::string& text) {
  const Json json = read_ordered_json(text);
  if (!json.is_object() || !json.contains("messages") || !json["messages"].is_array())
    return Error{Fault::invalid, "it is no list of messages"};
  Settled settled;
  if (json.contains("at") && json["at"].is_string())
    settled.at = parse_time(json["at"].get<std::string>());
  for (const Json& key : json["messages"])
    if (key.is_string()) settled.messages.insert(key.get<std::string>());
  return settled;
}

Settled load_settled(Filesystem& disk, const std::string& state_dir) {
  const auto text = disk.read(path_in(state_dir), kTextMax);
  if (!text.ok()) return {};
  auto settled = read_settled(text.value());
  return settled.ok() ? std::move(settled).value() : Settled{};
}

Status keep_settled(Filesystem& disk, const std::string& state_dir, const Settled& settled) {
  return disk.replace(path_in(state_dir), to_text(settled), 0600);
}

}  // namespace tandem::harvest

#include "replication/harvest/owed.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/formats.h"
#include "core/json_text.h"

namespace tandem::harvest {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTextMax = 4096;

std::string path_in(const std::string& state_dir) { return state_dir + "/harvest-owed.json"; }

Json to_json(const Owed& owed) {
  return {{"number", owed.number}, {"since", to_string(owed.since)}, {"owed", owed.owed}};
}

std::optional<Owed> owed_in(const Json& json) {
  if (!json.is_object() || !json.contains("number") || !json["number"].is_number_unsigned() ||
      !json.contains("owed") || !json["owed"].is_boolean() || !json.contains("since") ||
      !json["since"].is_string())
    return std::nullopt;
  const auto since = parse_time(json["since"].get<std::string>());
  if (!since) return std::nullopt;
  return Owed{json["number"].get<std::uint64_t>(), *since, json["owed"].get<bool>()};
}

Status keep(Filesystem& disk, const std::string& state_dir, const Owed& owed) {
  return disk.replace(path_in(state_dir), to_json(owed).dump() + "\n", 0600);
}

}  // namespace

Result<Owed> read_owed(Filesystem& disk, const std::string& state_dir) {
  const auto text = disk.read(path_in(state_dir), kTextMax);
  if (!text.ok() && text.error().fault == Fault::not_found) return Owed{};
  if (!text.ok()) return text.error();
  const auto owed = owed_in(read_ordered_json(text.value()));
  if (!owed)
    return Error{Fault::invalid, path_in(state_dir) + ": does not tell what is to come home"};
  return *owed;
}

Status owe(Filesystem& disk, const std::string& state_dir, WallTime now,
           std::optional<WallTime> since) {
  const auto before = read_owed(disk, state_dir);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  Owed owed;
  // By the clock, so that a number does not come again where the file was lost.
  owed.number = static_cast<std::uint64_t>(std::max<std::int64_t>(seconds.count(), 1));
  owed.owed = true;
  if (before.ok()) {
    owed.number = std::max(owed.number, before.value().number + 1);
    owed.since = before.value().owed ? before.value().since : since.value_or(now);
  }
  return keep(disk, state_dir, owed);
}

Status settle(Filesystem& disk, const std::string& state_dir, std::uint64_t number) {
  auto owed = read_owed(disk, state_dir);
  if (!owed.ok()) return owed.error();
  if (!owed.value().owed) return success();
  if (owed.value().number != number)
    return Error{Fault::invalid,
                 fmt::format("number {} is owed by now, not {}", owed.value().number, number)};
  owed.value().owed = false;
  return keep(disk, state_dir, owed.value());
}

std::string to_text(const OwedAnswer& answer) {
  Json json = to_json(answer.owed);
  json["standsBy"] = answer.stands_by;
  return json.dump() + "\n";
}

Result<OwedAnswer> read_answer(const std::string& text) {
  const Json json = read_ordered_json(text);
  const auto owed = owed_in(json);
  if (!owed || !json.contains("standsBy") || !json["standsBy"].is_boolean())
    return Error{Fault::invalid, "its answer does not tell what is to come home"};
  return OwedAnswer{*owed, json["standsBy"].get<bool>()};
}

}  // namespace tandem::harvest

#include "reconciler/replication/copy_past.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/json_text.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

std::string path_in(const std::string& state_dir) { return state_dir + "/replicated.json"; }

Json time_or_null(const std::optional<WallTime>& time) {
  return time ? Json(to_string(*time)) : Json(nullptr);
}

std::optional<WallTime> time_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return parse_time(found->get<std::string>());
}

}  // namespace

std::string to_text(const CopyPasts& pasts) {
  Json json = Json::object();
  for (const auto& [kind, past] : pasts)
    json[std::string(copy_kind_name(kind))] = {{"succeeded", time_or_null(past.succeeded)},
                                               {"proven", time_or_null(past.proven)},
                                               {"changed", time_or_null(past.changed)},
                                               {"proof", past.proof}};
  return json.dump() + "\n";
}

Result<CopyPasts> read_copy_pasts(const std::string& text) {
  const Json json = read_ordered_json(text);
  if (!json.is_object()) return Error{Fault::invalid, "it is no JSON object"};
  CopyPasts pasts;
  for (const CopyKind kind : kCopyKinds) {
    const auto found = json.find(std::string(copy_kind_name(kind)));
    if (found == json.end() || !found->is_object()) continue;
    CopyPast& past = pasts[kind];
    past.succeeded = time_of(*found, "succeeded");
    past.proven = time_of(*found, "proven");
    past.changed = time_of(*found, "changed");
    if (const auto proof = found->find("proof"); proof != found->end() && proof->is_string())
      past.proof = proof->get<std::string>();
  }
  return pasts;
}

CopyPasts load_copy_pasts(Filesystem& disk, const std::string& state_dir) {
  const auto text = disk.read(path_in(state_dir));
  if (!text.ok()) return {};
  auto pasts = read_copy_pasts(text.value());
  return pasts.ok() ? std::move(pasts).value() : CopyPasts{};
}

Status keep_copy_pasts(Filesystem& disk, const std::string& state_dir, const CopyPasts& pasts) {
  return disk.replace(path_in(state_dir), to_text(pasts), 0600);
}

}  // namespace tandem

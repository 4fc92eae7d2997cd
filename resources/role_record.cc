#include "resources/role_record.h"

#include <utility>

#include "core/formats.h"
#include "core/json_text.h"
#include "pbx/json.h"
#include "ports/path.h"

namespace tandem {
namespace {

constexpr mode_t kMode = 0600;

std::optional<Role> role_named(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  for (const Role role : {Role::off, Role::primary, Role::secondary})
    if (found->get_ref<const std::string&>() == role_name(role)) return role;
  return std::nullopt;
}

std::optional<RoleTaken> parsed(const std::string& text) {
  const Json json = read_json(text);
  if (!json.is_object()) return std::nullopt;
  const auto role = role_named(json, "role");
  const auto from = role_named(json, "from");
  const auto peer = json.find("peer");
  const auto changed = json.find("changed");
  if (!role || !from || peer == json.end() || !peer->is_string() || changed == json.end())
    return std::nullopt;
  RoleTaken taken;
  taken.role = *role;
  taken.from = *from;
  taken.peer = peer->get<std::string>();
  if (changed->is_number_integer()) {
    taken.changed = time_of_seconds(changed->get<std::int64_t>());
    if (!taken.changed) return std::nullopt;
  }
  return taken;
}

}  // namespace

RoleRecord::RoleRecord(Filesystem& files, std::string path)
    : files_(files), path_(std::move(path)) {}

Result<std::optional<RoleTaken>> RoleRecord::read() {
  const auto text = files_.read(path_);
  if (text.ok()) return parsed(text.value());
  if (text.error().fault == Fault::not_found) return std::optional<RoleTaken>();
  return text.error();
}

Status RoleRecord::write(const RoleTaken& taken) {
  Json json;
  json["role"] = role_name(taken.role);
  json["from"] = role_name(taken.from);
  json["peer"] = taken.peer;
  json["changed"] = nullptr;
  if (taken.changed)
    json["changed"] =
        std::chrono::duration_cast<std::chrono::seconds>(taken.changed->time_since_epoch()).count();
  const Status made = files_.make_directories(parent_folder(path_));
  if (!made.ok()) return made.error();
  return files_.replace(path_, to_text(json) + "\n", kMode);
}

}  // namespace tandem

#include "pbx/user_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/url.h"
#include "pbx/json.h"

namespace tandem {
namespace {

using enum UserFeature;

constexpr std::array kRows = std::to_array<UserFeatureRow>({
    {dnd, "dnd", "dnd", "enablednd", "", "do not disturb"},
    {forward_unconditional, "forwards.unconditional", "unconditional", "enableunc", "destunc",
     "forward of all calls"},
    {forward_noanswer, "forwards.noanswer", "noanswer", "enablerna", "destrna",
     "forward without answer"},
    {forward_busy, "forwards.busy", "busy", "enablebusy", "destbusy", "forward when busy"},
});

consteval bool every_feature_has_its_row() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].feature) != i) return false;
  return true;
}
static_assert(every_feature_has_its_row());

struct Meaning {
  std::string_view table;
  bool by_services_alone;
  std::string_view text;
};

// By the vendor's schema and the services that own its tables.
constexpr std::array kMeanings = std::to_array<Meaning>({
    {"agent_login_status", false, "agents who logged in or out of their phones"},
    {"agent_membership_status", false, "queues of agents who logged in"},
    {"auth_access", true, "rights that the authentication service registers by itself"},
    {"auth_external_auth_type", true, "kinds that the authentication service registers by itself"},
    {"auth_policy", true, "default policies that the authentication service writes at its start"},
    {"auth_policy_access", true, "default policies that the authentication service writes"},
    {"auth_refresh_token", true, "sessions of applications; users log in again"},
    {"auth_saml_pysaml2_cache", true, "a cache"},
    {"auth_saml_session", true, "logins under way"},
    {"auth_user", false, "accounts and passwords"},
    {"blocklist_number", false, "numbers that users blocked"},
    {"callfiltermember", false, "boss and secretary filters"},
    {"chatd_room", false, "chats"},
    {"chatd_room_message", false, "chat messages"},
    {"chatd_room_user", false, "chats"},
    {"chatd_user", true, "presence, as the chat service last saw it"},
    {"extensions", false, "extensions"},
    {"features", false, "feature codes and transfers"},
    {"func_key_mapping", false, "keys of phones"},
    {"linefeatures", false, "lines; their device is written when a phone is provisioned"},
    {"meeting", false, "meetings"},
    {"meeting_authorization", false, "guests of meetings"},
    {"queuemember", false, "members of queues and groups"},
    {"schedule", false, "schedules"},
    {"userfeatures", false, "users"},
    {"voicemail", false, "mailboxes: their passwords and options, not their messages"},
});

const Meaning* meaning(std::string_view table) {
  const auto found = std::find_if(kMeanings.begin(), kMeanings.end(),
                                  [&](const Meaning& one) { return one.table == table; });
  return found == kMeanings.end() ? nullptr : &*found;
}

std::string path_of(const std::string& user_uuid, UserFeature feature) {
  const std::string user = "/users/" + percent_encode(user_uuid);
  return feature == dnd ? user + "/services/dnd" : user + "/forwards";
}

}  // namespace

std::span<const UserFeatureRow> user_features() { return kRows; }

const UserFeatureRow& row_of(UserFeature feature) {
  return kRows[static_cast<std::size_t>(feature)];
}

std::string_view group_of(UserFeature feature) {
  const std::string_view name = row_of(feature).name;
  return name.substr(0, name.find('.'));
}

std::optional<UserFeature> user_feature_of_name(std::string_view name) {
  for (const auto& row : kRows)
    if (row.name == name) return row.feature;
  return std::nullopt;
}

std::string describe(UserFeature feature, const FeatureValue& value) {
  if (row_of(feature).destination.empty()) return value.enabled ? "on" : "off";
  if (value.enabled) return "to " + (value.destination.empty() ? "nobody" : value.destination);
  return value.destination.empty() ? "off" : fmt::format("off (to {})", value.destination);
}

std::optional<std::string_view> meaning_of_table(std::string_view table) {
  const Meaning* found = meaning(table);
  return found == nullptr ? std::nullopt : std::optional(found->text);
}

bool is_written_by_services_alone(std::string_view table) {
  const Meaning* found = meaning(table);
  return found != nullptr && found->by_services_alone;
}

bool has_secret_keys(std::string_view table) {
  constexpr std::array kTables = std::to_array<std::string_view>(
      {"auth_refresh_token", "auth_saml_pysaml2_cache", "auth_saml_session", "auth_session",
       "auth_token", "session"});
  return std::find(kTables.begin(), kTables.end(), table) != kTables.end();
}

UserSettings::UserSettings(Http& http, Auth& auth, std::string base_url)
    : api_(http, auth, Api::Service{"confd", std::move(base_url), "application/json"}) {}

Task<Result<FeatureValue>> UserSettings::get(std::string user_uuid, UserFeature feature) {
  ApiCall call;
  call.path = path_of(user_uuid, feature);
  const std::string where = api_.where(call);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  const auto json = parse_json(answer.value().body, where);
  if (!json.ok()) co_return json.error();
  const std::string name(row_of(feature).confd_name);
  const bool is_dnd = feature == dnd;
  if (!is_dnd && (!json.value().contains(name) || !json.value()[name].is_object()))
    co_return unexpected(where, name, "it must be an object");
  const Json& object = is_dnd ? json.value() : json.value()[name];
  FeatureValue value;
  const auto enabled = required_bool(object, "enabled", where);
  if (!enabled.ok()) co_return enabled.error();
  value.enabled = enabled.value();
  if (is_dnd) co_return value;
  auto destination = optional_text(object, "destination", where);
  if (!destination.ok()) co_return destination.error();
  value.destination = std::move(destination).value();
  co_return value;
}

// Of the forwards only the one that is named is changed.
Task<Status> UserSettings::put(std::string user_uuid, UserFeature feature, FeatureValue value) {
  Json one;
  one["enabled"] = value.enabled;
  if (feature != dnd)
    one["destination"] = value.destination.empty() ? Json() : Json(value.destination);
  Json body;
  if (feature == dnd)
    body = one;
  else
    body[std::string(row_of(feature).confd_name)] = one;
  ApiCall call;
  call.method = "PUT";
  call.path = path_of(user_uuid, feature);
  call.body = to_text(body);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

}  // namespace tandem

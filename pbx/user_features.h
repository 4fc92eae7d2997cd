// What users change on their phones, in the vendor's database and in its configuration service.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/api.h"

namespace tandem {

enum class UserFeature { dnd, forward_unconditional, forward_noanswer, forward_busy };

// Where it is kept: the columns of `userfeatures` (the vendor's schema of 26.08; XiVO's products,
// from which Wazo's come, have the same), and the name that the configuration service gives it.
struct UserFeatureRow {
  UserFeature feature;
  std::string_view name;  // "dnd", "forwards.busy": before the dot, the word of the declaration
  std::string_view confd_name;   // "busy"
  std::string_view enabled;      // the column: 0 or 1
  std::string_view destination;  // the column; empty: it has none
  std::string_view text;         // for a person: "forward when busy"
};
std::span<const UserFeatureRow> user_features();
const UserFeatureRow& row_of(UserFeature feature);
// "dnd" or "forwards", of spec.replication.harvest.features.
std::string_view group_of(UserFeature feature);
std::optional<UserFeature> user_feature_of_name(std::string_view name);

inline constexpr std::string_view kUserTable = "userfeatures";
inline constexpr std::string_view kUserUuid = "uuid";
inline constexpr std::string_view kUserFirstName = "firstname";
inline constexpr std::string_view kUserLastName = "lastname";

struct FeatureValue {
  bool enabled = false;
  std::string destination;

  bool operator==(const FeatureValue&) const = default;
};
// "on", "off", "to 1234", "off (to 1234)".
std::string describe(UserFeature feature, const FeatureValue& value);

// What a table holds that users or administrators may miss, for a person; nullopt: its name has to
// do.
std::optional<std::string_view> meaning_of_table(std::string_view table);
// Rows that the services write by themselves, and that mean nothing to a person afterwards.
bool is_written_by_services_alone(std::string_view table);
// Whether the key of its rows is what somebody logs in with: wazo-auth hands out the uuid of a
// refresh token, and of a token, as the token itself.
bool has_secret_keys(std::string_view table);

// /users/UUID/services and /users/UUID/forwards (the service's own api.yml of 26.08).
class UserSettings {
 public:
  // `base_url` as Confd's.
  UserSettings(Http& http, Auth& auth, std::string base_url);

  // not_found: there is no such user.
  Task<Result<FeatureValue>> get(std::string user_uuid, UserFeature feature);
  // The service tells it to whoever listens, so that lamps follow. invalid: it refuses the value.
  Task<Status> put(std::string user_uuid, UserFeature feature, FeatureValue value);

 private:
  Api api_;
};

}  // namespace tandem

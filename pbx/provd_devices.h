// The phones that provd knows, and how one is told to fetch its configuration again. What a phone's
// configuration holds never comes here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/api.h"
#include "pbx/json.h"

namespace tandem {

struct Device {
  std::string id;
  std::string mac;     // "" where provd does not know it
  std::string ip;      // "" likewise
  std::string tenant;  // UUID
  std::string plugin;  // "": nobody can reach it yet

  bool operator==(const Device&) const = default;
};

// How an operation of provd is; of nested ones only the outermost counts (contract section 4).
enum class OperationState { waiting, progress, success, failed };

// Reads "[label|]state[;current[/end]]", whatever follows in parentheses. nullopt: it is no such
// text.
std::optional<OperationState> operation_state(std::string_view status);

class ProvdDevices {
 public:
  static constexpr std::size_t kDevicesMax = 100'000;

  // `base_url` as in operator.yaml: "http://127.0.0.1:8666/0.2".
  ProvdDevices(Http& http, Auth& auth, std::string base_url);

  // Those of all tenants that our user may see, by id. too_large beyond kDevicesMax.
  Task<Result<std::vector<Device>>> devices();

  // Asks the phone to fetch its configuration. The place of the operation, for the two calls below:
  // "/dev_mgr/synchronize/7". not_found: no such device (any more).
  Task<Result<std::string>> synchronize(std::string id);
  // not_found: deleted, or provd was restarted meanwhile.
  Task<Result<OperationState>> operation(std::string place);
  // An operation stays in provd's memory until somebody deletes it. Success where it is gone.
  Task<Status> forget(std::string place);

 private:
  Api api_;
  std::string version_;  // "/0.2": what an operation's Location begins with
};

}  // namespace tandem

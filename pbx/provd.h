// The provisioning service, typed. Its documents hold the passwords of phones: only what is named
// here leaves this class, and no document is ever quoted in a message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/api.h"
#include "pbx/json.h"
#include "pbx/registrar.h"

namespace tandem {

// One SIP line of a device's configuration, or of `autoprov`, with the copies it holds of a
// registrar's hosts. A line belongs to the registrar whose main hosts it names: the documents have
// no other relation.
struct RegistrarCopy {
  std::string config;  // "autoprov", or the device's id
  std::string line;    // "1"
  std::string registrar_host;
  std::string proxy_host;
  std::string backup_host;
  std::string proxy_backup_host;

  bool operator==(const RegistrarCopy&) const = default;
};

// The registrar in a configuration document. nullopt: it is none, whatever was asked for. `where`
// is said in messages.
Result<std::optional<Registrar>> registrar_of(const Json& config, std::string_view where);

class Provd {
 public:
  static constexpr int kDeviceConfigsMax = 5000;

  // `base_url` as in operator.yaml: "http://127.0.0.1:8666/0.2".
  Provd(Http& http, Auth& auth, std::string base_url);

  Task<Result<std::vector<Registrar>>> registrars();
  // Reads, changes and writes back: a PUT replaces the whole document. Devices keep their copies.
  Task<Status> put_registrar_backups(std::string id, std::string backup_host,
                                     std::string proxy_backup_host);

  // The copies in autoprov and in the device configurations, at most kDeviceConfigsMax of these.
  Task<Result<std::vector<RegistrarCopy>>> registrar_copies();

  // The names of the plug-ins that are installed.
  Task<Result<std::vector<std::string>>> installed_plugins();

 private:
  Task<Result<Json>> configs(Json query, std::string more);
  Task<Result<Json>> config(std::string id);
  Task<Status> put_config(std::string id, Json config);

  Api api_;
};

}  // namespace tandem

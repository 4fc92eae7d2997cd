#include "pbx/provd.h"

#include <fmt/format.h>

#include <utility>

#include "core/url.h"

namespace tandem {
namespace {

constexpr const char* kConfigs = "/cfg_mgr/configs";
// Exactly this, without a charset: anything else is a 415 or a 406.
constexpr const char* kMediaType = "application/vnd.proformatique.provd+json";

bool is_of_type(const Json& config, std::string_view type) {
  if (!config.is_object()) return false;
  const auto found = config.find("X_type");
  return found != config.end() && found->is_string() &&
         found->get_ref<const std::string&>() == type;
}

// The SIP lines of one configuration. A device's raw_config may hold anything, as an
// administrator's template does: a line that is no object says nothing about a registrar.
Result<std::vector<RegistrarCopy>> copies_in(const Json& config, std::string_view where) {
  std::vector<RegistrarCopy> copies;
  const auto id = required_text(config, "id", where);
  if (!id.ok()) return id.error();
  const auto raw = config.find("raw_config");
  if (raw == config.end() || !raw->is_object()) return copies;
  const auto lines = raw->find("sip_lines");
  if (lines == raw->end() || !lines->is_object()) return copies;

  struct Field {
    const char* name;
    std::string RegistrarCopy::*member;
  };
  constexpr Field kFields[] = {
      {"registrar_ip", &RegistrarCopy::registrar_host},
      {"proxy_ip", &RegistrarCopy::proxy_host},
      {"backup_registrar_ip", &RegistrarCopy::backup_host},
      {"backup_proxy_ip", &RegistrarCopy::proxy_backup_host},
  };
  for (const auto& [number, line] : lines->items()) {
    if (!line.is_object()) continue;
    RegistrarCopy copy;
    copy.config = id.value();
    copy.line = number;
    for (const Field& field : kFields) {
      auto text = optional_text(line, field.name, where);
      if (!text.ok()) return text.error();
      copy.*field.member = std::move(text).value();
    }
    copies.push_back(std::move(copy));
  }
  return copies;
}

}  // namespace

Result<std::optional<Registrar>> registrar_of(const Json& config, std::string_view where) {
  if (!is_of_type(config, "registrar")) return std::optional<Registrar>();
  Registrar registrar;
  auto id = required_text(config, "id", where);
  if (!id.ok()) return id.error();
  registrar.id = std::move(id).value();

  struct Field {
    const char* name;
    std::string Registrar::*member;
  };
  constexpr Field kFields[] = {
      {"registrar_main", &Registrar::main_host},
      {"proxy_main", &Registrar::proxy_main_host},
      {"registrar_backup", &Registrar::backup_host},
      {"proxy_backup", &Registrar::proxy_backup_host},
  };
  for (const Field& field : kFields) {
    auto text = optional_text(config, field.name, where);
    if (!text.ok()) return text.error();
    registrar.*field.member = std::move(text).value();
  }
  return std::optional<Registrar>(std::move(registrar));
}

Provd::Provd(Http& http, Auth& auth, std::string base_url)
    : api_(http, auth, Api::Service{"provd", std::move(base_url), kMediaType}) {}

// The list as provd sends it. A `q` it can not read is ignored: whoever calls looks at X_type
// again.
Task<Result<Json>> Provd::configs(Json query, std::string more) {
  ApiCall call;
  call.path = fmt::format("{}?q={}{}", kConfigs, percent_encode(to_text(query)), more);
  const std::string where = api_.where(call);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  auto body = parse_json(answer.value().body, where);
  if (!body.ok()) co_return body.error();
  const Json& object = body.value();
  if (!object.is_object() || !object.contains("configs") || !object["configs"].is_array())
    co_return unexpected(where, "configs", "it must be a list");
  co_return object["configs"];
}

Task<Result<Json>> Provd::config(std::string id) {
  ApiCall call;
  call.path = fmt::format("{}/{}", kConfigs, percent_encode(id));
  const std::string where = api_.where(call);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  auto body = parse_json(answer.value().body, where);
  if (!body.ok()) co_return body.error();
  const Json& object = body.value();
  if (!object.is_object() || !object.contains("config") || !object["config"].is_object())
    co_return unexpected(where, "config", "it must be an object");
  co_return object["config"];
}

Task<Status> Provd::put_config(std::string id, Json config) {
  Json envelope;
  envelope["config"] = std::move(config);
  ApiCall call;
  call.method = "PUT";
  call.path = fmt::format("{}/{}", kConfigs, percent_encode(id));
  call.body = to_text(envelope);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

Task<Result<std::vector<Registrar>>> Provd::registrars() {
  Json query;
  query["X_type"] = "registrar";
  const auto list = co_await configs(std::move(query), std::string());
  if (!list.ok()) co_return list.error();
  std::vector<Registrar> registrars;
  for (const Json& config : list.value()) {
    auto registrar = registrar_of(config, "provd: GET /cfg_mgr/configs");
    if (!registrar.ok()) co_return registrar.error();
    if (registrar.value()) registrars.push_back(*std::move(registrar).value());
  }
  co_return registrars;
}

Task<Status> Provd::put_registrar_backups(std::string id, std::string backup_host,
                                          std::string proxy_backup_host) {
  auto read = co_await config(id);
  if (!read.ok()) co_return read.error();
  Json document = std::move(read).value();
  if (!is_of_type(document, "registrar"))
    co_return Error{Fault::invalid, fmt::format("provd: {} is no longer a registrar", id)};
  document["registrar_backup"] = backup_host.empty() ? Json() : Json(backup_host);
  document["proxy_backup"] = proxy_backup_host.empty() ? Json() : Json(proxy_backup_host);
  co_return co_await put_config(std::move(id), std::move(document));
}

Task<Result<std::vector<RegistrarCopy>>> Provd::registrar_copies() {
  constexpr std::string_view kWhere = "provd: GET /cfg_mgr/configs";
  Json query;
  query["X_type"] = "device";
  std::string more =
      fmt::format("&fields=id,X_type,raw_config&sort=id&limit={}", kDeviceConfigsMax);
  const auto devices = co_await configs(std::move(query), std::move(more));
  if (!devices.ok()) co_return devices.error();

  std::vector<Json> all;
  for (const Json& config : devices.value())
    if (is_of_type(config, "device")) all.push_back(config);
  auto autoprov = co_await config("autoprov");
  if (autoprov.ok())
    all.push_back(std::move(autoprov).value());
  else if (autoprov.error().fault != Fault::not_found)
    co_return autoprov.error();

  std::vector<RegistrarCopy> copies;
  for (const Json& config : all) {
    auto found = copies_in(config, kWhere);
    if (!found.ok()) co_return found.error();
    for (RegistrarCopy& copy : found.value()) copies.push_back(std::move(copy));
  }
  co_return copies;
}

Task<Result<std::vector<std::string>>> Provd::installed_plugins() {
  ApiCall call;
  call.path = "/pg_mgr/install/installed";
  const std::string where = api_.where(call);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  const auto body = parse_json(answer.value().body, where);
  if (!body.ok()) co_return body.error();
  const Json& object = body.value();
  if (!object.is_object() || !object.contains("pkgs") || !object["pkgs"].is_object())
    co_return unexpected(where, "pkgs", "it must be an object");
  std::vector<std::string> names;
  for (const auto& [name, package] : object["pkgs"].items()) names.push_back(name);
  co_return names;
}

}  // namespace tandem

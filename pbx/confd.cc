#include "pbx/confd.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/url.h"

namespace tandem {
namespace {

constexpr const char* kTemplates = "/endpoints/sip/templates";
constexpr const char* kSipGeneral = "/asterisk/sip/general";
constexpr const char* kGlobal = "global";

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Result<Registrar> registrar_in(const Json& item, std::string_view where) {
  Registrar registrar;
  auto id = required_text(item, "id", where);
  if (!id.ok()) return id.error();
  registrar.id = std::move(id).value();

  struct Field {
    const char* name;
    std::string Registrar::*member;
  };
  constexpr Field kFields[] = {
      {"main_host", &Registrar::main_host},
      {"proxy_main_host", &Registrar::proxy_main_host},
      {"backup_host", &Registrar::backup_host},
      {"proxy_backup_host", &Registrar::proxy_backup_host},
  };
  for (const Field& field : kFields) {
    auto text = optional_text(item, field.name, where);
    if (!text.ok()) return text.error();
    registrar.*field.member = std::move(text).value();
  }
  return registrar;
}

Result<SipTemplate> template_in(const Json& item, std::string_view where) {
  auto uuid = required_text(item, "uuid", where);
  if (!uuid.ok()) return uuid.error();
  auto tenant = required_text(item, "tenant_uuid", where);
  if (!tenant.ok()) return tenant.error();
  auto aor = required_pairs(item, "aor_section_options", where);
  if (!aor.ok()) return aor.error();
  return SipTemplate{std::move(uuid).value(), std::move(tenant).value(), std::move(aor).value()};
}

// nullopt: the trunk has no SIP endpoint.
Result<std::optional<Trunk>> trunk_in(const Json& item, std::string_view where) {
  Trunk trunk;
  auto tenant = required_text(item, "tenant_uuid", where);
  if (!tenant.ok()) return tenant.error();
  trunk.tenant_uuid = std::move(tenant).value();
  const auto endpoint = item.find("endpoint_sip");
  if (endpoint == item.end() || endpoint->is_null()) return std::optional<Trunk>();
  auto uuid = required_text(*endpoint, "uuid", where);
  if (!uuid.ok()) return uuid.error();
  trunk.endpoint_uuid = std::move(uuid).value();
  for (const char* field : {"label", "name"}) {
    auto name = optional_text(*endpoint, field, where);
    if (!name.ok()) return name.error();
    if (trunk.name.empty()) trunk.name = std::move(name).value();
  }
  return std::optional<Trunk>(std::move(trunk));
}

Json pairs_to_json(const OptionPairs& pairs) {
  Json list = Json::array();
  for (const auto& [key, value] : pairs) list.push_back(Json::array({key, value}));
  return list;
}

Result<SipGeneral> general_in(const Json& answer, std::string_view where) {
  const bool is_object = answer.is_object();
  if (!is_object || !answer.contains("options") || !answer["options"].is_object())
    return unexpected(where, "options", "it must be an object");
  if (!answer.contains("ordered_options") || !answer["ordered_options"].is_array())
    return unexpected(where, "ordered_options", "it must be a list");

  SipGeneral general;
  for (const auto& [key, value] : answer["options"].items())
    if (value.is_string()) general.options.emplace_back(key, value.get<std::string>());
  for (const Json& pair : answer["ordered_options"])
    if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string())
      general.options.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  general.document = to_text(answer);
  return general;
}

}  // namespace

Confd::Confd(Http& http, Auth& auth, std::string base_url)
    : api_(http, auth, Api::Service{"confd", std::move(base_url), "application/json"}) {}

Task<Result<Json>> Confd::get(std::string path, bool with_token) {
  ApiCall call;
  call.path = std::move(path);
  const std::string where = api_.where(call);
  Result<HttpResponse> answer = HttpResponse{};
  if (with_token)
    answer = co_await api_.send(std::move(call));
  else
    answer = co_await api_.send_without_token(std::move(call));
  if (!answer.ok()) co_return answer.error();
  co_return parse_json(answer.value().body, where);
}

Task<Status> Confd::put(std::string path, std::string body) {
  ApiCall call;
  call.method = "PUT";
  call.path = std::move(path);
  call.body = std::move(body);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

Task<Result<std::vector<Registrar>>> Confd::registrars() {
  constexpr std::string_view kWhere = "confd: GET /registrars";
  const auto answer = co_await get("/registrars");
  if (!answer.ok()) co_return answer.error();
  const auto items = complete_items(answer.value(), kWhere);
  if (!items.ok()) co_return items.error();
  std::vector<Registrar> registrars;
  for (const Json& item : items.value()) {
    auto registrar = registrar_in(item, kWhere);
    if (!registrar.ok()) co_return registrar.error();
    registrars.push_back(std::move(registrar).value());
  }
  co_return registrars;
}

Task<Status> Confd::put_registrar_backups(std::string id, std::string backup_host,
                                          std::string proxy_backup_host) {
  Json body;
  body["backup_host"] = text_or_null(backup_host);
  body["proxy_backup_host"] = text_or_null(proxy_backup_host);
  co_return co_await put("/registrars/" + percent_encode(id), to_text(body));
}

Task<Result<std::vector<SipTemplate>>> Confd::global_templates() {
  const std::string where = fmt::format("confd: GET {}", kTemplates);
  const auto answer = co_await get(fmt::format("{}?label={}&recurse=true", kTemplates, kGlobal));
  if (!answer.ok()) co_return answer.error();
  const auto items = complete_items(answer.value(), where);
  if (!items.ok()) co_return items.error();
  std::vector<SipTemplate> templates;
  for (const Json& item : items.value()) {
    const auto label = optional_text(item, "label", where);
    if (!label.ok()) co_return label.error();
    if (label.value() != kGlobal) continue;  // a filter that was not understood
    auto found = template_in(item, where);
    if (!found.ok()) co_return found.error();
    templates.push_back(std::move(found).value());
  }
  co_return templates;
}

Task<Result<SipTemplate>> Confd::sip_template(std::string uuid) {
  const std::string path = fmt::format("{}/{}", kTemplates, percent_encode(uuid));
  const auto answer = co_await get(path);
  if (!answer.ok()) co_return answer.error();
  co_return template_in(answer.value(), "confd: GET " + path);
}

Task<Status> Confd::put_aor(std::string uuid, OptionPairs aor) {
  Json body;
  body["aor_section_options"] = pairs_to_json(aor);
  co_return co_await put(fmt::format("{}/{}", kTemplates, percent_encode(uuid)), to_text(body));
}

Task<Result<SipGeneral>> Confd::sip_general() {
  const auto answer = co_await get(kSipGeneral);
  if (!answer.ok()) co_return answer.error();
  co_return general_in(answer.value(), fmt::format("confd: GET {}", kSipGeneral));
}

Task<Status> Confd::put_sip_general(SipGeneral current,
                                    std::map<std::string, std::string> options) {
  const auto read = parse_json(current.document, "the sip.conf options read before");
  if (!read.ok()) co_return read.error();
  Json body = read.value();
  Json others = Json::array();
  for (const Json& pair : body["ordered_options"]) {
    const bool named = pair.is_array() && !pair.empty() && pair[0].is_string();
    if (!named || !options.contains(pair[0].get<std::string>())) others.push_back(pair);
  }
  body["ordered_options"] = std::move(others);
  for (const auto& [key, value] : options) body["options"][key] = value;
  co_return co_await put(kSipGeneral, to_text(body));
}

Task<Result<std::vector<Trunk>>> Confd::sip_trunks() {
  constexpr std::string_view kWhere = "confd: GET /trunks";
  const auto answer = co_await get("/trunks?recurse=true");
  if (!answer.ok()) co_return answer.error();
  const auto items = complete_items(answer.value(), kWhere);
  if (!items.ok()) co_return items.error();
  std::vector<Trunk> trunks;
  for (const Json& item : items.value()) {
    auto trunk = trunk_in(item, kWhere);
    if (!trunk.ok()) co_return trunk.error();
    if (trunk.value()) trunks.push_back(*std::move(trunk).value());
  }
  co_return trunks;
}

Task<Result<OptionPairs>> Confd::registration(std::string endpoint_uuid) {
  const std::string path = "/endpoints/sip/" + percent_encode(endpoint_uuid);
  const auto answer = co_await get(path + "?view=merged");
  if (!answer.ok()) co_return answer.error();
  co_return required_pairs(answer.value(), "registration_section_options", "confd: GET " + path);
}

Task<Result<bool>> Confd::live_reload() {
  const auto answer = co_await get("/configuration/live_reload");
  if (!answer.ok()) co_return answer.error();
  co_return required_bool(answer.value(), "enabled", "confd: GET /configuration/live_reload");
}

Task<Result<WizardState>> Confd::wizard() {
  const auto answer = co_await get("/wizard", false);
  if (!answer.ok()) co_return answer.error();
  const auto configured = required_bool(answer.value(), "configured", "confd: GET /wizard");
  if (!configured.ok()) co_return configured.error();
  WizardState state;
  state.configured = configured.value();
  co_return state;
}

Task<Result<Infos>> Confd::infos() {
  constexpr std::string_view kWhere = "confd: GET /infos";
  const auto answer = co_await get("/infos");
  if (!answer.ok()) co_return answer.error();
  auto uuid = required_text(answer.value(), "uuid", kWhere);
  if (!uuid.ok()) co_return uuid.error();
  auto version = required_text(answer.value(), "wazo_version", kWhere);
  if (!version.ok()) co_return version.error();
  Infos infos;
  infos.uuid = std::move(uuid).value();
  infos.version = std::move(version).value();
  co_return infos;
}

}  // namespace tandem

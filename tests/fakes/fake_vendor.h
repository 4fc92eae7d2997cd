// wazo-auth, confd and provd in memory, with state: what the recorded exchanges show, on a
// FakeHttp.
//
// Pairs come back shuffled, confd's refusals repeat the token, and a token can vanish at any time.
#pragma once

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/credentials.h"
#include "tests/fakes/fake_http.h"
#include "tests/fakes/vendor_messages.h"

namespace tandem::fakes {

using Json = nlohmann::json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

class FakeVendor {
 public:
  static constexpr const char* kAuth = "http://127.0.0.1:9497/0.1";
  static constexpr const char* kConfd = "http://127.0.0.1:9486/1.1";
  static constexpr const char* kProvd = "http://127.0.0.1:8666/0.2";
  static constexpr const char* kProvdType = "application/vnd.proformatique.provd+json";
  static constexpr const char* kMaster = "ce93b40d-199b-4a00-be79-27668baa79b5";

  struct Template {
    std::string tenant = kMaster;
    std::string label = "global";
    Pairs aor;
  };

  // wazo-auth
  std::string basic = "Basic dGFuZGVtOnMzY3JldCtQYTU1";  // tandem:s3cret+Pa55
  std::set<std::string> acl{"#"};
  std::set<std::string> tokens;
  int tokens_made = 0;
  int tokens_asked = 0;

  std::map<std::string, std::string> tenants{{kMaster, "master"}};  // name by uuid

  // confd
  std::map<std::string, Pairs> trunks;        // the registration options of each, by endpoint
  std::map<std::string, Template> templates;  // by uuid
  std::optional<Json> sip_general;            // nullopt: 404, as since 20.13
  bool has_templates = true;
  bool has_registrars = true;
  bool has_live_reload = true;
  bool live_reload = true;
  bool configured = true;
  bool sysconfd_up = true;  // false: a PUT of a template is committed and answered with 500
  int busy = 0;             // so many of the next calls get a 503, as while PostgreSQL restarts
  int hidden_items = 0;     // left out of lists, though `total` counts them
  int reloads = 0;          // of Asterisk, asked for by a clean PUT
  std::map<std::string, Pairs> loaded;  // what Asterisk read at the last reload, by uuid
  std::optional<Json> loaded_general;

  // provd
  std::map<std::string, Json> configs;  // by id
  std::set<std::string> plugins;        // that are installed
  bool provd_up = true;

  explicit FakeVendor(FakeHttp& http) : http_(http) {
    start_auth();
    start_confd();
    start_provd();
    add_registrar("default", "10.0.0.1");
  }
  FakeVendor(const FakeVendor&) = delete;
  FakeVendor& operator=(const FakeVendor&) = delete;

  static Credentials credentials() { return {"tandem", "s3cret+Pa55"}; }
  static Pairs default_aor() {
    return {
        {"maximum_expiration", "3600"}, {"default_expiration", "120"}, {"minimum_expiration", "60"},
        {"qualify_frequency", "60"},    {"remove_existing", "true"},   {"max_contacts", "1"},
    };
  }

  void start_auth() { serve(kAuth, &FakeVendor::auth); }
  void start_confd() { serve(kConfd, &FakeVendor::confd); }
  void start_provd() { serve(kProvd, &FakeVendor::provd); }
  // Nobody listens there any more.
  void stop(const char* base) {
    std::erase_if(http_.routes, [&](const auto& route) { return route.url_prefix == base; });
  }

  void add_registrar(const std::string& id, const std::string& host) {
    configs[id] = Json{{"X_type", "registrar"},       {"id", id},
                       {"deletable", false},          {"displayname", "local"},
                       {"parent_ids", Json::array()}, {"raw_config", {{"X_key", "xivo"}}},
                       {"proxy_main", host},          {"registrar_main", host}};
  }
  // A device, or "autoprov", whose one line is registered at `host`.
  void add_device(const std::string& id, const std::string& host,
                  const std::string& type = "device") {
    const Json line{{"password", "phone-password"},
                    {"registrar_ip", host},
                    {"proxy_ip", host},
                    {"backup_registrar_ip", nullptr},
                    {"backup_proxy_ip", nullptr}};
    configs[id] = Json{{"X_type", type},
                       {"id", id},
                       {"parent_ids", Json::array({"base"})},
                       {"raw_config", {{"sip_lines", {{"1", line}}}}}};
  }

  // "PUT /registrars/default" and so on: every write to any of the three but for tokens.
  std::vector<std::string> writes() const {
    std::vector<std::string> lines;
    for (const HttpRequest& request : http_.sent)
      if (request.method == "PUT") lines.push_back("PUT " + request.url.substr(25));
    return lines;
  }

 private:
  using Handler = HttpResponse (FakeVendor::*)(const HttpRequest&, const std::string&);

  void serve(const char* base, Handler handler) {
    http_.on("", base, [this, base, handler](const HttpRequest& request) -> Result<HttpResponse> {
      return (this->*handler)(request, request.url.substr(std::string_view(base).size()));
    });
  }

  bool holds(const std::string& scope) const {
    return std::any_of(acl.begin(), acl.end(), [&](const auto& p) { return fits(p, scope); });
  }
  bool may(const HttpRequest& request, const std::string& scope) const {
    return tokens.contains(header(request, "X-Auth-Token")) && holds(scope);
  }

  HttpResponse auth(const HttpRequest& request, const std::string& path) {
    if (request.method == "GET" && path == "/tenants") return list_tenants(request);
    if (request.method != "POST" || header(request, "Content-Type") != "application/json")
      return answer(400, {{"message", "The browser (or proxy) sent a request"}});
    if (path == "/token") {
      ++tokens_asked;
      if (header(request, "Authorization") != basic)
        return answer(401, {{"reason", {"Authentication Failed"}},
                            {"timestamp", {1795320728.69}},
                            {"status_code", 401}});
      const std::string token =
          "0b5fa5d3-0000-4000-8000-" + std::to_string(100000000000 + ++tokens_made);
      tokens.insert(token);
      return answer(200, {{"data", {{"token", token}}}});
    }
    const std::string token = path.substr(7, path.find('/', 7) - 7);
    if (!tokens.contains(token)) return answer(404, {{"reason", {"No such token"}}});
    Json scopes = Json::object();
    const Json question = Json::parse(request.body);
    for (const std::string scope : question["scopes"]) scopes[scope] = holds(scope);
    return answer(200, {{"scopes", scopes}});
  }

  HttpResponse list_tenants(const HttpRequest& request) {
    if (!may(request, "auth.tenants.read")) return answer(401, {{"reason", {"Unauthorized"}}});
    Json items = Json::array();
    for (const auto& [uuid, name] : tenants) items.push_back({{"uuid", uuid}, {"name", name}});
    return answer_list(items);
  }

  HttpResponse list_trunks(const HttpRequest& request) {
    if (!may(request, "confd.trunks.read")) return refused(request, "confd.trunks.read");
    Json items = Json::array();
    for (const auto& [uuid, options] : trunks)
      items.push_back({{"id", items.size() + 1},
                       {"tenant_uuid", kMaster},
                       {"endpoint_sip", {{"uuid", uuid}, {"label", uuid}, {"name", "x"}}}});
    items.push_back({{"id", 0}, {"tenant_uuid", kMaster}, {"endpoint_sip", nullptr}});
    return answer_list(items);
  }

  HttpResponse sip_endpoint(const HttpRequest& request, const std::string& uuid) {
    const std::string scope = "confd.endpoints.sip." + uuid + ".read";
    if (!may(request, scope)) return refused(request, scope);
    if (!trunks.contains(uuid)) return answer(404, Json::array({"Resource Not Found"}));
    Pairs shown{{"retry_interval", "20"}};  // inherited: only the merged view has it
    if (!request.url.ends_with("?view=merged")) shown.clear();
    shown.insert(shown.end(), trunks[uuid].begin(), trunks[uuid].end());
    Json pairs = Json::array();
    for (const auto& [key, value] : shown) pairs.push_back(Json::array({key, value}));
    return answer(200, {{"uuid", uuid},
                        {"registration_section_options", pairs},
                        {"registration_outbound_auth_section_options",
                         Json::array({Json::array({"password", "phone-password"})})}});
  }

  HttpResponse confd(const HttpRequest& request, const std::string& target) {
    if (busy > 0) {
      --busy;
      return answer(503, Json::array({"(\"Max retries exceeded with url: /0.1/token/" +
                                      header(request, "X-Auth-Token") + "?scope=confd\")"}));
    }
    const std::string path = target.substr(0, target.find('?'));
    if (path == "/wizard")
      return answer(200, {{"configured", configured}, {"configurable", provd_up}});
    const std::string infos = "confd.infos.read", live = "confd.configuration.live_reload.read";
    if (path == "/infos" && !may(request, infos)) return refused(request, infos);
    if (path == "/infos")
      return answer(200,
                    {{"uuid", "08c56466-8f29-45c7-9856-92bf1ba89b92"}, {"wazo_version", "26.08"}});
    const bool asks_for_live_reload = path == "/configuration/live_reload" && has_live_reload;
    if (asks_for_live_reload && !may(request, live)) return refused(request, live);
    if (asks_for_live_reload) return answer(200, {{"enabled", live_reload}});
    if (path.starts_with("/registrars") && has_registrars) return registrars(request, path);
    if (path.starts_with("/endpoints/sip/templates") && has_templates)
      return sip_templates(request, path);
    if (path == "/trunks") return list_trunks(request);
    const bool asks_for_templates = path.starts_with("/endpoints/sip/templates");
    if (path.starts_with("/endpoints/sip/") && !asks_for_templates)
      return sip_endpoint(request, decoded(path.substr(15)));
    if (path == "/asterisk/sip/general" && sip_general) return general(request);
    return no_route();
  }

  HttpResponse registrars(const HttpRequest& request, const std::string& path) {
    const bool list = path == "/registrars";
    const std::string id = list ? "" : decoded(path.substr(12));
    const std::string scope = list ? "confd.registrars.read" : "confd.registrars." + id + ".update";
    if (!may(request, scope)) return refused(request, scope);
    if (!provd_up)
      return answer(500, Json::array({"Unexpected error: [Errno 111] Connection refused"}));
    if (list) {
      Json items = Json::array();
      for (const auto& [name, config] : configs)
        if (config["X_type"] == "registrar") items.push_back(registrar_item(config));
      return answer_list(items);
    }
    if (!configs.contains(id)) return answer(404, Json::array({"Resource Not Found - Registrar"}));
    return put_registrar(configs[id], Json::parse(request.body));
  }

  HttpResponse put_registrar(Json& config, const Json& body) {
    for (const auto& [key, value] : body.items())
      if (!value.is_string() && !value.is_null())
        return answer(400, Json::array({"Input Error - " + key + ": ['Not a valid string.']"}));
    if (body.contains("backup_host")) config["registrar_backup"] = body["backup_host"];
    if (body.contains("proxy_backup_host")) config["proxy_backup"] = body["proxy_backup_host"];
    for (auto& [id, device] : configs) {
      if (device["X_type"] == "registrar") continue;
      for (Json& line : device["raw_config"]["sip_lines"]) {
        if (line["registrar_ip"] != config["registrar_main"]) continue;
        line["backup_registrar_ip"] = config["registrar_backup"];
        line["backup_proxy_ip"] = config["proxy_backup"];
      }
    }
    return answer(204, Json());
  }

  HttpResponse answer_list(Json items) {
    const auto total = items.size();
    for (int hidden = 0; hidden < hidden_items; ++hidden) items.erase(items.size() - 1);
    return answer(200, {{"total", total}, {"items", items}});
  }

  Json template_item(const std::string& uuid, Template kept) {
    std::shuffle(kept.aor.begin(), kept.aor.end(), dice_);
    Json pairs = Json::array();
    for (const auto& [key, value] : kept.aor) pairs.push_back(Json::array({key, value}));
    return {{"uuid", uuid},
            {"tenant_uuid", kept.tenant},
            {"label", kept.label},
            {"aor_section_options", pairs}};
  }

  HttpResponse sip_templates(const HttpRequest& request, const std::string& path) {
    const std::string prefix = "confd.endpoints.sip.templates.";
    if (path == "/endpoints/sip/templates") {
      if (!may(request, prefix + "read")) return refused(request, prefix + "read");
      const bool all = holds("auth.tenants.read") && request.url.ends_with("recurse=true");
      Json items = Json::array();
      for (const auto& [uuid, kept] : templates)
        if (kept.label == "global" && (all || kept.tenant == kMaster))
          items.push_back(template_item(uuid, kept));
      return answer_list(items);
    }
    const std::string uuid = decoded(path.substr(25));
    const std::string scope = prefix + uuid + (request.method == "PUT" ? ".update" : ".read");
    if (!may(request, scope)) return refused(request, scope);
    if (!templates.contains(uuid)) return answer(404, Json::array({"Resource Not Found"}));
    if (request.method == "GET") return answer(200, template_item(uuid, templates[uuid]));
    return put_template(templates[uuid], Json::parse(request.body));
  }

  HttpResponse put_template(Template& kept, const Json& body) {
    Pairs aor;
    for (const Json& pair : body["aor_section_options"]) {
      if (!pair[1].is_string())
        return answer(400, Json::array({"Input Error - aor_section_options"}));
      aor.emplace_back(pair[0], pair[1]);
    }
    kept.aor = aor;
    if (!sysconfd_up) return answer(500, {{"message", "Internal Server Error"}});
    if (live_reload) reload();
    return answer(204, Json());
  }

  HttpResponse general(const HttpRequest& request) {
    if (request.method == "GET") return answer(200, *sip_general);
    const Json body = Json::parse(request.body);
    if (!body.contains("options") || !body.contains("ordered_options"))
      return answer(400, Json::array({"Input Error - missing key"}));
    sip_general = body;
    if (!sysconfd_up) return answer(500, {{"message", "Internal Server Error"}});
    if (live_reload) reload();
    return answer(204, Json());
  }

  void reload() {
    ++reloads;
    loaded_general = sip_general;
    for (const auto& [uuid, kept] : templates) loaded[uuid] = kept.aor;
  }

  HttpResponse provd(const HttpRequest& request, const std::string& target) {
    if (header(request, "Accept") != kProvdType)
      return text(406, "You must accept the \"" + std::string(kProvdType) + "\" MIME type.");
    const std::string path = target.substr(0, target.find('?'));
    if (path == "/pg_mgr/install/installed") return installed(request);
    const std::string verb = request.method == "PUT" ? "update" : "read";
    const bool list = path == "/cfg_mgr/configs";
    if (!list && !path.starts_with("/cfg_mgr/configs/")) return no_route();
    const std::string id = list ? "" : decoded(path.substr(17));
    if (!may(request, "provd.cfg_mgr.configs." + (list ? verb : id + "." + verb)))
      return text(401, "Unauthorized", "text/html");
    if (list) return provd_list(target.substr(path.size()));
    if (!configs.contains(id)) return text(404, "No such resource");
    if (request.method == "GET") return answer(200, {{"config", configs[id]}});
    if (header(request, "Content-Type") != kProvdType)
      return text(415, "Entity must be in media type \"" + std::string(kProvdType) + "\".");
    Json config = Json::parse(request.body)["config"];
    if (!config.contains("parent_ids") || !config.contains("raw_config"))
      return text(500, "missing \"parent_ids\" field in config");
    config["id"] = id;
    configs[id] = config;
    return answer(204, Json());
  }

  HttpResponse installed(const HttpRequest& request) {
    if (!may(request, "provd.pg_mgr.install.installed.read"))
      return text(401, "Unauthorized", "text/html");
    Json packages = Json::object();
    for (const std::string& name : plugins) packages[name] = {{"version", "1.0"}};
    return answer(200, {{"pkgs", packages}});
  }

  // A `q` that is not JSON is ignored.
  HttpResponse provd_list(const std::string& query) {
    const auto from = query.find("q=") + 2;
    const Json filter =
        Json::parse(decoded(query.substr(from, query.find('&', from) - from)), nullptr, false);
    Json found = Json::array();
    for (const auto& [id, config] : configs)
      if (filter.is_discarded() || config["X_type"] == filter["X_type"]) found.push_back(config);
    return answer(200, {{"configs", found}});
  }

  FakeHttp& http_;
  std::mt19937 dice_{1};
};

}  // namespace tandem::fakes

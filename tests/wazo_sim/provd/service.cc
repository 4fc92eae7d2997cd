#include "tests/wazo_sim/provd/service.h"

#include "tests/wazo_sim/provd/requests.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

std::filesystem::path database(const Context& context, const char* collection) {
  return context.options.root / "var/lib/wazo-provd/jsondb" / collection;
}

// The sentence for the first required key that is missing, or "".
std::string missing_key(const Json& config) {
  for (const char* key : {"parent_ids", "raw_config"})
    if (!config.contains(key)) return "missing \"" + std::string(key) + "\" field in config";
  return "";
}

// The config within the envelope, or nothing when the vendor's code would stumble over it.
std::optional<Json> enveloped_config(const Request& request) {
  const auto body = parse_json(request.body);
  if (!body || !body->is_object() || !body->contains("config")) return std::nullopt;
  const Json& config = body->at("config");
  if (!config.is_object()) return std::nullopt;
  return config;
}

}  // namespace

ProvdService::ProvdService(Context& context, const FaultTable& faults, const AuthService& auth)
    : context_(context),
      faults_(faults),
      auth_(auth),
      configs_(database(context, "configs")),
      devices_(database(context, "devices")),
      plugins_(context.options.root / "var/lib/wazo-provd/plugins") {
  restart();
}

void ProvdService::restart() {
  configs_.load();
  devices_.load();
  operations_.forget_all();
}

Response ProvdService::handle(const Request& request) {
  const auto& path = request.path;
  if (path.size() < 2 || path[0] != "0.2") return provd_no_such_page();
  const std::string area = path[1] + (path.size() > 2 ? "/" + path[2] : "");
  if (area == "status" && path.size() == 2) return status(request);
  if (area == "cfg_mgr/configs") {
    if (path.size() == 3) return configs_collection(request);
    if (path.size() == 4) return config_item(request);
    if (path.size() == 5 && path[4] == "raw") return raw_config(request);
  }
  if (path[1] == "pg_mgr") return plugins(request);
  if (area == "dev_mgr/devices") {
    if (path.size() == 3) return devices_collection(request);
    if (path.size() == 4) return device_item(request);
  }
  if (area == "dev_mgr/synchronize" || area == "dev_mgr/reconfigure") {
    if (path.size() == 3) return device_action(request);
    if (path.size() == 4) return operation(request);
  }
  return provd_no_such_page();
}

// Everything about rights is one and the same 401; an absent wazo-auth is a failure of ours.
std::optional<Response> ProvdService::refusal(const Request& request,
                                              const std::string& acl) const {
  if (faults_.is_down("auth", FaultTable::Instant::clock::now())) return provd_processing_failed();
  const auto* token = auth_.find(request.header("x-auth-token"));
  if (token == nullptr || !grants(token->acl, acl)) return provd_unauthorized();
  const std::string tenant = request.header("wazo-tenant");
  if (!tenant.empty() && !auth_.reaches(*token, tenant)) return provd_unauthorized();
  return std::nullopt;
}

Response ProvdService::status(const Request& request) const {
  if (!is_read(request)) return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.status.read")) return *no;
  return with_length(provd_json({{"bus_consumer", {{"status", "ok"}}}, {"rest_api", "ok"}}));
}

Response ProvdService::configs_collection(const Request& request) {
  if (request.method == "POST") return insert_config(request);
  if (request.method == "OPTIONS") return provd_options();
  if (!is_read(request)) return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.cfg_mgr.configs.read")) return *no;
  return document_list(request, configs_, "configs");
}

Response ProvdService::config_item(const Request& request) {
  if (request.method == "PUT") return replace_config(request);
  if (request.method == "DELETE") return delete_config(request);
  if (!is_read(request)) return provd_bad_method(request.method);
  const std::string& id = request.path[3];
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.cfg_mgr.configs." + id + ".read")) return *no;
  const Json* config = configs_.find(id);
  if (config == nullptr) return provd_text(404, "No such resource");
  return provd_json({{"config", *config}});
}

Response ProvdService::raw_config(const Request& request) const {
  if (!is_read(request)) return provd_bad_method(request.method);
  const std::string& id = request.path[3];
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.cfg_mgr.configs." + id + ".raw.read")) return *no;
  if (configs_.find(id) == nullptr) return provd_text(404, "No such resource");
  return provd_json({{"raw_config", merged_raw(id)}});
}

Response ProvdService::insert_config(const Request& request) {
  if (auto no = unreadable(request)) return *no;
  if (auto no = refusal(request, "provd.cfg_mgr.configs.create")) return *no;
  auto config = enveloped_config(request);
  if (!config) return provd_processing_failed();
  if (!config->contains("id")) {
    std::string id = new_uuid();
    std::erase(id, '-');
    (*config)["id"] = id;
  }
  if (!config->at("id").is_string()) return provd_processing_failed();
  const auto id = config->at("id").get<std::string>();
  if (configs_.find(id) != nullptr || !is_file_name(id)) return provd_text(400, id);
  const std::string problem = missing_key(*config);
  if (!problem.empty()) return provd_text(400, problem);
  configs_.put(id, *config);
  ++context_.changes;
  return provd_created("/0.2/cfg_mgr/configs/" + id, dump_compact({{"id", id}}));
}

Response ProvdService::replace_config(const Request& request) {
  const std::string& id = request.path[3];
  if (auto no = unreadable(request)) return *no;
  if (auto no = refusal(request, "provd.cfg_mgr.configs." + id + ".update")) return *no;
  auto config = enveloped_config(request);
  if (!config) return provd_processing_failed();
  (*config)["id"] = id;  // whatever the body says
  if (configs_.find(id) == nullptr) return provd_text(404, "No such resource");
  const std::string problem = missing_key(*config);
  if (!problem.empty()) return provd_text(500, problem);
  update_config(id, *config);
  return provd_no_content();
}

Response ProvdService::delete_config(const Request& request) {
  const std::string& id = request.path[3];
  if (auto no = refusal(request, "provd.cfg_mgr.configs." + id + ".delete")) return *no;
  const Json* config = configs_.find(id);
  if (config == nullptr) return provd_text(404, "No such resource");
  if (config->value("deletable", Json(true)) == Json(false))
    return provd_text(403, "The document " + id + " is not deletable");
  configs_.remove(id);
  ++context_.changes;
  return provd_no_content();
}

void ProvdService::update_config(const std::string& id, const Json& document) {
  const Json* old = configs_.find(id);
  if (old != nullptr && same_json(*old, document)) return;
  configs_.put(id, document);
  ++context_.changes;
}

void ProvdService::put_device(const std::string& id, const Json& document) {
  devices_.put(id, document);
  ++context_.changes;
}

void ProvdService::remove_device(const std::string& id) {
  if (devices_.remove(id)) ++context_.changes;
}

Json ProvdService::state() const {
  return {{"configs", configs_.list({})},
          {"devices", devices_.list({})},
          {"plugins", plugins_.installed().at("pkgs")},
          {"operations", operations_.state()}};
}

}  // namespace tandem::wazo_sim

#include "tests/wazo_sim/provd/service.h"

#include <algorithm>
#include <charconv>

#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr std::size_t kOperationsMax = 1000;

std::filesystem::path database(const Context& context, const char* collection) {
  return context.options.root / "var/lib/wazo-provd/jsondb" / collection;
}

std::optional<Response> not_acceptable(const Request& request) {
  const std::string accept = request.header("accept");
  if (accept.empty() || accept.find("*/*") != std::string::npos ||
      accept.find(kProvdMediaType) != std::string::npos)
    return std::nullopt;
  Response response =
      provd_text(406, "You must accept the \"" + std::string(kProvdMediaType) + "\" MIME type.");
  response.chunked = false;
  return response;
}

std::optional<Response> unreadable(const Request& request) {
  std::string text;
  int status = 400;
  if (request.header("content-type") != kProvdMediaType) {
    text = "Entity must be in media type \"" + std::string(kProvdMediaType) + "\".";
    status = 415;
  } else if (!parse_json(request.body)) {
    // The vendor formats bytes into the text, hence the b'...' (and " where the text has a ').
    const std::string what = "Invalid JSON document: " + python_json_error(request.body);
    text = "b";
    text += python_repr(what);
  } else {
    return std::nullopt;
  }
  Response response = provd_text(status, text);
  response.chunked = false;
  return response;
}

// One that is no JSON is ignored: everything is selected, as the real one does.
std::optional<Json> selector_of(const Request& request) {
  if (const auto encoded = request.parameter("q64")) {
    const auto text = base64_decode(*encoded);
    return text ? parse_json(*text) : std::nullopt;
  }
  const auto text = request.parameter("q");
  return text ? parse_json(*text) : std::nullopt;
}

std::size_t number_of(const Request& request, const char* key) {
  const std::string text = request.parameter(key).value_or("");
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

ProvdQuery query_of(const Request& request, const Json& selector) {
  ProvdQuery query;
  query.selector = selector;
  std::string fields = request.parameter("fields").value_or("");
  while (!fields.empty()) {
    const auto comma = fields.find(',');
    query.fields.push_back(fields.substr(0, comma));
    fields = comma == std::string::npos ? "" : fields.substr(comma + 1);
  }
  query.skip = number_of(request, "skip");
  query.limit = number_of(request, "limit");
  query.sort = request.parameter("sort").value_or("");
  query.descending = request.parameter("sort_ord") == "DESC";
  return query;
}

Response list(const Request& request, const ProvdDocuments& documents, const char* name) {
  const Json selector = selector_of(request).value_or(Json::object());
  if (!selector.is_object()) return provd_processing_failed();
  return provd_json({{name, documents.list(query_of(request, selector))}});
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

bool is_file_name(const std::string& id) {
  return !id.empty() && id.size() < 200 && id != "." && id != ".." &&
         id.find('/') == std::string::npos && id.find('\0') == std::string::npos;
}

Response with_length(Response response) {
  response.chunked = false;
  return response;
}

}  // namespace

ProvdService::ProvdService(Context& context, const FaultTable& faults, const AuthService& auth)
    : context_(context),
      faults_(faults),
      auth_(auth),
      configs_(database(context, "configs")),
      devices_(database(context, "devices")) {
  restart();
}

void ProvdService::restart() {
  configs_.load();
  devices_.load();
  operations_.clear();
  last_operation_ = 0;
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
  if (area == "pg_mgr/install" && path.size() == 4 && path[3] == "installed")
    return installed_plugins(request);
  if (area == "dev_mgr/devices") {
    if (path.size() == 3) return devices_collection(request);
    if (path.size() == 4) return device_item(request);
  }
  if (area == "dev_mgr/synchronize" || area == "dev_mgr/reconfigure") {
    if (path.size() == 3) return device_action(request);
    if (path.size() == 4 && path[2] == "synchronize") return operation(request);
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
  if (request.method != "GET" && request.method != "HEAD") return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.status.read")) return *no;
  return with_length(provd_json({{"bus_consumer", {{"status", "ok"}}}, {"rest_api", "ok"}}));
}

Response ProvdService::configs_collection(const Request& request) {
  if (request.method == "POST") return insert_config(request);
  if (request.method == "OPTIONS") return provd_options();
  if (request.method != "GET" && request.method != "HEAD") return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.cfg_mgr.configs.read")) return *no;
  return list(request, configs_, "configs");
}

Response ProvdService::config_item(const Request& request) {
  if (request.method == "PUT") return replace_config(request);
  if (request.method == "DELETE") return delete_config(request);
  if (request.method != "GET" && request.method != "HEAD") return provd_bad_method(request.method);
  const std::string& id = request.path[3];
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.cfg_mgr.configs." + id + ".read")) return *no;
  const Json* config = configs_.find(id);
  if (config == nullptr) return provd_text(404, "No such resource");
  return provd_json({{"config", *config}});
}

Response ProvdService::raw_config(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return provd_bad_method(request.method);
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

Response ProvdService::installed_plugins(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.pg_mgr.install.installed.read")) return *no;
  return with_length(provd_json({{"pkgs", Json::object()}}));
}

Response ProvdService::devices_collection(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.dev_mgr.devices.read")) return *no;
  return list(request, devices_, "devices");
}

Response ProvdService::device_item(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return provd_bad_method(request.method);
  const std::string& id = request.path[3];
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.dev_mgr.devices." + id + ".read")) return *no;
  const Json* device = devices_.find(id);
  if (device == nullptr) return provd_text(404, "No such resource");
  return provd_json({{"device", *device}});
}

// POST synchronize and reconfigure.
Response ProvdService::device_action(const Request& request) {
  if (request.method != "POST") return provd_bad_method(request.method);
  const std::string& action = request.path[2];
  if (auto no = unreadable(request)) return *no;
  if (auto no = refusal(request, "provd.dev_mgr." + action + ".create")) return *no;
  const auto body = parse_json(request.body);
  if (!body->is_object()) return provd_processing_failed();
  if (!body->contains("id")) return with_length(provd_text(400, "Missing \"id\" key"));
  const Json& id = body->at("id");
  if (!id.is_string() || devices_.find(id) == nullptr) return provd_text(404, "No such resource");
  if (action == "reconfigure") return provd_no_content();
  const int number = synchronize(id);
  return provd_created("/0.2/dev_mgr/synchronize/" + std::to_string(number), "");
}

Response ProvdService::operation(const Request& request) {
  const bool read = request.method == "GET" || request.method == "HEAD";
  if (!read && request.method != "DELETE") return provd_bad_method(request.method);
  int number = 0;
  const std::string& text = request.path[3];
  std::from_chars(text.data(), text.data() + text.size(), number);
  const auto found = operations_.find(number);
  if (found == operations_.end()) return provd_no_such_page();
  if (auto no = refusal(request, read ? "provd.operation.read" : "provd.operation.delete"))
    return *no;
  if (read) return with_length(provd_json({{"status", found->second}}));
  operations_.erase(found);
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

// Only a device with a plugin can be reached; "autoprov" phones have none yet.
int ProvdService::synchronize(const std::string& device) {
  const Json* document = devices_.find(device);
  const bool has_plugin =
      document != nullptr && document->contains("plugin") && (*document)["plugin"].is_string();
  operations_[++last_operation_] = has_plugin ? "success" : "fail";
  if (operations_.size() > kOperationsMax) operations_.erase(operations_.begin());
  ++context_.changes;
  return last_operation_;
}

Json ProvdService::state() const {
  Json operations = Json::object();
  for (const auto& [number, status] : operations_) operations[std::to_string(number)] = status;
  return {
      {"configs", configs_.list({})}, {"devices", devices_.list({})}, {"operations", operations}};
}

}  // namespace tandem::wazo_sim

#include "tests/wazo_sim/confd/registrars.h"

#include <algorithm>
#include <map>

#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr int kProvdPort = 8666;  // where confd believes it to be, in its messages
constexpr const char* kListPath =
    "/0.2/cfg_mgr/configs?q=%7B%22X_type%22%3A+%22registrar%22%7D&sort=displayname&sort_ord=ASC";

enum class Kind { text, number };

// confd's names, provd's names, and the keys of the copies in a phone's SIP line ("" if none).
struct Field {
  const char* confd;
  const char* provd;
  const char* line;
  Kind kind;
  bool nullable;
};

// clang-format off
constexpr Field kFields[] = {
    {"name",                "displayname",           "",                      Kind::text,   true },
    {"main_host",           "registrar_main",        "registrar_ip",          Kind::text,   false},
    {"main_port",           "registrar_main_port",   "registrar_port",        Kind::number, true },
    {"backup_host",         "registrar_backup",      "backup_registrar_ip",   Kind::text,   true },
    {"backup_port",         "registrar_backup_port", "backup_registrar_port", Kind::number, true },
    {"proxy_main_host",     "proxy_main",            "proxy_ip",              Kind::text,   false},
    {"proxy_main_port",     "proxy_main_port",       "proxy_port",            Kind::number, true },
    {"proxy_backup_host",   "proxy_backup",          "backup_proxy_ip",       Kind::text,   true },
    {"proxy_backup_port",   "proxy_backup_port",     "backup_proxy_port",     Kind::number, true },
    {"outbound_proxy_host", "proxy_outbound",        "outbound_proxy_ip",     Kind::text,   true },
    {"outbound_proxy_port", "proxy_outbound_port",   "outbound_proxy_port",   Kind::number, true },
};
// clang-format on

Json value_or_null(const Json& document, const char* key) {
  return document.contains(key) ? document.at(key) : Json(nullptr);
}

Json links(const std::string& base, const std::string& kind, const std::string& id) {
  return Json::array({{{"rel", kind}, {"href", base + "/1.1/" + kind + "/" + id}}});
}

Json view(const Json& document, const std::string& base) {
  Json shown = {{"id", document.at("id")}, {"deletable", value_or_null(document, "deletable")}};
  for (const Field& field : kFields) shown[field.confd] = value_or_null(document, field.provd);
  shown["links"] = links(base, "registrars", document.at("id"));
  return shown;
}

bool is_blank(const Json& value) {
  return value.is_null() || value == Json("") || value == Json(0);
}

// A whole number, also as text, as marshmallow takes it.
std::optional<std::int64_t> whole_number(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty() || text.size() > 9) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoll(text);
}

// Takes over what the body has, or says why not.
std::string change(Json& document, const Json& body) {
  std::string problems;
  for (const Field& field : kFields) {
    if (!body.contains(field.confd)) continue;
    const Json& given = body.at(field.confd);
    std::string problem;
    if (given.is_null()) {
      if (!field.nullable) problem = "Field may not be null.";
      document[field.provd] = nullptr;
    } else if (field.kind == Kind::text) {
      if (!given.is_string()) problem = "Not a valid string.";
      document[field.provd] = given;
    } else if (const auto number = whole_number(given)) {
      document[field.provd] = *number;
    } else {
      problem = "Not a valid integer.";
    }
    if (!problem.empty())
      problems +=
          (problems.empty() ? "" : ", ") + std::string(field.confd) + ": ['" + problem + "']";
  }
  return problems;
}

// A line of a phone is made anew and has no blank keys.
void fill_line(Json& line, const Json& registrar) {
  for (const Field& field : kFields) {
    if (*field.line == '\0') continue;
    const Json value = value_or_null(registrar, field.provd);
    if (is_blank(value))
      line.erase(field.line);
    else
      line[field.line] = value;
  }
}

Response registrar_not_found(const std::string& id) {
  return confd_error(
      404, "Resource Not Found - Registrar was not found ('id': " + python_repr(id) + ")");
}

Response device_not_found(const std::string& id) {
  return confd_error(404,
                     "Resource Not Found - Device was not found ('id': " + python_repr(id) + ")");
}

Json device_view(const Json& device, const std::string& base) {
  const bool configured = device.value("configured", false);
  const bool automatic = device.value("config", "").starts_with("autoprov");
  const std::string status = !configured ? "not_configured" : automatic ? "autoprov" : "configured";
  Json shown = {{"id", device.at("id")},
                {"status", status},
                {"tenant_uuid", value_or_null(device, "tenant_uuid")},
                {"is_new", device.value("is_new", false)}};
  for (const char* key : {"ip", "mac", "sn", "plugin", "vendor", "model", "version", "description",
                          "template_id", "options"})
    shown[key] = value_or_null(device, key);
  shown["links"] = links(base, "devices", device.at("id"));
  return shown;
}

std::string short_id() {
  std::string id = new_uuid();
  std::erase(id, '-');
  return id;
}

}  // namespace

std::variant<Json, Response> confd_body(const Request& request) {
  const std::string type = lower_case(request.header("content-type"));
  const auto body = parse_json(request.body);
  if (!body || type.starts_with("application/x-www-form-urlencoded"))
    return confd_error(400, kNotUnderstood);
  if (body->is_object()) return *body;
  const bool nothing =
      body->empty() || *body == Json(false) || *body == Json("") || *body == Json(0);
  if (nothing) return Json::object();
  return confd_error(400, "Input Error - _schema: ['Invalid input type.']");
}

// A fault on provd's side reaches confd as well: the call fails, done or not done.
std::optional<Response> ConfdRegistrars::ask_provd(const std::string& method,
                                                   const std::string& path,
                                                   const std::function<void()>& effect) {
  const auto now = FaultTable::Instant::clock::now();
  if (faults_.is_down("provd", now))
    return confd_error(500, "Unexpected error: " + refused_connection(kProvdPort, path));
  const auto fault = faults_.take("provd", method, path, now);
  if (!fault || fault->kind == FaultKind::slow || fault->kind == FaultKind::dribble) {
    effect();
    return std::nullopt;
  }
  const bool done = fault->kind == FaultKind::committed_500 || fault->kind == FaultKind::cut ||
                    fault->kind == FaultKind::unconfirmed;
  if (done) effect();
  return confd_error(500,
                     "Unexpected error: 500 Server Error: Internal Server Error for url: "
                     "http://localhost:8666" +
                         path);
}

const Json* ConfdRegistrars::find(const std::string& id) const {
  const Json* document = provd_.configs().find(id);
  if (document == nullptr || value_or_null(*document, "X_type") != Json("registrar"))
    return nullptr;
  return document;
}

Response ConfdRegistrars::list(const std::string& base) {
  Json items = Json::array();
  const auto failure = ask_provd("GET", kListPath, [&] {
    ProvdQuery query;
    query.selector = {{"X_type", "registrar"}};
    query.sort = "displayname";
    for (const Json& document : provd_.configs().list(query)) items.push_back(view(document, base));
  });
  if (failure) return *failure;
  const std::size_t total = items.size();
  return flask_json(200, {{"total", total}, {"items", items}});
}

Response ConfdRegistrars::get(const std::string& id, const std::string& base) {
  const Json* document = nullptr;
  const std::string path =
      "/0.2/cfg_mgr/configs?q=%7B%22X_type%22%3A+%22registrar%22%2C+%22id%22%3A+%22" + id +
      "%22%7D";
  if (auto failure = ask_provd("GET", path, [&] { document = find(id); })) return *failure;
  if (document == nullptr) return registrar_not_found(id);
  return flask_json(200, view(*document, base));
}

Response ConfdRegistrars::put(const std::string& id, const Request& request) {
  const Response current = get(id, "");
  if (current.status != 200) return current;
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  Json document = *find(id);
  const std::string problems = change(document, std::get<Json>(body));
  if (!problems.empty()) return confd_error(400, "Input Error - " + problems);

  if (auto failure = store(document)) return *failure;
  return flask_no_content();
}

std::optional<Response> ConfdRegistrars::store(const Json& registrar) {
  const std::string id = registrar.at("id");
  const auto write = [&] { provd_.update_config(id, registrar); };
  if (auto failure = ask_provd("PUT", "/0.2/cfg_mgr/configs/" + id, write)) return failure;
  if (auto failure = carry_to_devices(registrar)) return failure;
  return carry_to_autoprov(registrar);
}

std::optional<Response> ConfdRegistrars::set_backups(const Json& host) {
  std::vector<Json> all;
  const auto look = [&] {
    ProvdQuery query;
    query.selector = {{"X_type", "registrar"}};
    all = provd_.configs().list(query);
  };
  if (auto failure = ask_provd("GET", kListPath, look)) return failure;
  for (Json& registrar : all) {
    registrar["registrar_backup"] = host;
    registrar["proxy_backup"] = host;
    if (auto failure = store(registrar)) return failure;
  }
  return std::nullopt;
}

std::optional<Response> ConfdRegistrars::carry_to_devices(const Json& registrar) {
  std::map<std::string, std::vector<std::string>> positions;  // of the lines, by device
  for (const Json& line : store_.collection("lines"))
    if (line.at("registrar") == registrar.at("id"))
      positions[line.at("device")].push_back(line.at("position"));
  for (const auto& [device, places] : positions) {
    const Json* found = provd_.configs().find(device);
    if (found == nullptr) continue;  // confd logs it and goes on
    Json config = *found;
    for (const std::string& position : places)
      fill_line(config["raw_config"]["sip_lines"][position], registrar);
    const auto write = [&, id = device] { provd_.update_config(id, config); };
    if (auto failure = ask_provd("PUT", "/0.2/cfg_mgr/configs/" + device, write)) return failure;
  }
  return std::nullopt;
}

// Whichever registrar was changed last is the one that autoprov phones get; its blanks are nulls.
std::optional<Response> ConfdRegistrars::carry_to_autoprov(const Json& registrar) {
  const Json* found = provd_.configs().find("autoprov");
  if (found == nullptr)
    return confd_error(500,
                       "Unexpected error: 404 Client Error: Not Found for url: "
                       "http://localhost:8666/0.2/cfg_mgr/configs/autoprov");
  Json config = *found;
  Json& line = config["raw_config"]["sip_lines"]["1"];
  for (const Field& field : kFields)
    if (*field.line != '\0') line[field.line] = value_or_null(registrar, field.provd);
  Json& managers = config["raw_config"]["sccp_call_managers"];
  if (managers.contains("1")) managers["1"]["ip"] = value_or_null(registrar, "proxy_main");
  if (managers.contains("2")) {
    const Json backup = value_or_null(registrar, "proxy_backup");
    if (is_blank(backup))
      managers.erase("2");
    else
      managers["2"]["ip"] = backup;
  }
  const auto write = [&] { provd_.update_config("autoprov", config); };
  return ask_provd("PUT", "/0.2/cfg_mgr/configs/autoprov", write);
}

Response ConfdRegistrars::list_devices(const std::vector<std::string>& tenants,
                                       const std::string& base) {
  Json items = Json::array();
  const auto failure = ask_provd("GET", "/0.2/dev_mgr/devices?recurse=True", [&] {
    for (const Json& device : provd_.devices().list({}))
      if (std::ranges::find(tenants, device.value("tenant_uuid", "")) != tenants.end())
        items.push_back(device_view(device, base));
  });
  if (failure) return *failure;
  const std::size_t total = items.size();
  return flask_json(200, {{"total", total}, {"items", items}});
}

Response ConfdRegistrars::get_device(const std::string& id, const std::string& base) {
  const Json* device = nullptr;
  const auto look = [&] { device = provd_.devices().find(id); };
  if (auto failure = ask_provd("GET", "/0.2/dev_mgr/devices/" + id, look)) return *failure;
  if (device == nullptr) return device_not_found(id);
  return flask_json(200, device_view(*device, base));
}

Response ConfdRegistrars::create_device(const Request& request, const std::string& tenant,
                                        const std::string& base) {
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  const std::string id = short_id();
  Json device = {{"id", id}, {"tenant_uuid", tenant}, {"configured", false}, {"is_new", true}};
  for (const char* key : {"mac", "ip", "sn", "plugin", "vendor", "model", "version", "description"})
    if (std::get<Json>(body).contains(key)) device[key] = std::get<Json>(body).at(key);
  const auto write = [&] { provd_.put_device(id, device); };
  if (auto failure = ask_provd("POST", "/0.2/dev_mgr/devices", write)) return *failure;
  Response created = flask_json(201, device_view(device, base));
  return created.with("Location", base + "/1.1/devices/" + id);
}

Response ConfdRegistrars::delete_device(const std::string& id) {
  const Response current = get_device(id, "");
  if (current.status != 200) return current;
  provd_.remove_device(id);
  return flask_no_content();
}

// 204 also when the phone cannot be reached: confd does not wait for the outcome.
Response ConfdRegistrars::synchronize(const std::string& id) {
  const Response current = get_device(id, "");
  if (current.status != 200) return current;
  const auto start = [&] { provd_.synchronize(id); };
  if (auto failure = ask_provd("POST", "/0.2/dev_mgr/synchronize", start)) return *failure;
  return flask_no_content();
}

std::optional<std::string> ConfdRegistrars::add_phone(const std::string& registrar,
                                                      const std::string& number,
                                                      const std::optional<std::string>& wanted) {
  const Json* document = find(registrar);
  if (document == nullptr) return std::nullopt;
  const std::string id = wanted.value_or(short_id());
  Json line = {{"auth_username", "phone" + number},
               {"username", "phone" + number},
               {"password", "secret" + number},
               {"display_name", "Phone " + number},
               {"number", number}};
  fill_line(line, *document);
  provd_.update_config(id, {{"id", id},
                            {"configdevice", "defaultconfigdevice"},
                            {"parent_ids", Json::array({"base", "defaultconfigdevice"})},
                            {"deletable", true},
                            {"raw_config",
                             {{"X_key", ""},
                              {"config_version", 1},
                              {"protocol", "SIP"},
                              {"sip_lines", {{"1", line}}}}}});
  provd_.put_device(id, {{"id", id},
                         {"ip", "10.0.1.1"},
                         {"plugin", "test-plugin"},
                         {"config", id},
                         {"tenant_uuid", kMasterTenant},
                         {"configured", true},
                         {"is_new", false}});
  provd_.installed_plugins().install("test-plugin");
  store_.collection("lines").push_back(
      {{"device", id}, {"registrar", registrar}, {"position", "1"}});
  store_.save();
  return id;
}

}  // namespace tandem::wazo_sim

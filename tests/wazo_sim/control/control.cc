#include "tests/wazo_sim/control/control.h"

#include <optional>
#include <stdexcept>
#include <variant>

namespace tandem::wazo_sim {
namespace {

Response answer(int status, const Json& body) {
  Response response{status, {{"Content-Type", "application/json"}}, body.dump() + "\n"};
  return response;
}

Response done() { return answer(200, {{"ok", true}}); }

Response error(int status, const std::string& text) { return answer(status, {{"error", text}}); }

std::string need_text(const Json& body, const char* key) {
  if (!body.contains(key) || !body.at(key).is_string() || body.at(key) == Json(""))
    throw std::invalid_argument(std::string(key) + " must be a string and not empty");
  return body.at(key);
}

std::string text_or(const Json& body, const char* key, const std::string& otherwise) {
  return body.contains(key) && !body.at(key).is_null() ? need_text(body, key) : otherwise;
}

std::optional<std::string> uuid_of(const Json& body, const char* key) {
  if (!body.contains(key) || body.at(key).is_null()) return std::nullopt;
  const std::string uuid = lower_case(need_text(body, key));
  if (!is_uuid(uuid)) throw std::invalid_argument(std::string(key) + " must be a UUID");
  return uuid;
}

// An id that provd may use as a file name and an ACL as a word.
std::string need_id(const Json& body, const char* key) {
  const std::string id = need_text(body, key);
  constexpr const char* kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (id.size() > 100 || id.find_first_not_of(kAllowed) != std::string::npos)
    throw std::invalid_argument(std::string(key) + " must consist of letters, digits, - and _");
  return id;
}

bool need_flag(const Json& body, const char* key) {
  if (!body.contains(key) || !body.at(key).is_boolean())
    throw std::invalid_argument(std::string(key) + " must be true or false");
  return body.at(key);
}

Acl need_acl(const Json& list) {
  if (!list.is_array()) throw std::invalid_argument("an ACL must be a list of strings");
  Acl acl;
  for (const Json& entry : list) {
    if (!entry.is_string()) throw std::invalid_argument("an ACL must be a list of strings");
    acl.push_back(entry);
  }
  return acl;
}

// Options of a section from {"key": "value"}.
Pairs need_pairs(const Json& object) {
  if (!object.is_object()) throw std::invalid_argument("the options must be an object");
  Pairs pairs;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) throw std::invalid_argument(key + " must be a string");
    pairs.emplace_back(key, value);
  }
  return pairs;
}

void set_option(Json& section, const std::string& key, const std::string& value) {
  bool found = false;
  for (Json& pair : section) {
    if (pair[0] != Json(key)) continue;
    pair[1] = value;
    found = true;
  }
  if (!found) section.push_back(Json::array({key, value}));
}

}  // namespace

Response Control::handle(const Request& request) {
  try {
    return route(request);
  } catch (const std::invalid_argument& problem) {
    return error(400, problem.what());
  } catch (const Json::exception& problem) {
    return error(400, problem.what());
  }
}

Response Control::route(const Request& request) {
  const auto& path = request.path;
  const std::string& method = request.method;
  const std::string& what = path[0];
  if (what == "journal" && path.size() == 1) return journal(request);
  if (what == "state" && path.size() == 1 && method == "GET") return state();
  if (what == "faults" && path.size() <= 2) return faults(request);
  const bool item = path.size() == 2 && what == "templates" && method == "PATCH";
  const bool forget = path.size() == 2 && what == "tokens" && path[1] == "forget";
  if (forget && method == "POST") {
    node_.auth.forget_tokens();
    return done();
  }
  if (!item && path.size() != 1) return error(404, "no such path");
  const auto body = parse_json(request.body);
  if (!body) return error(400, "the body is not JSON");
  if (item) return patch_template(path[1], *body);
  return change(method + " " + what, *body);
}

Response Control::change(const std::string& what, const Json& body) {
  if (what == "PUT acl") {
    node_.auth.set_operator_acl(need_acl(body));
    return done();
  }
  if (!body.is_object()) return error(400, "the body must be an object");
  if (what == "POST tenants") return add_tenant(body);
  if (what == "POST registrars") return add_registrar(body);
  if (what == "POST devices") return add_phone(body);
  if (what == "POST templates") return add_template(body);
  if (what == "POST trunks") return add_trunk(body);
  if (what == "POST users") return add_user(body);
  if (what == "POST subscribers") return add_subscriber(body);
  if (what == "PUT wizard") return set_wizard(body);
  if (what == "PUT era") return set_era(body);
  if (what == "PUT live_reload") {
    node_.confd.store().set("live_reload", need_flag(body, "enabled"));
    return done();
  }
  return error(404, "no such path or method");
}

// One of those who have a phone.
Response Control::add_subscriber(const Json& body) {
  auto& store = node_.confd.store();
  store.collection("subscribers")
      .push_back(
          blank_user(need_text(body, "uuid"), body.value("tenant", std::string(kMasterTenant))));
  store.save();
  return done();
}

Response Control::journal(const Request& request) {
  if (request.method == "DELETE") {
    node_.journal.clear();
    return done();
  }
  if (request.method != "GET") return error(404, "no such method");
  return answer(200, node_.journal.list(request.parameter("service").value_or(""),
                                        request.parameter("method").value_or("")));
}

Response Control::faults(const Request& request) {
  const auto now = FaultTable::Instant::clock::now();
  const bool one = request.path.size() == 2;
  if (request.method == "GET" && !one) return answer(200, node_.faults.list(now));
  if (request.method == "DELETE" && !one) {
    node_.faults.clear();
    return done();
  }
  if (request.method == "DELETE") {
    const std::string& text = request.path[1];
    const bool number = !text.empty() && text.size() < 10 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (!number || !node_.faults.remove(std::stoi(text))) return error(404, "no such fault");
    return done();
  }
  if (request.method != "POST" || one) return error(404, "no such method");
  const auto body = parse_json(request.body);
  if (!body) return error(400, "the body is not JSON");
  const auto added = node_.faults.add(*body, now);
  if (const auto* problem = std::get_if<std::string>(&added)) return error(400, *problem);
  return answer(201, {{"id", std::get<int>(added)}});
}

Response Control::state() {
  return answer(200, {{"seed", node_.context.options.seed},
                      {"auth", node_.auth.state()},
                      {"confd", node_.confd.store().state()},
                      {"provd", node_.provd.state()},
                      {"faults", node_.faults.list(FaultTable::Instant::clock::now())}});
}

// `"templates": false` is the tenant that confd's sync job has not seen yet.
Response Control::add_tenant(const Json& body) {
  const std::string name = need_text(body, "name");
  const auto global = uuid_of(body, "template_uuid");
  const auto wanted = uuid_of(body, "uuid");
  const bool with_templates = !body.contains("templates") || need_flag(body, "templates");
  if (wanted && node_.auth.knows_tenant(*wanted)) return error(400, "that tenant exists");
  const std::string uuid = node_.auth.add_tenant(name, wanted);
  if (with_templates) node_.confd.store().add_tenant_templates(uuid, global);
  return answer(201, {{"uuid", uuid}});
}

Response Control::add_registrar(const Json& body) {
  const std::string id = need_id(body, "id");
  const std::string main = text_or(body, "main", node_.context.options.own_address);
  if (node_.provd.configs().find(id) != nullptr) return error(400, "that config exists");
  node_.provd.update_config(id, {{"X_type", "registrar"},
                                 {"id", id},
                                 {"deletable", true},
                                 {"displayname", text_or(body, "name", id)},
                                 {"parent_ids", Json::array()},
                                 {"raw_config", {{"X_key", "xivo"}}},
                                 {"proxy_main", main},
                                 {"registrar_main", main}});
  return answer(201, {{"id", id}});
}

Response Control::add_phone(const Json& body) {
  const std::string registrar = text_or(body, "registrar", "default");
  const std::string number = text_or(body, "number", "1001");
  std::optional<std::string> id;
  if (body.contains("id")) id = need_id(body, "id");
  const auto made = node_.confd.registrars().add_phone(registrar, number, id);
  if (!made) return error(400, "no such registrar");
  return answer(201, {{"id", *made}});
}

Response Control::add_template(const Json& body) {
  const std::string tenant = uuid_of(body, "tenant_uuid").value_or(kMasterTenant);
  const std::string label = need_text(body, "label");
  const Pairs aor = need_pairs(body.value("aor", Json::object()));
  return answer(201, {{"uuid", node_.confd.store().add_template(tenant, label, aor)}});
}

// A trunk with an endpoint that registers at a carrier; `expiration` may be absent.
Response Control::add_trunk(const Json& body) {
  const std::string name = need_text(body, "name");
  const std::string tenant = uuid_of(body, "tenant_uuid").value_or(kMasterTenant);
  const std::string uuid = uuid_of(body, "uuid").value_or(new_uuid());
  const std::string carrier = "sip:" + name + ".example.test";
  ConfdStore& store = node_.confd.store();
  Pairs registration = {{"client_uri", "sip:user@" + name + ".example.test"},
                        {"server_uri", carrier}};
  if (body.contains("expiration"))
    registration.emplace_back("expiration", need_text(body, "expiration"));
  Json endpoint = blank_sip(uuid, tenant, name, name);
  endpoint["registration_section_options"] = to_json(registration);
  endpoint["registration_outbound_auth_section_options"] =
      to_json({{"username", "user"}, {"password", "secret"}});
  for (const Json& each : store.collection("templates"))
    if (each.at("tenant_uuid") == Json(tenant) && each.at("label") == Json("registration_trunk"))
      endpoint["templates"] = Json::array({each.at("uuid")});
  Json& trunks = store.collection("trunks");
  const int id = trunks.empty() ? 1 : trunks.back().at("id").get<int>() + 1;
  store.collection("endpoints").push_back(endpoint);
  trunks.push_back(
      {{"id", id}, {"tenant_uuid", tenant}, {"context", nullptr}, {"endpoint_sip", uuid}});
  store.save();
  return answer(201, {{"id", id}, {"endpoint_uuid", uuid}});
}

Response Control::add_user(const Json& body) {
  const std::string tenant = uuid_of(body, "tenant_uuid").value_or(kMasterTenant);
  if (!node_.auth.knows_tenant(tenant)) return error(400, "no such tenant");
  const std::string uuid = new_uuid();
  node_.auth.add_user({need_text(body, "name"), need_text(body, "password"), uuid, tenant,
                       need_acl(body.value("acl", Json::array({"#"})))});
  return answer(201, {{"uuid", uuid}});
}

// An administrator's change of single options; Asterisk's part in it is of no interest.
Response Control::patch_template(const std::string& uuid, const Json& body) {
  ConfdStore& store = node_.confd.store();
  Json* document = store.find("templates", uuid);
  if (document == nullptr) return error(404, "no such template");
  for (const auto& [key, value] : need_pairs(body))
    set_option(document->at("aor_section_options"), key, value);
  store.save();
  return done();
}

// From false to true is the wizard itself: it makes what is missing. From true to false only the
// flag changes.
Response Control::set_wizard(const Json& body) {
  if (need_flag(body, "configured"))
    node_.confd.run_wizard();
  else
    node_.confd.store().set("configured", false);
  return done();
}

Response Control::set_era(const Json& body) {
  Json era = node_.confd.store().state().at("era");
  if (body.contains("sip")) {
    const std::string sip = need_text(body, "sip");
    if (sip != "templates" && sip != "general")
      return error(400, "sip must be templates or general");
    era["sip"] = sip;
  }
  if (body.contains("registrars")) era["registrars"] = need_flag(body, "registrars");
  node_.confd.store().set("era", era);
  return done();
}

}  // namespace tandem::wazo_sim

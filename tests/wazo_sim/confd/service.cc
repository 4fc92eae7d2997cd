#include "tests/wazo_sim/confd/service.h"

#include <algorithm>

#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr int kAuthPort = 9497;  // where confd believes it to be, in its messages

// confd shows the arguments of the failed check, the token among them.
std::string check_arguments(const std::string& token, const std::string& acl,
                            const std::optional<std::string>& last) {
  std::string text = "(";
  text += python_repr(token) + ", " + python_repr(acl);
  if (last) text += ", " + *last;
  return text + ")";
}

Response unreachable_auth(const std::string& token, const std::string& acl,
                          const std::string& tenant) {
  std::string path = "/0.1/token/" + token + "?scope=" + acl;
  if (!tenant.empty()) path += "&tenant=" + tenant;
  return confd_error(503, "('localhost', 9497, ConnectionError(MaxRetryError(\"" +
                              refused_connection(kAuthPort, path) + "\")))");
}

// Why the old SIP settings refuse a body, or "".
std::string general_problem(const Json& body) {
  for (const char* key : {"options", "ordered_options"})
    if (!body.contains(key)) return std::string(key) + ": ['Missing data for required field.']";
  if (!body.at("options").is_object()) return "options: ['Not a valid mapping type.']";
  for (const auto& [key, value] : body.at("options").items())
    if (!value.is_string())
      return "options: {" + python_repr(key) + ": {'value': ['Not a valid string.']}}";
  const Json& ordered = body.at("ordered_options");
  if (!ordered.is_array()) return "ordered_options: ['Not a valid list.']";
  for (const Json& pair : ordered)
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
      return "ordered_options: {0: ['Not a valid list.']}";
  return "";
}

}  // namespace

std::string base_url(const Request& request) {
  const std::string host = request.header("host");
  return "http://" + (host.empty() ? "127.0.0.1:9486" : host) + request.header("x-script-name");
}

bool reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

ConfdService::ConfdService(Context& context, FaultTable& faults, AuthService& auth,
                           ProvdService& provd, SysconfdService& sysconfd)
    : context_(context),
      faults_(faults),
      auth_(auth),
      provd_(provd),
      sysconfd_(sysconfd),
      store_(context),
      registrars_(store_, faults, provd),
      ha_(sysconfd, registrars_) {}

void ConfdService::run_wizard() {
  provd_.run_wizard();
  store_.run_wizard();
}

Response ConfdService::handle(const Request& request) {
  const auto& path = request.path;
  if (path.size() < 2 || path[0] != "1.1") return flask_not_found();
  const std::string& area = path[1];
  const std::size_t depth = path.size();
  if (area == "ha" && depth == 2) return ha(request);
  if (area == "wizard" && depth == 2) return wizard(request);
  if (area == "infos" && depth == 2)
    return fixed(request, "confd.infos.read", {{"uuid", kSystemUuid}, {"wazo_version", "26.08"}});
  if (area == "status" && depth == 2) {
    const Json ok = {{"status", "ok"}};
    return fixed(
        request, "confd.status.read",
        {{"master_tenant", ok}, {"service_token", ok}, {"bus_consumer", ok}, {"rest_api", ok}});
  }
  if (area == "contexts" && depth == 2)
    return fixed(request, "confd.contexts.read", {{"total", 0}, {"items", Json::array()}});
  if (area == "configuration" && depth == 3 && path[2] == "live_reload")
    return fixed(request, "confd.configuration.live_reload.read",
                 {{"enabled", store_.live_reload()}});
  if (area == "registrars" && store_.has_registrars()) {
    if (depth == 2) return registrars(request);
    if (depth == 3) return registrar(request);
  }
  if (area == "devices") {
    if (depth == 2) return devices(request);
    if (depth == 3 || (depth == 4 && path[3] == "synchronize")) return device(request);
  }
  if (area == "trunks") {
    if (depth == 2) return trunks(request);
    if (depth == 3) return trunk(request);
    if (depth == 6 && path[3] == "endpoints" && path[4] == "sip") return associate(request);
  }
  const bool dnd = depth == 5 && path[3] == "services" && path[4] == "dnd";
  if (area == "users" && (dnd || (depth == 4 && path[3] == "forwards")))
    return user_settings(request);
  return route_sip(request);
}

Response ConfdService::route_sip(const Request& request) {
  const auto& path = request.path;
  const std::size_t depth = path.size();
  if (depth == 4 && path[1] == "asterisk" && path[2] == "sip" && path[3] == "general" &&
      !store_.has_templates())
    return sip_general(request);
  if (depth == 4 && path[1] == "asterisk" && path[2] == "pjsip" && path[3] == "global" &&
      store_.has_templates())
    return fixed(request, "confd.asterisk.pjsip.global.read",
                 {{"options",
                   {{"user_agent", "Wazo PBX"},
                    {"endpoint_identifier_order", "auth_username,username,ip"}}}});
  if (depth < 3 || path[1] != "endpoints" || path[2] != "sip") return flask_not_found();
  const bool templates = depth > 3 && path[3] == "templates";
  if (templates && !store_.has_templates()) return flask_not_found();
  if (templates && depth == 4) return sip_list(request, "templates");
  if (templates && depth == 5) return sip_item(request, "templates", path[4]);
  if (depth == 3)
    return request.method == "POST" ? create_endpoint(request) : sip_list(request, "endpoints");
  if (depth == 4) return sip_item(request, "endpoints", path[3]);
  return flask_not_found();
}

ConfdService::Admission ConfdService::admit(const Request& request, const std::string& acl,
                                            Scope scope) {
  const std::string token = request.header("x-auth-token");
  const std::string tenant = request.header("wazo-tenant");
  if (faults_.is_down("auth", FaultTable::Instant::clock::now()))
    return unreachable_auth(token, acl, tenant);
  const auto* found = auth_.find(token);
  if (found == nullptr) return confd_error(401, check_arguments(token, acl, std::nullopt));
  if (!grants(found->acl, acl) || (!tenant.empty() && !auth_.reaches(*found, tenant)))
    return confd_error(401,
                       check_arguments(token, acl, tenant.empty() ? "None" : python_repr(tenant)));
  // The tenant of the token's owner counts here, whatever the header says.
  if (scope == Scope::master_tenant && found->tenant != kMasterTenant)
    return confd_error(401, token);
  return Caller{found, tenant.empty() ? found->tenant : tenant};
}

std::vector<std::string> ConfdService::visible(const Caller& caller, bool recurse) const {
  if (!recurse || !grants(caller.token->acl, "auth.tenants.read")) return {caller.tenant};
  return auth_.family(caller.tenant);
}

Response ConfdService::ha(const Request& request) {
  const bool write = request.method == "PUT";
  if (!write && !reads(request)) return flask_not_allowed("PUT, GET, HEAD, OPTIONS");
  const auto admission =
      admit(request, write ? "confd.ha.update" : "confd.ha.read", Scope::master_tenant);
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  return write ? ha_.put(request) : ha_.get();
}

Response ConfdService::wizard(const Request& request) {
  const auto now = FaultTable::Instant::clock::now();
  if (!reads(request) && request.method != "POST")
    return flask_not_allowed("GET, HEAD, OPTIONS, POST");
  if (request.method == "POST" && store_.configured())
    return confd_error(403, "Wazo is already configured");
  if (faults_.is_down("auth", now))
    return confd_error(500, "Unexpected error: " + refused_connection(kAuthPort, "/0.1/token"));
  const bool provd_answers = !faults_.is_down("provd", now);
  if (request.method == "POST") {
    if (!provd_answers)
      return confd_error(500, "Unexpected error: " + refused_connection(8666, "/"));
    run_wizard();
    return flask_json(200, {{"xivo_uuid", kSystemUuid}});
  }
  return flask_json(200, {{"configured", store_.configured()},
                          {"configurable", provd_answers},
                          {"configurable_status",
                           {{"wazo-provd", provd_answers ? "ok" : "fail"}, {"wazo-auth", "ok"}}}});
}

// A resource that only answers what it is told to.
Response ConfdService::fixed(const Request& request, const std::string& acl, const Json& body) {
  if (!reads(request)) return flask_not_allowed("GET, HEAD, OPTIONS");
  const auto admission = admit(request, acl);
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  return flask_json(200, body);
}

Response ConfdService::registrars(const Request& request) {
  if (!reads(request)) return flask_not_allowed("GET, HEAD, OPTIONS, POST");
  const auto admission = admit(request, "confd.registrars.read", Scope::master_tenant);
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  return registrars_.list(base_url(request));
}

Response ConfdService::registrar(const Request& request) {
  const bool write = request.method == "PUT";
  if (!write && !reads(request)) return flask_not_allowed("DELETE, GET, HEAD, OPTIONS, PUT");
  const std::string& id = request.path[2];
  const auto admission = admit(request, "confd.registrars." + id + (write ? ".update" : ".read"),
                               Scope::master_tenant);
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  return write ? registrars_.put(id, request) : registrars_.get(id, base_url(request));
}

Response ConfdService::devices(const Request& request) {
  const bool create = request.method == "POST";
  if (!create && !reads(request)) return flask_not_allowed("GET, HEAD, OPTIONS, POST");
  const auto admission = admit(request, create ? "confd.devices.create" : "confd.devices.read");
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  const auto& caller = std::get<Caller>(admission);
  if (create) return registrars_.create_device(request, caller.tenant, base_url(request));
  const bool recurse = lower_case(request.parameter("recurse").value_or("")) == "true";
  return registrars_.list_devices(visible(caller, recurse), base_url(request));
}

Response ConfdService::device(const Request& request) {
  const std::string& id = request.path[2];
  const bool synchronize = request.path.size() == 4;
  const bool remove = request.method == "DELETE" && !synchronize;
  if (!remove && !reads(request)) return flask_not_allowed("DELETE, GET, HEAD, OPTIONS, PUT");
  const std::string verb = synchronize ? ".synchronize.read" : remove ? ".delete" : ".read";
  const auto admission = admit(request, "confd.devices." + id + verb);
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  if (synchronize) return registrars_.synchronize(id);
  return remove ? registrars_.delete_device(id) : registrars_.get_device(id, base_url(request));
}

// Before 20.13. Reading asks for "get", although its documentation says "read".
Response ConfdService::sip_general(const Request& request) {
  const bool write = request.method == "PUT";
  if (!write && !reads(request)) return flask_not_allowed("GET, HEAD, OPTIONS, PUT");
  const auto admission = admit(
      request, write ? "confd.asterisk.sip.general.update" : "confd.asterisk.sip.general.get");
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  return write ? replace_sip_general(request) : flask_json(200, store_.sip_general());
}

Response ConfdService::replace_sip_general(const Request& request) {
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  const Json& wanted = std::get<Json>(body);
  const std::string problem = general_problem(wanted);
  if (!problem.empty()) return confd_error(400, "Input Error - " + problem);
  store_.set("sip_general", {{"options", wanted.at("options")},
                             {"ordered_options", wanted.at("ordered_options")}});
  return reload_asterisk();
}

}  // namespace tandem::wazo_sim

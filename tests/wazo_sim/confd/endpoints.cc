// SIP templates, SIP endpoints and trunks.
#include <algorithm>
#include <charconv>

#include "tests/wazo_sim/confd/service.h"
#include "tests/wazo_sim/confd/sip.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr const char* kReload = R"({"ipbx": ["module reload res_pjsip.so"], "context": {}})";

bool is_templates(const char* collection) { return std::string_view(collection) == "templates"; }

std::string acl_of(const char* collection) {
  return is_templates(collection) ? "confd.endpoints.sip.templates." : "confd.endpoints.sip.";
}

Json link(const std::string& rel, const std::string& href) {
  return Json::array({{{"rel", rel}, {"href", href}}});
}

std::string endpoint_url(const std::string& base, const std::string& uuid) {
  return base + "/1.1/endpoints/sip/" + uuid;
}

std::string trunk_url(const std::string& base, const Json& trunk) {
  return base + "/1.1/trunks/" + std::to_string(trunk.at("id").get<int>());
}

bool is_among(const std::vector<std::string>& tenants, const Json& document) {
  return std::ranges::find(tenants, document.at("tenant_uuid").get<std::string>()) != tenants.end();
}

std::string text_of(const Json& document, const char* key) {
  return document.at(key).is_string() ? document.at(key).get<std::string>() : "";
}

// The filters of a list: `search` looks for a part in any text, the others want the whole.
bool wanted(const Request& request, const Json& document) {
  for (const char* key : {"label", "name"})
    if (const auto exact = request.parameter(key); exact && text_of(document, key) != *exact)
      return false;
  const auto part = request.parameter("search");
  if (!part) return true;
  const auto has_part = [&](const char* key) {
    return lower_case(text_of(document, key)).find(lower_case(*part)) != std::string::npos;
  };
  return has_part("label") || has_part("name");
}

std::size_t number_of(const Request& request, const char* key, std::size_t otherwise) {
  const std::string text = request.parameter(key).value_or("");
  std::size_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The page that `offset` and `limit` ask for; the total counts all.
Response page(const Request& request, const Json& items) {
  const std::size_t total = items.size();
  const std::size_t begin = std::min(number_of(request, "offset", 0), total);
  const std::size_t count = std::min(number_of(request, "limit", total), total - begin);
  Json shown = Json::array();
  for (std::size_t i = begin; i < begin + count; ++i) shown.push_back(items[i]);
  return flask_json(200, {{"total", total}, {"items", shown}});
}

bool recurses(const Request& request) {
  return lower_case(request.parameter("recurse").value_or("")) == "true";
}

Response sip_not_found(const char* collection, const std::string& uuid) {
  const std::string kind = is_templates(collection) ? "SIPEndpointTemplate" : "SIPEndpoint";
  return confd_error(404, "Resource Not Found - " + kind + " was not found ('uuid': UUID('" +
                              lower_case(uuid) + "'))");
}

Response trunk_not_found(const std::string& id) {
  return confd_error(404, "Resource Not Found - Trunk was not found ('id': " + id + ")");
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 10 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Json ConfdService::sip_view(const Json& document, const char* collection, const std::string& base) {
  Json shown = document;
  shuffle_sections(shown, context_.dice);
  shown["templates"] = Json::array();
  for (const Json& uuid : document.at("templates"))
    if (const Json* parent = store_.find("templates", uuid))
      shown["templates"].push_back({{"uuid", uuid}, {"label", parent->at("label")}});
  const Json& transport = document.at("transport");
  shown["transport"] = transport.is_null() ? Json(nullptr) : Json({{"uuid", transport}});
  const std::string uuid = document.at("uuid");
  if (is_templates(collection)) {
    shown["links"] = link("endpoint_sip_templates", base + "/1.1/endpoints/sip/templates/" + uuid);
    return shown;
  }
  shown["links"] = link("endpoint_sip", endpoint_url(base, uuid));
  shown["trunk"] = nullptr;
  for (const Json& trunk : store_.collection("trunks"))
    if (trunk.at("endpoint_sip") == Json(uuid))
      shown["trunk"] = {{"id", trunk.at("id")}, {"links", link("trunks", trunk_url(base, trunk))}};
  shown["line"] = nullptr;
  return shown;
}

Response ConfdService::sip_list(const Request& request, const char* collection) {
  if (!reads(request)) return flask_not_allowed("GET, HEAD, OPTIONS, POST");
  const auto admission = admit(request, acl_of(collection) + "read");
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  const auto tenants = visible(std::get<Caller>(admission), recurses(request));
  Json items = Json::array();
  for (const Json& document : store_.collection(collection))
    if (is_among(tenants, document) && wanted(request, document))
      items.push_back(sip_view(document, collection, base_url(request)));
  return page(request, items);
}

// An item may belong to any tenant below the caller's, without a header: as far as the caller may
// see that it does.
Response ConfdService::sip_item(const Request& request, const char* collection,
                                const std::string& uuid) {
  if (!is_uuid(uuid)) return flask_not_found();
  const bool write = request.method == "PUT";
  if (!write && !reads(request)) return flask_not_allowed("DELETE, GET, HEAD, OPTIONS, PUT");
  const auto admission = admit(request, acl_of(collection) + uuid + (write ? ".update" : ".read"));
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  Json* document = store_.find(collection, uuid);
  if (document == nullptr || !is_among(visible(std::get<Caller>(admission), true), *document))
    return sip_not_found(collection, uuid);
  if (write) return change_sip_item(request, *document);
  const auto view = request.parameter("view");
  if (view && *view != "merged")
    return confd_error(400, "Input Error - view: ['Must be one of: merged.']");
  Json shown = sip_view(*document, collection, base_url(request));
  if (view && !is_templates(collection)) {
    Json merged = *document;
    const auto parent = [&](const std::string& id) { return store_.find("templates", id); };
    merge_sections(merged, parent);
    for (const char* section : kSections) shown.erase(section);
    for (const char* section : kSections) shown[section] = merged.at(section);
    shuffle_sections(shown, context_.dice);
  }
  return flask_json(200, shown);
}

Response ConfdService::change_sip_item(const Request& request, Json& document) {
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  if (const auto problem = sip_problem(std::get<Json>(body))) return confd_error(400, *problem);
  Json changed = document;
  change_sip(changed, std::get<Json>(body));
  const bool differs = !same_sip(document, changed);
  document = changed;
  if (differs) store_.save();
  return reload_asterisk();
}

// The change is committed when sysconfd is asked: its absence is an error that undoes nothing.
Response ConfdService::reload_asterisk() {
  if (!store_.live_reload()) return flask_no_content();
  const auto told = sysconfd_.ask("POST", "/exec_request_handlers", kReload);
  if (!told || told->status != 200) return confd_internal_error();
  store_.count_reload();
  return flask_no_content();
}

Response ConfdService::create_endpoint(const Request& request) {
  const auto admission = admit(request, "confd.endpoints.sip.create");
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  if (const auto problem = sip_problem(std::get<Json>(body))) return confd_error(400, *problem);
  const std::string name = new_uuid().substr(0, 8);
  Json document = blank_sip(new_uuid(), std::get<Caller>(admission).tenant, name, name);
  document["label"] = nullptr;
  change_sip(document, std::get<Json>(body));
  store_.collection("endpoints").push_back(document);
  store_.save();
  const std::string base = base_url(request);
  Response created = flask_json(201, sip_view(document, "endpoints", base));
  return created.with("Location", endpoint_url(base, document.at("uuid")));
}

// Of the endpoint's registration only client_uri is shown: the expiration has to be read from the
// endpoint itself.
Json ConfdService::trunk_view(const Json& trunk, const std::string& base) {
  Json endpoint = nullptr;
  const Json* document = trunk.at("endpoint_sip").is_null()
                             ? nullptr
                             : store_.find("endpoints", trunk.at("endpoint_sip"));
  if (document != nullptr) {
    Json registration = Json::array();
    for (const Json& pair : document->at("registration_section_options"))
      if (pair[0] == Json("client_uri")) registration.push_back(pair);
    Json user = Json::array();
    for (const Json& pair : document->at("auth_section_options"))
      if (pair[0] == Json("username")) user.push_back(pair);
    endpoint = {{"uuid", document->at("uuid")},
                {"label", document->at("label")},
                {"name", document->at("name")},
                {"auth_section_options", user},
                {"registration_section_options", registration},
                {"links", link("endpoint_sip", endpoint_url(base, document->at("uuid")))}};
  }
  return {{"id", trunk.at("id")},
          {"tenant_uuid", trunk.at("tenant_uuid")},
          {"context", trunk.at("context")},
          {"twilio_incoming", false},
          {"outgoing_caller_id_format", "+E164"},
          {"links", link("trunks", trunk_url(base, trunk))},
          {"endpoint_sip", endpoint},
          {"endpoint_custom", nullptr},
          {"endpoint_iax", nullptr},
          {"outcalls", Json::array()},
          {"register_iax", nullptr}};
}

Json* ConfdService::find_trunk(const std::string& id, const std::vector<std::string>& tenants) {
  for (Json& trunk : store_.collection("trunks"))
    if (std::to_string(trunk.at("id").get<int>()) == id && is_among(tenants, trunk)) return &trunk;
  return nullptr;
}

Response ConfdService::trunks(const Request& request) {
  const bool create = request.method == "POST";
  if (!create && !reads(request)) return flask_not_allowed("GET, HEAD, OPTIONS, POST");
  const auto admission = admit(request, create ? "confd.trunks.create" : "confd.trunks.read");
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  const auto& caller = std::get<Caller>(admission);
  const std::string base = base_url(request);
  Json& all = store_.collection("trunks");
  if (!create) {
    const auto tenants = visible(caller, recurses(request));
    Json items = Json::array();
    for (const Json& trunk : all)
      if (is_among(tenants, trunk)) items.push_back(trunk_view(trunk, base));
    return page(request, items);
  }
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  const int id = all.empty() ? 1 : all.back().at("id").get<int>() + 1;
  all.push_back({{"id", id},
                 {"tenant_uuid", caller.tenant},
                 {"context", std::get<Json>(body).value("context", Json(nullptr))},
                 {"endpoint_sip", nullptr}});
  store_.save();
  Response created = flask_json(201, trunk_view(all.back(), base));
  return created.with("Location", trunk_url(base, all.back()));
}

Response ConfdService::trunk(const Request& request) {
  const std::string& id = request.path[2];
  if (!is_number(id)) return flask_not_found();
  if (!reads(request)) return flask_not_allowed("DELETE, GET, HEAD, OPTIONS, PUT");
  const auto admission = admit(request, "confd.trunks." + id + ".read");
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  const Json* found = find_trunk(id, visible(std::get<Caller>(admission), true));
  if (found == nullptr) return trunk_not_found(id);
  return flask_json(200, trunk_view(*found, base_url(request)));
}

// PUT trunks/ID/endpoints/sip/UUID: the endpoint becomes the trunk's.
Response ConfdService::associate(const Request& request) {
  const std::string& id = request.path[2];
  const std::string& uuid = request.path[5];
  if (!is_number(id) || !is_uuid(uuid)) return flask_not_found();
  if (request.method != "PUT") return flask_not_allowed("DELETE, OPTIONS, PUT");
  const auto admission =
      admit(request, "confd.trunks." + id + ".endpoints.sip." + uuid + ".update");
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  Json* found = find_trunk(id, visible(std::get<Caller>(admission), true));
  if (found == nullptr) return trunk_not_found(id);
  if (store_.find("endpoints", uuid) == nullptr) return sip_not_found("endpoints", uuid);
  (*found)["endpoint_sip"] = lower_case(uuid);
  store_.save();
  return flask_no_content();
}

}  // namespace tandem::wazo_sim

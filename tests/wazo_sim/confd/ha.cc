#include "tests/wazo_sim/confd/ha.h"

#include <arpa/inet.h>

#include <array>

#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr int kSysconfdPort = 8668;  // where confd believes it to be, in its messages

bool is_address(const Json& value) {
  if (!value.is_string()) return false;
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const std::string text = value;
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

std::string complaint(const std::string& message, const std::string& id,
                      const std::string& constraint) {
  return "{'message': '" + message + "', 'constraint_id': '" + id + "', 'constraint': '" +
         constraint + "'}";
}

std::string type_problem(const Json& body) {
  if (!body.contains("node_type"))
    return complaint("Missing data for required field.", "required", "required");
  const Json& type = body.at("node_type");
  if (type.is_null()) return complaint("Field may not be null.", "not_null", "not_null");
  if (!type.is_string()) return complaint("Not a valid string.", "type", "string");
  if (type != Json("disabled") && type != Json("master") && type != Json("slave"))
    return "['Must be one of: disabled, master, slave.']";
  return "";
}

std::string address_problem(const Json& body) {
  if (!body.contains("remote_address")) return "";
  const Json& address = body.at("remote_address");
  if (address.is_null()) return complaint("Field may not be null.", "not_null", "not_null");
  return is_address(address) ? "" : complaint("Not a valid IP address.", "type", "ip_address");
}

// Why confd refuses the body, or "".
std::string problem_of(const Json& body) {
  const std::string type = type_problem(body);
  const std::string address = address_problem(body);
  if (!type.empty() && !address.empty())
    return "node_type: " + type + ", remote_address: " + address;
  if (!type.empty()) return "node_type: " + type;
  if (!address.empty()) return "remote_address: " + address;
  if (body.at("node_type") != Json("disabled") && !body.contains("remote_address"))
    return "_schema: ['remote_address cannot be empty']";
  return "";
}

}  // namespace

std::variant<Json, Response> ConfdHa::current() {
  const auto answer = sysconfd_.ask("GET", "/get_ha_config");
  if (!answer)
    return confd_error(500,
                       "Unexpected error: " + refused_connection(kSysconfdPort, "/get_ha_config"));
  const auto document = parse_json(answer->body);
  if (!document) return confd_error(500, "Unexpected error: " + python_json_error(answer->body));
  return *document;
}

// Only the two keys, with whatever they say.
Response ConfdHa::get() {
  const auto found = current();
  if (const auto* failure = std::get_if<Response>(&found)) return *failure;
  Json shown = Json::object();
  for (const char* key : {"node_type", "remote_address"})
    if (const Json& document = std::get<Json>(found); document.contains(key))
      shown[key] = document.at(key);
  return flask_json(200, shown);
}

// A slave keeps the backups of the master that it may have been. Whoever was a slave keeps them
// once more when it is disabled; a second time clears them.
Response ConfdHa::put(const Request& request) {
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  const Json& wanted = std::get<Json>(body);
  const std::string problem = problem_of(wanted);
  if (!problem.empty()) return confd_error(400, "Input Error - " + problem);

  const Json type = wanted.at("node_type");
  const Json address = wanted.value("remote_address", Json(""));
  if (type == Json("master")) {
    if (auto failure = registrars_.set_backups(address)) return *failure;
  } else if (type == Json("disabled")) {
    const auto before = current();
    if (const auto* failure = std::get_if<Response>(&before)) return *failure;
    const Json& document = std::get<Json>(before);
    const bool was_slave =
        document.is_object() && document.value("node_type", Json()) == Json("slave");
    if (!was_slave)
      if (auto failure = registrars_.set_backups(nullptr)) return *failure;
  }
  const Json told = {{"node_type", type}, {"remote_address", address}};
  const auto answer = sysconfd_.ask("POST", "/update_ha_config", dump_compact(told));
  return answer && answer->status == 200 ? flask_no_content() : confd_internal_error();
}

}  // namespace tandem::wazo_sim

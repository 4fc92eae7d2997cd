// What users set on their phones: do not disturb, forwards.
#include <array>

#include "tests/wazo_sim/confd/service.h"
#include "tests/wazo_sim/sysconfd/programs.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr std::array kForwards = {"busy", "noanswer", "unconditional"};

Response user_not_found(const std::string& uuid) {
  return confd_error(404, "Resource Not Found - User was not found ('uuid': '" + uuid + "')");
}

// Why confd refuses one forward, or "".
std::string forward_problem(const Json& forward) {
  if (!forward.is_object()) return "{'_schema': ['Invalid input type.']}";
  if (forward.contains("enabled") && !forward.at("enabled").is_boolean())
    return "{'enabled': ['Not a valid boolean.']}";
  if (!forward.contains("destination") || forward.at("destination").is_null()) return "";
  if (!forward.at("destination").is_string()) return "{'destination': ['Not a valid string.']}";
  return forward.at("destination").get<std::string>().size() > 128
             ? "{'destination': ['Longer than maximum length 128.']}"
             : "";
}

std::string flag(const Json& object) { return object.at("enabled").get<bool>() ? "1" : "0"; }

}  // namespace

Json blank_user(const std::string& uuid, const std::string& tenant) {
  const Json none = {{"enabled", false}, {"destination", nullptr}};
  return {{"uuid", uuid},
          {"tenant_uuid", tenant},
          {"dnd", {{"enabled", false}}},
          {"forwards", {{"busy", none}, {"noanswer", none}, {"unconditional", none}}}};
}

// /users/UUID/services/dnd and /users/UUID/forwards. Neither asks for a tenant: a user of any
// tenant that the caller reaches is found.
Response ConfdService::user_settings(const Request& request) {
  const std::string& uuid = request.path[2];
  const bool dnd = request.path[3] == "services";
  const bool write = request.method == "PUT";
  if (!write && !reads(request)) return flask_not_allowed("GET, HEAD, OPTIONS, PUT");
  const auto admission =
      admit(request, "confd.users." + uuid + (dnd ? ".services.dnd" : ".forwards") +
                         (write ? ".update" : ".read"));
  if (const auto* refused = std::get_if<Response>(&admission)) return *refused;
  Json* user = store_.find("subscribers", uuid);
  if (user == nullptr) return user_not_found(uuid);
  if (!write) return flask_json(200, user->at(dnd ? "dnd" : "forwards"));
  const auto body = confd_body(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  return dnd ? set_dnd(*user, std::get<Json>(body)) : set_forwards(*user, std::get<Json>(body));
}

Response ConfdService::set_dnd(Json& user, const Json& body) {
  if (!body.contains("enabled"))
    return confd_error(400, "Input Error - enabled: ['Missing data for required field.']");
  if (!body.at("enabled").is_boolean())
    return confd_error(400, "Input Error - enabled: ['Not a valid boolean.']");
  user["dnd"]["enabled"] = body.at("enabled");
  keep_user_setting(user, "dnd", flag(user["dnd"]), "");
  return flask_no_content();
}

// What is not named stays.
Response ConfdService::set_forwards(Json& user, const Json& body) {
  for (const char* name : kForwards)
    if (body.contains(name))
      if (const std::string problem = forward_problem(body.at(name)); !problem.empty())
        return confd_error(400, std::string("Input Error - ") + name + ": " + problem);
  for (const char* name : kForwards) {
    if (!body.contains(name)) continue;
    Json& forward = user["forwards"][name];
    for (const char* key : {"enabled", "destination"})
      if (body.at(name).contains(key)) forward[key] = body.at(name).at(key);
    const Json& destination = forward.at("destination");
    keep_user_setting(user, name, flag(forward),
                      destination.is_string() ? destination.get<std::string>() : "");
  }
  return flask_no_content();
}

// A node that has a database beside us has a program that writes it there, as confd would.
void ConfdService::keep_user_setting(const Json& user, const std::string& name,
                                     const std::string& enabled, const std::string& destination) {
  store_.save();
  if (context_.options.run_programs)
    run_below(context_.options.root, "keep-user-setting " + user.at("uuid").get<std::string>() +
                                         " " + name + " " + enabled + " " + destination);
}

}  // namespace tandem::wazo_sim

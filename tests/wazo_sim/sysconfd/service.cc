#include "tests/wazo_sim/sysconfd/service.h"

#include <fstream>
#include <iterator>
#include <set>
#include <variant>

#include "tests/wazo_sim/control/fault_answers.h"
#include "tests/wazo_sim/sysconfd/programs.h"
#include "tests/wazo_sim/sysconfd/steps.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

// What the recorders of the recordings printed in place of the real commands.
const std::string kFailedOutput = "stub failure\n";

Response not_a_dict() {
  return uvicorn_json(422, {{"detail", Json::array({{{"loc", Json::array({"body"})},
                                                     {"msg", "value is not a valid dict"},
                                                     {"type", "type_error.dict"}}})}});
}

// Of "Expecting value: line 1 column 12 (char 11)".
Response not_json(const std::string& text) {
  const std::string what = python_json_error(text);
  const auto number_after = [&](const std::string& word) {
    return std::stoi(what.substr(what.rfind(word) + word.size()));
  };
  const int position = number_after("(char ");
  const Json context = {{"msg", what.substr(0, what.rfind(": line "))},
                        {"doc", text},
                        {"pos", position},
                        {"lineno", number_after(": line ")},
                        {"colno", number_after(" column ")}};
  return uvicorn_json(422, {{"detail", Json::array({{{"loc", Json::array({"body", position})},
                                                     {"msg", what},
                                                     {"type", "value_error.jsondecode"},
                                                     {"ctx", context}}})}});
}

// The body as FastAPI takes it: without a type it is JSON too, and none at all is as good as {}.
std::variant<Json, Response> dict_in(const Request& request) {
  if (request.body.empty()) return Json::object();
  const std::string type = lower_case(request.header("content-type"));
  if (!type.empty() && !type.starts_with("application/json")) return not_a_dict();
  const auto body = parse_json(request.body);
  if (!body) return not_json(request.body);
  if (body->is_null()) return Json::object();
  if (!body->is_object()) return not_a_dict();
  return *body;
}

// The step that a fault names to make a command fail.
std::string step_of(const std::string& line) {
  if (line == "systemctl restart postgresql.service") return "restart";
  if (line.find("xivo-manage-slave-services") != std::string::npos) return "slave_services";
  return line.starts_with("systemctl ") ? "systemctl" : "wazo_service";
}

}  // namespace

Response SysconfdService::handle(const Request& request) {
  const auto& path = request.path;
  const std::string what = path.size() == 1 ? path[0] : "";
  if (what == "get_ha_config" || what == "status") {
    if (request.method != "GET") return uvicorn_not_allowed("GET");
    if (what == "get_ha_config") return ha_config();
    const Json ok = {{"status", "ok"}};
    return uvicorn_json(200, {{"rest_api", ok}, {"bus_consumer", ok}});
  }
  static const std::set<std::string> kWrites = {"update_ha_config", "services", "xivoctl",
                                                "exec_request_handlers"};
  if (!kWrites.contains(what)) return uvicorn_json(404, {{"detail", "Not Found"}});
  if (request.method != "POST") return uvicorn_not_allowed("POST");
  const auto body = dict_in(request);
  if (const auto* refused = std::get_if<Response>(&body)) return *refused;
  if (what == "update_ha_config") return update_ha_config(std::get<Json>(body));
  if (what == "services") return services(std::get<Json>(body));
  if (what == "xivoctl") return xivoctl(std::get<Json>(body));
  return uvicorn_json(200, nullptr);  // before Asterisk is told, and whatever comes of it
}

std::optional<Response> SysconfdService::ask(const std::string& method, const std::string& path,
                                             const std::string& body) {
  const auto now = FaultTable::Instant::clock::now();
  if (faults_.is_down("sysconfd", now)) return std::nullopt;
  Request request;
  request.method = method;
  request.target = path;
  request.headers["content-type"] = "application/json";
  request.body = body;
  parse_target(request);
  const auto fault = faults_.take("sysconfd", method, path, now);
  const auto changes_before = context_.changes;
  Reply reply;
  if (!fault || is_done_before(*fault, request)) reply.response = handle(request);
  if (fault) reply = faulty_reply(*fault, request, std::move(reply.response));
  const bool answered = reply.delivery == Delivery::whole || reply.delivery == Delivery::dribble;
  journal_.add({"sysconfd", method, path, answered ? reply.response.status : 0,
                context_.changes != changes_before,
                fault ? std::string(kind_name(fault->kind)) : ""});
  if (!answered) return std::nullopt;
  return reply.response;
}

// The file as it is, unchecked, read at each call.
Response SysconfdService::ha_config() const {
  const auto path = context_.options.root / "etc/xivo/ha.conf";
  if (!std::filesystem::exists(path))
    return uvicorn_json(200, {{"node_type", "disabled"}, {"remote_address", ""}});
  if (!std::filesystem::is_regular_file(path)) return uvicorn_failed();
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto document = parse_json(text);
  return document ? uvicorn_json(200, *document) : uvicorn_failed();
}

Response SysconfdService::update_ha_config(const Json& wanted) {
  ++context_.changes;
  HaSteps steps(
      context_.options.root, [this](const std::string& step) { return step_fails(step); },
      [this](const std::string& line) { return run(line); });
  return steps.apply(wanted) ? uvicorn_json(200, nullptr) : uvicorn_failed();
}

// Actions that it does not know are passed over without a word; the first failure ends it.
Response SysconfdService::services(const Json& actions) {
  for (const auto& [unit, action] : actions.items()) {
    if (action != Json("start") && action != Json("stop") && action != Json("restart")) continue;
    if (!run("systemctl " + action.get<std::string>() + " " + unit + ".service"))
      return uvicorn_json(500, {{"code", 500}, {"message", kFailedOutput}});
  }
  return uvicorn_json(200, nullptr);
}

Response SysconfdService::xivoctl(const Json& actions) {
  if (!actions.contains("wazo-service") || !actions.at("wazo-service").is_string())
    return uvicorn_failed();
  const std::string line = "wazo-service " + actions.at("wazo-service").get<std::string>();
  return run(line) ? uvicorn_json(200, "stub output of " + line + "\n") : uvicorn_failed();
}

bool SysconfdService::step_fails(const std::string& step) {
  return faults_.take_step(step, FaultTable::Instant::clock::now());
}

bool SysconfdService::run(const std::string& line) {
  bool fails = step_fails(step_of(line));
  const bool by_fault = fails;
  if (!fails && context_.options.run_programs) fails = !run_below(context_.options.root, line);
  ++context_.changes;
  journal_.add({"sysconfd", "RUN", line, fails ? 1 : 0, true, by_fault ? "step" : ""});
  return !fails;
}

}  // namespace tandem::wazo_sim

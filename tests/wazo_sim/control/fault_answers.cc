#include "tests/wazo_sim/control/fault_answers.h"

#include "tests/wazo_sim/auth/service.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

const std::string kInjected = "fault injected by the control endpoint";

bool reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// `status` in the error shape of the service.
Response shaped_error(const std::string& service, int status) {
  if (service == "auth") return auth_error(status, kInjected);
  if (service == "confd") {
    if (status == 404) return flask_not_found();
    return confd_error(status, "Unexpected error: " + kInjected);
  }
  if (service == "sysconfd")
    return status == 500 ? uvicorn_failed() : uvicorn_json(status, {{"detail", kInjected}});
  if (status == 401) return provd_unauthorized();
  if (status == 500) return provd_processing_failed();
  return provd_text(status, kInjected);
}

// While its PostgreSQL restarts: confd finds wazo-auth without its database and shows the token.
Response burst_answer(const std::string& service, const Request& request) {
  if (service == "auth") return auth_error(503, "Connection to the database failed");
  if (service == "provd") return provd_processing_failed();
  if (service == "sysconfd") return uvicorn_failed();
  const std::string path = "/0.1/token/" + request.header("x-auth-token") + "?scope=confd";
  return confd_error(503, "('localhost', 9497, ConnectionError(MaxRetryError(\"" +
                              refused_connection(9497, path) + "\")))");
}

Response internal_error(const std::string& service) {
  if (service == "sysconfd") return uvicorn_failed();
  return service == "provd" ? provd_processing_failed() : confd_internal_error();
}

Response success_with(const std::string& service, const std::string& body) {
  Response response = service == "provd" ? provd_json(nullptr) : flask_json(200, nullptr);
  response.body = body;
  response.chunked = false;
  return response;
}

Response half_of(const std::string& service, const Response& answer) {
  if (answer.body.size() < 4) return success_with(service, R"({"items": [{"id": "def)");
  return success_with(service, answer.body.substr(0, answer.body.size() / 2));
}

Response redirection(const std::string& service, const std::string& location) {
  Response response = success_with(service, "");
  response.status = 302;
  return response.with("Location", location);
}

}  // namespace

bool is_done_before(const InjectedFault& fault, const Request& request) {
  switch (fault.kind) {
    case FaultKind::committed_500:
    case FaultKind::slow:
    case FaultKind::dribble:
    case FaultKind::cut:
    case FaultKind::unconfirmed: return true;
    case FaultKind::truncated_json: return reads(request);
    case FaultKind::down:
    case FaultKind::status:
    case FaultKind::burst_503:
    case FaultKind::garbage:
    case FaultKind::huge:
    case FaultKind::redirect: return false;
    case FaultKind::step: return true;
  }
  return false;
}

Reply faulty_reply(const InjectedFault& fault, const Request& request, Response answer) {
  Reply reply{std::move(answer), Delivery::whole, fault.delay, std::chrono::milliseconds(0)};
  switch (fault.kind) {
    case FaultKind::down:
    case FaultKind::step:
    case FaultKind::slow: break;
    case FaultKind::status: reply.response = shaped_error(fault.service, fault.status); break;
    case FaultKind::committed_500: reply.response = internal_error(fault.service); break;
    case FaultKind::burst_503: reply.response = burst_answer(fault.service, request); break;
    case FaultKind::dribble:
      reply.delivery = Delivery::dribble;
      reply.pace = fault.delay;
      reply.delay = std::chrono::milliseconds(0);
      break;
    case FaultKind::cut:
      reply.delivery = fault.within_headers ? Delivery::cut_headers : Delivery::cut_body;
      break;
    case FaultKind::unconfirmed: reply.delivery = Delivery::nothing; break;
    case FaultKind::truncated_json: reply.response = half_of(fault.service, reply.response); break;
    case FaultKind::garbage:
      reply.response = success_with(fault.service, "\x01\xff<<this is no JSON>>");
      break;
    case FaultKind::huge:
      reply.response = success_with(fault.service, "");
      reply.delivery = Delivery::endless;
      break;
    case FaultKind::redirect: reply.response = redirection(fault.service, fault.location); break;
  }
  return reply;
}

}  // namespace tandem::wazo_sim

#include "pbx/api.h"

#include <fmt/format.h>

#include <utility>

#include "pbx/answer.h"

namespace tandem {
namespace {

// A client or a proxy would climb the path by these, encoded or not.
bool climbs(std::string_view path) {
  path = path.substr(0, path.find('?'));
  return path.find("/./") != path.npos || path.find("/../") != path.npos || path.ends_with("/.") ||
         path.ends_with("/..");
}

// What kept us from a token, told so that nobody takes it for this service's own answer:
// "connection refused" and "not found" of a service mean that it is not there.
Error no_token(std::string_view where, Error error) {
  if (error.fault == Fault::connection_refused) error.fault = Fault::unavailable;
  if (error.fault == Fault::not_found) error.fault = Fault::invalid;
  return in_context(where, std::move(error));
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Api::Api(Http& http, Auth& auth, Service service)
    : http_(http), auth_(auth), service_(std::move(service)) {
  service_.base_url = without_slash(std::move(service_.base_url));
}

std::string Api::where(const ApiCall& call) const {
  const std::string_view path = call.path;
  return fmt::format("{}: {} {}", service_.name, call.method, path.substr(0, path.find('?')));
}

HttpRequest Api::request(const ApiCall& call) const {
  HttpRequest request;
  request.method = call.method;
  request.url = service_.base_url + call.path;
  request.headers["Accept"] = service_.media_type;
  request.body = call.body;
  if (!call.body.empty()) request.headers["Content-Type"] = service_.media_type;
  request.deadline = call.method == "GET" ? kReadDeadline : kWriteDeadline;
  return request;
}

// The answer whatever its status; a failure to get one has its context.
Task<Result<HttpResponse>> Api::transmit(ApiCall call, std::string token) {
  if (climbs(call.path))
    co_return Error{Fault::invalid, where(call) + ": an id must not be '.' or '..'"};
  HttpRequest message = request(call);
  if (!token.empty()) message.headers["X-Auth-Token"] = token;
  auto answer = co_await http_.send(std::move(message));
  if (answer.ok()) co_return answer;
  Error error = in_context(where(call), answer.error());
  const bool in_doubt = error.fault == Fault::timed_out || error.fault == Fault::connection_cut;
  if (in_doubt && call.method != "GET") error.message += "; it may have been done all the same";
  co_return error;
}

Task<Result<HttpResponse>> Api::send(ApiCall call) {
  const auto token = co_await auth_.token();
  if (!token.ok()) co_return no_token(where(call), token.error());
  std::vector<std::string> secrets{token.value()};
  auto answer = co_await transmit(call, token.value());

  if (answer.ok() && answer.value().status == 401) {
    auth_.forget(token.value());
    const auto fresh = co_await auth_.token();
    if (!fresh.ok()) co_return no_token(where(call), fresh.error());
    secrets.push_back(fresh.value());
    answer = co_await transmit(call, fresh.value());
  }
  if (!answer.ok()) co_return answer;
  const int status = answer.value().status;
  if (status < 200 || status > 299) co_return refusal_error(where(call), answer.value(), secrets);
  co_return answer;
}

Task<Result<HttpResponse>> Api::send_without_token(ApiCall call) {
  auto answer = co_await transmit(call, std::string());
  if (!answer.ok()) co_return answer;
  const int status = answer.value().status;
  if (status < 200 || status > 299) {
    const std::vector<std::string> no_secrets;
    co_return refusal_error(where(call), answer.value(), no_secrets);
  }
  co_return answer;
}

}  // namespace tandem

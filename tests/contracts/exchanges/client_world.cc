#include "tests/contracts/exchanges/client_world.h"

#include "pbx/api.h"
#include "tests/run.h"

namespace tandem::exchanges {
namespace {

constexpr const char* kToken = "0b5fa5d3-0000-4000-8000-00000000000";  // and a digit
constexpr const char* kPassword = "s3cret+Pa55";
constexpr const char* kBasic = "dGFuZGVtOnMzY3JldCtQYTU1";

std::string host_of(const Recording& recording) {
  return recording.service == "nginx" ? "https://pbx.example.test" : "http://127.0.0.1:9000";
}

std::string without_query(const std::string& path) { return path.substr(0, path.find('?')); }

// Where the placeholder was, the real service repeated what the client had presented.
HttpResponse answer_of(const Recording& recording, const std::string& token) {
  HttpResponse response;
  response.status = recording.status;
  for (const auto& [name, value] : recording.answer_headers) response.headers[name] = value;
  response.body = recording.answer_body();
  const std::string placeholder = "<token>";
  for (auto at = response.body.find(placeholder); at != std::string::npos;
       at = response.body.find(placeholder, at + token.size()))
    response.body.replace(at, placeholder.size(), token);
  return response;
}

std::string presented(const HttpRequest& request) {
  const auto header = request.headers.find("X-Auth-Token");
  return header == request.headers.end() ? std::string(kToken) + "1" : header->second;
}

}  // namespace

std::string ClientWorld::base(const Recording& recording, const std::string& service) {
  const std::string version = service == "confd" ? "/1.1" : service == "provd" ? "/0.2" : "/0.1";
  const std::string prefix = recording.service == "nginx" ? "/api/" + service : "";
  return host_of(recording) + prefix + version;
}

ClientWorld::ClientWorld(const Recording& recording)
    : auth(http, clock, base(recording, "auth"),
           []() -> Result<Credentials> {
             return Credentials{"tandem", kPassword};
           }),
      confd(http, auth, base(recording, "confd")),
      provd(http, auth, base(recording, "provd")),
      devices(http, auth, base(recording, "provd")),
      host_(host_of(recording)) {
  http.on(
      "POST", base(recording, "auth") + "/token",
      [count = 0](const HttpRequest&) mutable -> Result<HttpResponse> {
        HttpResponse response;
        response.status = 200;
        response.body = Json({{"data", {{"token", kToken + std::to_string(++count % 10)}}}}).dump();
        return response;
      });
  also(recording);
}

void ClientWorld::also(const Recording& recording) {
  http.on(recording.method, host_ + recorded_path(recording),
          [recording](const HttpRequest& request) -> Result<HttpResponse> {
            return answer_of(recording, presented(request));
          });
}

Error ClientWorld::refused(const Recording& recording) {
  // Where it was asked is left out: the paths of wazo-auth have tokens in them.
  Recording elsewhere = recording;
  elsewhere.path = "/refused";
  also(elsewhere);
  Api api(http, auth, Api::Service{recording.service, host_, "application/json"});
  ApiCall call;
  call.method = recording.method;
  call.path = elsewhere.path;
  const auto answer = run(api.send(call));
  return answer.ok() ? Error{Fault::invalid, "it was no refusal"} : answer.error();
}

std::string ClientWorld::recorded_path(const Recording& recording) {
  std::string path = without_query(recording.path);
  const std::string placeholder = "<token>";
  if (const auto at = path.find(placeholder); at != std::string::npos)
    path.replace(at, placeholder.size(), std::string(kToken) + "1");
  return path;
}

std::string ClientWorld::last_path() const {
  return without_query(http.sent.back().url.substr(host_.size()));
}

bool ClientWorld::shows_a_secret(const std::string& text) const {
  for (const char* secret : {kPassword, kBasic, kToken})
    if (text.find(secret) != std::string::npos) return true;
  return false;
}

}  // namespace tandem::exchanges

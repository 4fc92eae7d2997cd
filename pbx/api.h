// One of the vendor's services: where it is, how it wants to be asked, and what its refusals mean.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"
#include "pbx/auth.h"
#include "ports/http.h"
#include "ports/task.h"

namespace tandem {

struct ApiCall {
  std::string method = "GET";
  std::string path;  // "/registrars/default", percent-encoded, behind the base URL
  std::string body;  // JSON, or empty
};

class Api {
 public:
  static constexpr std::chrono::seconds kReadDeadline{10};
  // Writes can wait for a restart on the other side; the vendor's own limit.
  static constexpr std::chrono::seconds kWriteDeadline{180};

  struct Service {
    std::string name;      // first word of every message: "confd"
    std::string base_url;  // with the version prefix
    std::string media_type = "application/json";
  };

  Api(Http& http, Auth& auth, Service service);

  // A 2xx answer. A 401 is met with one new token and one retry, then it is Fault::denied: confd
  // and provd say 401 for lacking rights too. 403 denied, 404 not_found, 5xx and 429 unavailable,
  // else invalid. After timed_out or connection_cut of a write nobody knows whether it was done:
  // look again.
  Task<Result<HttpResponse>> send(ApiCall call);
  // The same for the few calls that want no token.
  Task<Result<HttpResponse>> send_without_token(ApiCall call);

  // "confd: GET /registrars", for messages about an answer. Without the query.
  std::string where(const ApiCall& call) const;

 private:
  HttpRequest request(const ApiCall& call) const;
  Task<Result<HttpResponse>> transmit(ApiCall call, std::string token);

  Http& http_;
  Auth& auth_;
  Service service_;
};

}  // namespace tandem

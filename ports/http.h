// One HTTP request and its answer, towards the vendor's services.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct IgnoreCase {
  bool operator()(const std::string& a, const std::string& b) const;
};
using HttpHeaders = std::map<std::string, std::string, IgnoreCase>;

// What one end of a mutual TLS connection shows and trusts: files of PEM.
struct TlsFiles {
  std::string ca;           // the only authority that counts
  std::string certificate;  // our own
  std::string key;          // its private key
  bool operator==(const TlsFiles&) const = default;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute, http or https, percent-encoded
  // With https, the DNS name that the other side's certificate must have; "": the URL's host.
  std::string certificate_name;
  HttpHeaders headers;
  std::string body;
  std::chrono::milliseconds deadline{
      10'000};  // total: connect, send, and the last byte of the answer
  std::size_t body_max = 16U << 20U;
  // Only the answer's head matters: once it was read, a body that is too large, too slow, cut or
  // malformed is no failure, and is left out.
  bool head_is_enough = false;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

class Http {
 public:
  virtual ~Http() = default;

  // Any answer with a status is a success here, redirects too: none is ever followed. Failures,
  // each with a message that names the host but never a header, a body or the query:
  // connection_refused, connection_cut, timed_out, bad_certificate, too_large, cancelled,
  // unavailable (the name does not resolve, the host cannot be reached), not_sent (it did not leave
  // this host: no route, not allowed), invalid (a URL or an answer that is no
  // HTTP). There are no retries here.
  virtual Task<Result<HttpResponse>> send(HttpRequest request) = 0;
};

}  // namespace tandem

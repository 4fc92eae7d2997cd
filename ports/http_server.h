// Answers HTTP/1.1 on plain TCP or over mutual TLS, bounded in every direction.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/http.h"
#include "ports/http_stream.h"
#include "ports/task.h"

namespace tandem {

struct ServedRequest {
  std::string method;
  std::string path;   // without the query
  std::string query;  // behind the `?`, still encoded
  HttpHeaders headers;
  std::string body;
  std::string remote;                          // the address that asks: "192.0.2.7"
  bool from_loopback = false;                  // both ends of the connection are in 127.0.0.0/8
  bool over_tls = false;                       // who asks has shown a certificate of our authority
  std::vector<std::string> certificate_names;  // the DNS names in it
};

struct ServedResponse {
  int status = 200;
  HttpHeaders headers;
  std::string body;
  // Where it is set, what is put into it is the body, until the stream is over. The connection ends
  // with it.
  std::shared_ptr<ServedStream> stream = nullptr;
};

struct HttpServerLimits {
  std::size_t connections = 256;
  std::size_t header_bytes = 8U << 10U;
  std::size_t body_bytes = 1U << 20U;
  std::chrono::milliseconds idle{
      15'000};  // for a whole request, a whole answer, each part of a stream; between requests
  std::chrono::milliseconds handshake{5'000};  // of TLS, as a whole
};

// Answers one request. Must not throw.
using HttpHandler = std::function<Task<ServedResponse>(ServedRequest)>;

class HttpServer {
 public:
  virtual ~HttpServer() = default;

  // "IPV4:PORT" as bound; the port is the real one where 0 was asked for.
  virtual std::string address() const = 0;
  // Closes the listener, cuts streams, lets running answers finish for at most `limit`, then cuts
  // them as well.
  virtual Task<void> stop(std::chrono::milliseconds limit) = 0;
};

}  // namespace tandem

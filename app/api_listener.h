// The plain listener of the operator. Failover does not depend on its port: where another program
// has it, the operator runs without, and takes it as soon as it is free.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "ports/clock.h"
#include "ports/http_server.h"

namespace tandem {

class ApiListener {
 public:
  static constexpr std::chrono::seconds kRetry{2};

  struct Parts {
    boost::asio::io_context& io;
    Clock& clock;
    std::string address;  // "IPV4:PORT"
    HttpHandler handler;
    std::function<void(const Error&)> complain;  // once for each reason
  };

  explicit ApiListener(Parts parts);
  ApiListener(const ApiListener&) = delete;
  ApiListener& operator=(const ApiListener&) = delete;

  // Listens, or goes on trying. invalid: no such address can ever be listened on.
  Status start();

  // As bound; as asked for while it does not listen.
  std::string address() const;
  bool listens() const { return server_ != nullptr; }

  // See HttpServer::stop(). Nothing is tried any more.
  Task<void> stop(std::chrono::milliseconds limit);

 private:
  Status try_once();
  Task<void> go_on_trying();

  Parts parts_;
  std::unique_ptr<Signal> stopped_;
  bool stopping_ = false;
  std::string told_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace tandem

// The real Http: cpprestsdk, which stays inside the .cc.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "ports/http.h"

namespace tandem {

// How many threads cpprestsdk may have (40 without this call). Only the first call counts, and only
// before the first request.
void limit_http_threads(int threads);

// Used on the one thread of `io`, and destroyed before it. Destroying it cancels what is under way.
class CpprestHttp : public Http {
 public:
  // https is verified against the certificates in `ca_file` (PEM) and no others, or against the
  // system's where there is none. The file is read for each new connection: a renewed one counts at
  // once.
  CpprestHttp(boost::asio::io_context& io, std::optional<std::string> ca_file);
  // Shows a certificate of its own as well, and trusts only `files.ca`. All three are read for each
  // new connection.
  CpprestHttp(boost::asio::io_context& io, TlsFiles files);
  ~CpprestHttp() override;

  Task<Result<HttpResponse>> send(HttpRequest request) override;

  // Ends every request under way with Fault::cancelled. Later requests are made as ever.
  void cancel_all();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tandem

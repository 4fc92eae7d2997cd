// What our side of a TLS connection shows and trusts, as the files now have it.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "ports/http.h"

namespace tandem {

class TlsServerContext {
 public:
  explicit TlsServerContext(TlsFiles files) : files_(std::move(files)) {}

  // For the next connection. Read anew where a file is not the one of the last time; while what is
  // there is unusable (a renewal is half done), the last good one. nullptr: there was none yet.
  std::shared_ptr<boost::asio::ssl::context> current();

 private:
  TlsFiles files_;
  std::string seen_;  // what the files were when they were last read
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace tandem

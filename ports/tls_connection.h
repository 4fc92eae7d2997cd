// A connection to our web server over TLS.
#pragma once

#include "ports/http_connection.h"
// keep the order
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace tandem {

class TlsConnection : public HttpConnection {
 public:
  // `context` stays as it is for the life of the connection, whatever is renewed meanwhile.
  TlsConnection(boost::asio::ip::tcp::socket socket,
                std::shared_ptr<boost::asio::ssl::context> context);

  // The handshake, in which the other side must show its certificate.
  Task<bool> open() override;
  bool over_tls() const override { return true; }
  std::vector<std::string> certificate_names() const override { return names_; }

 protected:
  Task<std::size_t> read_some(boost::asio::mutable_buffer room, Error& error) override;
  Task<std::size_t> write_some(boost::asio::const_buffer bytes, Error& error) override;
  Task<void> finish(Error& error) override;

 private:
  Task<void> drop_rest();

  std::shared_ptr<boost::asio::ssl::context> context_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket&> stream_;
  std::vector<std::string> names_;
};

}  // namespace tandem

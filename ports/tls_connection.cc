#include "ports/tls_connection.h"

#include <openssl/pem.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ports/certificates.h"

namespace tandem {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;

namespace {

constexpr std::size_t kDropMax = 64U << 10U;

// As PEM, which is what ports/certificates reads: one place knows what names a certificate has.
std::vector<std::string> names_of(SSL* tls) {
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(tls),
                                                          X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(BIO_new(BIO_s_mem()), BIO_free);
  if (!shown || !bytes || PEM_write_bio_X509(bytes.get(), shown.get()) != 1) return {};
  char* start = nullptr;
  const long size = BIO_get_mem_data(bytes.get(), &start);
  auto facts = read_certificate({start, static_cast<std::size_t>(size)});
  return facts.ok() ? std::move(facts).value().dns_names : std::vector<std::string>();
}

}  // namespace

TlsConnection::TlsConnection(asio::ip::tcp::socket socket,
                             std::shared_ptr<asio::ssl::context> context)
    : HttpConnection(std::move(socket)),
      context_(std::move(context)),
      stream_(socket_, *context_) {}

Task<bool> TlsConnection::open() {
  Error error;
  co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                   redirect_error(use_awaitable, error));
  if (error) co_await drop_rest();
  if (error || timed_out()) co_return false;
  names_ = names_of(stream_.native_handle());
  co_return true;
}

// Closed at once, with bytes unread, the connection would be reset, and the other side might never
// see why its certificate is refused.
Task<void> TlsConnection::drop_rest() {
  Error error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  std::array<char, kReadMax> dropped{};
  std::size_t total = 0;
  while (!error && !timed_out() && total < kDropMax)
    total += co_await HttpConnection::read_some(asio::buffer(dropped), error);
}

Task<std::size_t> TlsConnection::read_some(asio::mutable_buffer room, Error& error) {
  co_return co_await stream_.async_read_some(room, redirect_error(use_awaitable, error));
}

Task<std::size_t> TlsConnection::write_some(asio::const_buffer bytes, Error& error) {
  co_return co_await stream_.async_write_some(bytes, redirect_error(use_awaitable, error));
}

// The other side has to see the end of TLS before that of TCP, or it must take it for an attack.
Task<void> TlsConnection::finish(Error& error) {
  co_await stream_.async_shutdown(redirect_error(use_awaitable, error));
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
}

}  // namespace tandem

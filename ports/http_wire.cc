#include "ports/http_wire.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace tandem {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// All bytes a TCP connection has brought, read or not; 0 where that is not known.
std::uint64_t bytes_received(int socket) {
  // tcpi_bytes_received of <linux/tcp.h>, a header that cannot stand beside <netinet/tcp.h>.
  constexpr std::size_t kOffset = 128;
  std::array<char, kOffset + sizeof(std::uint64_t)> info{};
  socklen_t size = info.size();
  std::uint64_t bytes = 0;
  if (socket < 0 || ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, info.data(), &size) != 0) return 0;
  if (size == info.size()) std::memcpy(&bytes, info.data() + kOffset, sizeof bytes);
  return bytes;
}

// Whether a kept connection is fit for one more request: open on both sides, and with nothing that
// nobody asked for. TLS has records of its own that come at any time.
bool is_quiet(int socket, bool tls) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  if (info.tcpi_state != TCP_ESTABLISHED) return false;
  char byte = 0;
  return tls || ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

}  // namespace

void Wire::set_up_tls(asio::ssl::context& context, const std::optional<std::string>& ca_file) {
  SSL_CTX* const raw = context.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_cert_verify_callback(raw, verify, this);
  if (!ca_file) return;
  SSL_CTX_set_cert_store(raw,
                         X509_STORE_new());  // drops the system's CAs, which cpprest has put there
  boost::system::error_code error;
  context.load_verify_file(*ca_file, error);
  if (error) throw UnreadableCaFile();
}

int Wire::verify(X509_STORE_CTX* store, void* wire) {
  const int ok = X509_verify_cert(store);  // runs cpprest's check of the host name as well
  if (ok == 1) return ok;
  const int error = X509_STORE_CTX_get_error(store);
  auto& self = *static_cast<Wire*>(wire);
  const std::lock_guard lock(self.mutex_);
  self.refusal_ = error == X509_V_ERR_UNSPECIFIED ? "host name does not match"
                                                  : X509_verify_cert_error_string(error);
  return ok;
}

void Wire::look_at(tcp::socket& socket, bool tls) {
  if (socket.is_open()) {
    if (!is_quiet(socket.native_handle(), tls)) throw StaleConnection();
  } else {
    boost::system::error_code error;
    socket.open(tcp::v4(), error);
  }
  const std::lock_guard lock(mutex_);
  if (cut_) throw CutConnection();
  watched_ = Descriptor();
  if (socket.is_open()) watched_ = Descriptor(::fcntl(socket.native_handle(), F_DUPFD_CLOEXEC, 0));
  before_ = bytes_received(watched_.get());
}

void Wire::look_away() {
  const std::lock_guard lock(mutex_);
  watched_ = Descriptor();
}

void Wire::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  if (watched_.ok()) ::shutdown(watched_.get(), SHUT_RDWR);
  watched_ = Descriptor();
}

std::uint64_t Wire::received() const {
  const std::lock_guard lock(mutex_);
  const auto now = bytes_received(watched_.get());
  return now > before_ ? now - before_ : 0;
}

std::string Wire::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

}  // namespace tandem

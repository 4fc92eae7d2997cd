#include "ports/http_wire.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "ports/system_authorities.h"

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

// Where a context keeps its Wire; its own place for such data is Asio's.
int wire_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool is_about_certificates(int alert) {
  switch (alert) {
    case SSL3_AD_NO_CERTIFICATE:
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED: return true;
    default: return false;
  }
}

}  // namespace

void Wire::set_up_tls(asio::ssl::context& context, const TlsRules& rules) {
  SSL_CTX* const raw = context.native_handle();
  name_ = rules.name;
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_cert_verify_callback(raw, verify, this);
  SSL_CTX_set_ex_data(raw, wire_index(), this);
  SSL_CTX_set_info_callback(raw, listen);
  boost::system::error_code error;
  if (!rules.certificate.empty()) {
    context.use_certificate_chain_file(rules.certificate, error);
    if (!error) context.use_private_key_file(rules.key, asio::ssl::context::pem, error);
    if (error || SSL_CTX_check_private_key(raw) != 1) throw UnusableIdentity();
  }
  if (!rules.ca_file) return trust_system_authorities(raw);
  SSL_CTX_set_cert_store(raw, X509_STORE_new());  // whatever cpprest has put there
  context.load_verify_file(*rules.ca_file, error);
  if (error) throw UnreadableCaFile();
}

void Wire::listen(const SSL* tls, int where, int value) {
  const bool fatal_alert_read =
      (where & SSL_CB_ALERT) != 0 && (where & SSL_CB_READ) != 0 && (value >> 8) == SSL3_AL_FATAL;
  if (!fatal_alert_read || !is_about_certificates(value & 0xFF)) return;
  auto* const self = static_cast<Wire*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), wire_index()));
  if (self == nullptr) return;
  const std::lock_guard lock(self->mutex_);
  self->rejection_ = SSL_alert_desc_string_long(value);
}

// By the alternative names alone, to the letter: no wildcard, and not the subject.
bool Wire::names_the_other_side(X509_STORE_CTX* store) {
  if (name_.empty()) return true;
  constexpr unsigned kFlags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  X509* const shown = X509_STORE_CTX_get0_cert(store);
  return shown != nullptr &&
         X509_check_host(shown, name_.data(), name_.size(), kFlags, nullptr) == 1;
}

int Wire::verify(X509_STORE_CTX* store, void* wire) {
  auto& self = *static_cast<Wire*>(wire);
  const int ok = X509_verify_cert(store);  // runs cpprest's check of the host name as well
  int error = X509_STORE_CTX_get_error(store);
  const bool named = self.names_the_other_side(store);
  if (ok == 1 && named) return 1;
  if (ok == 1) X509_STORE_CTX_set_error(store, error = X509_V_ERR_HOSTNAME_MISMATCH);
  const std::lock_guard lock(self.mutex_);
  if (error == X509_V_ERR_UNSPECIFIED || error == X509_V_ERR_HOSTNAME_MISMATCH)
    self.refusal_ =
        self.name_.empty() ? "host name does not match" : "it does not name " + self.name_;
  else
    self.refusal_ = X509_verify_cert_error_string(error);
  return 0;
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

std::string Wire::rejection() const {
  const std::lock_guard lock(mutex_);
  return rejection_;
}

}  // namespace tandem

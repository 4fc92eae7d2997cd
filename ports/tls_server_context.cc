#include "ports/tls_server_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

namespace tandem {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

// With forward secrecy and authenticated encryption; TLS 1.3 has no other.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// What tells one state of a file from another; empty: it is no file that can be read to its end.
std::string state_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return "";
  const auto time = [](const timespec& at) {
    return std::to_string(at.tv_sec) + "." + std::to_string(at.tv_nsec);
  };
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" +
         std::to_string(status.st_size) + ":" + time(status.st_mtim) + ":" + time(status.st_ctim);
}

// nullptr: the files are unusable, or do not belong together.
std::shared_ptr<ssl::context> read(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // A session that is taken up again would show no certificate again.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  error_code error;
  if (SSL_CTX_set_cipher_list(raw, kCiphers) != 1) return nullptr;
  context->use_certificate_chain_file(files.certificate, error);
  if (!error) context->use_private_key_file(files.key, ssl::context::pem, error);
  if (!error) context->load_verify_file(files.ca, error);
  if (!error) context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
  const bool good = !error && SSL_CTX_check_private_key(raw) == 1;
  ERR_clear_error();
  return good ? context : nullptr;
}

}  // namespace

std::shared_ptr<ssl::context> TlsServerContext::current() {
  const std::string states[] = {state_of(files_.ca), state_of(files_.certificate),
                                state_of(files_.key)};
  std::string now;
  for (const std::string& state : states) {
    if (state.empty()) return context_;
    now += state + " ";
  }
  if (now == seen_) return context_;
  seen_ = now;
  if (auto context = read(files_)) context_ = std::move(context);
  return context_;
}

}  // namespace tandem

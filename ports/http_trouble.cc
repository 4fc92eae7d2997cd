#include "ports/http_trouble.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string_view>

#include "ports/descriptor.h"

namespace tandem {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kNotConnected = "Failed to connect";
constexpr std::string_view kNoHandshake = "Error in SSL handshake";

struct Wording {
  std::string_view prefix;  // of cpprest's own words
  Fault fault;
  std::string_view sentence;
};

// clang-format off
constexpr Wording kWordings[] = {
    {kNotConnected,                          Fault::unavailable,    "cannot be reached"},
    {"Failed to write request",              Fault::connection_cut, "cut while the request was sent"},
    {"Failed to read HTTP status line",      Fault::connection_cut, "cut before the answer"},
    {"Retrieving message chunk header",      Fault::connection_cut, "cut within the answer"},
    {"Failed to read chunked response part", Fault::connection_cut, "cut within the answer"},
    {"Failed to read response body",         Fault::connection_cut, "cut within the answer"},
    {"Invalid HTTP status line",             Fault::invalid,        "the answer is no HTTP"},
    {"Invalid chunked response header",      Fault::invalid,        "the answer is no HTTP"},
};
// clang-format on

// The code of a failed handshake is OpenSSL's, or the system's where the peer just went away.
Error handshake_error(unsigned long code, const std::string& refusal) {
  if (ERR_GET_LIB(code) != ERR_LIB_SSL)
    return {Fault::connection_cut, "cut during the TLS handshake"};
  if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return {Fault::bad_certificate, "the certificate is refused: " + refusal};
  const char* const reason = ERR_reason_error_string(code);
  return {Fault::bad_certificate,
          "no TLS with it: " + std::string(reason != nullptr ? reason : "unknown reason")};
}

Error library_error(const Trouble& trouble, const std::string& refusal) {
  if (trouble.text.starts_with(kNoHandshake))
    return handshake_error(static_cast<unsigned long>(trouble.code), refusal);
  for (const auto& wording : kWordings)
    if (trouble.text.starts_with(wording.prefix))
      return {wording.fault, std::string(wording.sentence)};
  return {Fault::invalid, "the exchange failed"};
}

// The error of an attempt to connect: 0 once it succeeded, EINPROGRESS while it goes on.
int connect_error(int socket) {
  pollfd state{socket, POLLOUT, 0};
  if (::poll(&state, 1, 0) != 1) return EINPROGRESS;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

std::optional<Error> connect_verdict(int error) {
  switch (error) {
    case 0:
    case ECONNREFUSED: return Error{Fault::connection_refused, "nobody listens there"};
    // Nothing has left this host: it tells nothing of the other one.
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EACCES:
    case EPERM:
      return Error{Fault::not_sent, std::string("it can not be asked from here: ") +
                                        boost::system::system_category().message(error)};
    default: return std::nullopt;
  }
}

// The headers that cpprest and the connection need for themselves.
const std::set<std::string, IgnoreCase> kOwnHeaders{
    "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "TE", "Upgrade"};

bool is_token(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7F' && std::strchr("\"(),/:;<=>?@[\\]{}", c) == nullptr;
  });
}

}  // namespace

Error explain(const Trouble& trouble, const HttpRequest& request, const std::string& refusal) {
  switch (trouble.kind) {
    case Trouble::Kind::library: return library_error(trouble, refusal);
    case Trouble::Kind::no_address: return {Fault::unavailable, "the name does not resolve"};
    case Trouble::Kind::stale: return {Fault::connection_cut, "cut before the request"};
    case Trouble::Kind::ca_file: return {Fault::invalid, "the file of CA certificates is unusable"};
    case Trouble::Kind::identity:
      return {Fault::invalid, "our own certificate or its key is unusable"};
    case Trouble::Kind::too_large:
      return {Fault::too_large,
              "the answer is larger than " + std::to_string(request.body_max) + " bytes"};
    case Trouble::Kind::no_http: return {Fault::invalid, "the answer is no HTTP"};
    case Trouble::Kind::timed_out:
      return {Fault::timed_out,
              "no answer within " + std::to_string(request.deadline.count()) + " ms"};
    case Trouble::Kind::cancelled: return {Fault::cancelled, "cancelled"};
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

Status check(const HttpRequest& request, const Url& url) {
  if (!is_token(request.method)) return Error{Fault::invalid, "the method is not a word"};
  // cpprest would take what follows for a host.
  if (url.path.starts_with("//")) return Error{Fault::invalid, "the path begins with two slashes"};
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || value.find_first_of(std::string("\0\r\n", 3)) != std::string::npos)
      return Error{Fault::invalid, "a header is malformed"};
    if (kOwnHeaders.contains(name))
      return Error{Fault::invalid, "header " + name + " is not the caller's"};
  }
  return success();
}

bool did_not_connect(const Trouble& trouble) {
  return trouble.kind == Trouble::Kind::library && trouble.text.starts_with(kNotConnected);
}

Task<std::optional<Error>> connect_again(tcp::endpoint peer,
                                         std::chrono::steady_clock::time_point deadline) {
  const Descriptor socket(
      ::socket(peer.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.ok()) co_return std::nullopt;
  int state =
      ::connect(socket.get(), peer.data(), static_cast<socklen_t>(peer.size())) == 0 ? 0 : errno;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  boost::system::error_code ignored;
  while (state == EINPROGRESS && std::chrono::steady_clock::now() < deadline) {
    timer.expires_after(10ms);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    state = connect_error(socket.get());
  }
  co_return connect_verdict(state);
}

}  // namespace tandem

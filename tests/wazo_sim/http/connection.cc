#include "tests/wazo_sim/http/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>

namespace tandem::wazo_sim {
namespace http = boost::beast::http;

namespace {

constexpr int kIdleMillisecondsMax = 60'000;
constexpr std::size_t kEndlessMax = std::size_t{1} << 30U;  // "endless" for any sane client
constexpr std::size_t kDrainedMax = 64U * 1024 * 1024;
constexpr std::size_t kChunksPerBody = 3;
constexpr std::size_t kChunkMax = 4096;

using Parser = http::request_parser<http::string_body>;

void copy(const Parser::value_type& message, Request& request) {
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.body = message.body();
  for (const auto& field : message)
    request.headers.emplace(lower_case(std::string(field.name_string())),
                            std::string(field.value()));
  parse_target(request);
}

std::string chunk(std::string_view data) {
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return size.data() + std::string(data) + "\r\n";
}

// In several pieces whatever the length: a client that takes the first chunk for all is found out.
std::string in_chunks(std::string_view body) {
  const std::size_t piece = std::clamp<std::size_t>(body.size() / kChunksPerBody, 1, kChunkMax);
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += piece) out += chunk(body.substr(at, piece));
  return out + "0\r\n\r\n";
}

bool may_have_body(int status) { return status != 204 && status != 304 && status >= 200; }

}  // namespace

Channel::Read Channel::read(Request& request) {
  Parser parser;
  parser.eager(true);
  parser.body_limit(body_max_);
  bool continued = false;
  for (;;) {
    boost::system::error_code error;
    const auto used = parser.put(boost::asio::buffer(received_), error);
    received_.erase(0, used);
    if (error == http::error::body_limit) return Read::too_large;
    if (error && error != http::error::need_more) return Read::bad_request;
    if (parser.is_done()) break;
    if (parser.is_header_done() && !continued &&
        lower_case(std::string(parser.get()[http::field::expect])) == "100-continue") {
      continued = true;
      if (!write("HTTP/1.1 100 Continue\r\n\r\n")) return Read::closed;
    }
    if ((error || received_.empty()) && !receive()) return Read::closed;
  }
  keep_alive_ = parser.get().keep_alive();
  old_client_ = parser.get().version() < 11;
  copy(parser.get(), request);
  return Read::request;
}

bool Channel::send(const Request& request, const Reply& reply) {
  if (reply.delay.count() > 0 && !wait(reply.delay)) return false;
  if (reply.delivery == Delivery::nothing) return false;

  const Response& response = reply.response;
  const auto reason = http::obsolete_reason(http::int_to_status(unsigned(response.status)));
  std::string head =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason) + "\r\n";
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  const bool body = may_have_body(response.status);
  const bool chunks = body && response.chunked && !old_client_ && request.method != "HEAD";
  if (chunks || reply.delivery == Delivery::endless) head += "Transfer-Encoding: chunked\r\n";
  if (body && !response.chunked && reply.delivery != Delivery::endless)
    head += (response.lower_case ? "content-length: " : "Content-Length: ") +
            std::to_string(response.body.size()) + "\r\n";
  if (response.chunked && old_client_) keep_alive_ = false;
  if (!keep_alive_) head += "Connection: close\r\n";
  head += "\r\n";
  if (reply.delivery == Delivery::endless) return send_endless(head);

  std::string bytes = head;
  if (body && request.method != "HEAD") bytes += chunks ? in_chunks(response.body) : response.body;
  switch (reply.delivery) {
    case Delivery::cut_headers:
      write(std::string_view(bytes).substr(0, head.size() / 2));
      return false;
    case Delivery::cut_body:
      write(std::string_view(bytes).substr(0, head.size() + (bytes.size() - head.size()) / 2));
      return false;
    case Delivery::dribble:
      for (const char& byte : bytes)
        if (!write({&byte, 1}) || !wait(reply.pace)) return false;
      return keep_alive_;
    default: return write(bytes) && keep_alive_;
  }
}

void Channel::drain() {
  ::shutdown(socket_, SHUT_WR);
  for (std::size_t left = kDrainedMax; left > 0 && receive();) {
    left -= std::min(left, received_.size());
    received_.clear();
  }
}

bool Channel::receive() {
  pollfd ready{socket_, POLLIN, 0};
  if (::poll(&ready, 1, kIdleMillisecondsMax) <= 0) return false;
  std::array<char, 16384> piece;
  const auto got = ::recv(socket_, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  received_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

bool Channel::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// A pause that a peer which goes away ends early.
bool Channel::wait(std::chrono::milliseconds time) {
  pollfd gone{socket_, POLLRDHUP, 0};
  return ::poll(&gone, 1, static_cast<int>(time.count())) == 0;
}

bool Channel::send_endless(const std::string& head) {
  if (!write(head)) return false;
  const std::string piece = chunk(std::string(65536, 'x'));
  for (std::size_t sent = 0; sent < kEndlessMax; sent += piece.size())
    if (!write(piece)) return false;
  return false;
}

}  // namespace tandem::wazo_sim

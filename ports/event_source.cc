#include "ports/event_source.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace tandem {
namespace {

constexpr std::size_t kRefusalShown = 500;  // bytes of what a refusal says

Result<sockaddr_in> socket_address(const std::string& address) {
  const auto colon = std::min(address.rfind(':'), address.size());
  const std::string digits = address.substr(std::min(colon + 1, address.size()));
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(port);
  const bool host = inet_pton(AF_INET, address.substr(0, colon).c_str(), &made.sin_addr) == 1;
  if (!host || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
    return Error{Fault::invalid, fmt::format("'{}' must be IPV4:PORT", address)};
  return made;
}

std::string refusal(const std::string& status_line, const std::string& body) {
  return fmt::format("the operator answered '{}' instead of a stream: {}", status_line,
                     body.substr(0, kRefusalShown));
}

}  // namespace

// As HTTP/1.0, whose answers end with the connection and have no chunks.
Status EventSource::open() {
  const auto to = socket_address(address_);
  if (!to.ok()) return to.error();
  socket_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval silence{kSilenceMax.count(), 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to.value()), sizeof to.value()) !=
      0)
    return Error{errno == ECONNREFUSED ? Fault::connection_refused : Fault::unavailable,
                 fmt::format("{}: {}", address_, std::strerror(errno))};
  const std::string request = fmt::format(
      "GET {} HTTP/1.0\r\nHost: {}\r\nAccept: text/event-stream\r\n\r\n", path_, address_);
  if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    return Error{Fault::connection_cut, fmt::format("{}: {}", address_, std::strerror(errno))};
  const auto status = line();
  if (!status.ok()) return status.error();
  for (bool head = true; head;) {
    const auto header = line();
    if (!header.ok()) return header.error();
    head = !header.value().empty();
  }
  if (status.value().find(" 200 ") != std::string::npos) return success();
  while (buffer_.size() < kRefusalShown && read_more().ok()) {
  }
  return Error{Fault::invalid, refusal(status.value(), buffer_)};
}

Status EventSource::read_more() {
  std::array<char, 16'384> bytes{};
  const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (got > 0) {
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    if (buffer_.size() <= kEventMax) return success();
    return Error{Fault::too_large, fmt::format("{} sends an event without an end", address_)};
  }
  const bool silent = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (silent) return Error{Fault::timed_out, fmt::format("{} says nothing any more", address_)};
  return Error{Fault::connection_cut, fmt::format("{} ended the stream", address_)};
}

// Without its end, of LF or CR LF.
Result<std::string> EventSource::line() {
  std::size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    const Status more = read_more();
    if (!more.ok()) return more.error();
  }
  std::string text = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text;
}

Result<SentEvent> EventSource::next() {
  if (!socket_.ok()) {
    const Status opened = open();
    if (!opened.ok()) {
      socket_ = Descriptor();
      return opened.error();
    }
  }
  SentEvent event;
  for (;;) {
    auto text = line();
    if (!text.ok()) return text.error();
    const std::string& read = text.value();
    if (read.empty() && !event.data.empty()) return event;
    const auto colon = std::min(read.find(": "), read.size());
    const std::string name = read.substr(0, colon);
    const std::string value = colon < read.size() ? read.substr(colon + 2) : "";
    if (name == "id") event.id = value;
    if (name == "event") event.kind = value;
    if (name == "data") event.data += (event.data.empty() ? "" : "\n") + value;
  }
}

}  // namespace tandem

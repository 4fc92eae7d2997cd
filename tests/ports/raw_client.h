// A client for tests of the web server: one blocking socket, every byte as the test wants it.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "ports/descriptor.h"

namespace tandem {

class RawClient {
 public:
  // `room`: the bytes that the kernel keeps for us; 0: as it likes.
  explicit RawClient(std::uint16_t port, int room = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{30, 0};  // a test that waits for what never comes must end
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (room > 0) ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    connected_ =
        ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Header and body of the next answer; what there is if the connection ends before.
  std::string answer(bool with_body = true) {
    auto end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!read_more()) return std::move(buffer_);
    auto size = end + 4;
    const auto length = buffer_.find("Content-Length: ");
    if (with_body && length < end) size += std::stoul(buffer_.substr(length + 16));
    while (buffer_.size() < size)
      if (!read_more()) return std::move(buffer_);
    auto result = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return result;
  }

  // What came up to and with `end`; all there is where the connection ends before.
  std::string until(const std::string& end) {
    std::size_t at = 0;
    while ((at = buffer_.find(end)) == std::string::npos)
      if (!read_more()) return std::move(buffer_);
    auto result = buffer_.substr(0, at + end.size());
    buffer_.erase(0, result.size());
    return result;
  }

  // Keeps what has come for the other calls, without waiting.
  void take_some() { read_more(MSG_DONTWAIT); }

  // Everything until the server ends the connection.
  std::string rest() {
    while (read_more()) {
    }
    return std::move(buffer_);
  }

  // Sends and reads until the end: for requests that are answered with "Connection: close".
  std::string exchange(std::string_view bytes) {
    send(bytes);
    return rest();
  }

 private:
  bool read_more(int flags = 0) {
    std::array<char, 16'384> bytes{};
    const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), flags);
    if (got > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  Descriptor socket_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace tandem

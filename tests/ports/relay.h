// Carries connections of this host to a server as if they came from another of its loopback
// addresses: libpq can not choose the address that it connects from.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

namespace tandem {

class Relay {
 public:
  // One connection at a time, each until either side ends it.
  Relay(std::string source, std::string target, int port)
      : source_(std::move(source)), target_(std::move(target)), port_(port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where = address("127.0.0.1", 0);
    socklen_t size = sizeof where;
    auto* any = reinterpret_cast<sockaddr*>(&where);
    if (bind(listener_, any, size) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, any, &size) != 0)
      throw std::runtime_error("the relay can not listen");
    own_port_ = ntohs(where.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  int port() const { return own_port_; }

 private:
  static sockaddr_in address(const std::string& ip, int port) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, ip.c_str(), &where.sin_addr);
    return where;
  }

  void accept_all() {
    for (int client = accept(listener_, nullptr, nullptr); client >= 0;
         client = accept(listener_, nullptr, nullptr)) {
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in from = address(source_, 0), to = address(target_, port_);
      if (bind(server, reinterpret_cast<sockaddr*>(&from), sizeof from) == 0 &&
          connect(server, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0)
        carry(client, server);
      close(server);
      close(client);
    }
  }

  static void carry(int client, int server) {
    std::array<char, 4096> bytes{};
    for (;;) {
      std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
      if (poll(ends.data(), ends.size(), 30'000) <= 0) return;
      for (int i = 0; i < 2; ++i) {
        if (ends[static_cast<std::size_t>(i)].revents == 0) continue;
        const auto size = read(i == 0 ? client : server, bytes.data(), bytes.size());
        if (size <= 0) return;
        if (send(i == 0 ? server : client, bytes.data(), static_cast<std::size_t>(size),
                 MSG_NOSIGNAL) != size)
          return;
      }
    }
  }

  std::string source_, target_;
  int port_;
  int listener_ = -1;
  int own_port_ = 0;
  std::thread thread_;
};

}  // namespace tandem

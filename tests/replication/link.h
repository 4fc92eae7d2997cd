// Carries connections to a server, any number of them, until the link is cut: then nothing passes
// any more and nobody is told, as when a cable is pulled; or it breaks, and both ends are told.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tandem {

class Link {
 public:
  explicit Link(int port) : port_(port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where = loopback(0);
    socklen_t size = sizeof where;
    auto* any = reinterpret_cast<sockaddr*>(&where);
    if (bind(listener_, any, size) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, any, &size) != 0)
      throw std::runtime_error("the link can not listen");
    own_port_ = ntohs(where.sin_port);
    thread_ = std::thread([this] { carry_all(); });
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    ended_ = true;
    thread_.join();
    break_off();
    close(listener_);
  }

  int port() const { return own_port_; }
  // Nothing passes any more, in silence.
  void cut() { cut_ = true; }
  // Both ends see the end of every connection; new ones are carried again.
  void mend() {
    broken_ = true;
    while (broken_) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    cut_ = false;
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Pair {
    int client, server;
  };

  static sockaddr_in loopback(int port) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return where;
  }

  void accept_one() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to = loopback(port_);
    if (connect(server, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
      pairs_.push_back({client, server});
      return;
    }
    close(server);
    close(client);
  }

  bool pass(int from, int to) {
    std::array<char, 65536> bytes{};
    const auto size = recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN;
    if (size == 0) return false;
    bytes_ += static_cast<std::uint64_t>(size);
    return send(to, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
  }

  void break_off() {
    for (const auto& [client, server] : pairs_) {
      close(client);
      close(server);
    }
    pairs_.clear();
  }

  void carry_all() {
    while (!ended_) {
      if (broken_) {
        break_off();
        broken_ = false;
      }
      std::vector<pollfd> ends{{listener_, POLLIN, 0}};
      for (const auto& [client, server] : pairs_) {
        ends.push_back({client, POLLIN, 0});
        ends.push_back({server, POLLIN, 0});
      }
      if (cut_) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        continue;
      }
      if (poll(ends.data(), ends.size(), 10) <= 0) continue;
      for (std::size_t i = pairs_.size(); i-- > 0;) {
        const auto [client, server] = pairs_[i];
        bool lives = true;
        if (ends[1 + 2 * i].revents != 0) lives = pass(client, server);
        if (lives && ends[2 + 2 * i].revents != 0) lives = pass(server, client);
        if (lives) continue;
        close(client);
        close(server);
        pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(i));
      }
      if (ends[0].revents != 0) accept_one();
    }
  }

  int port_;
  int listener_ = -1;
  int own_port_ = 0;
  std::vector<Pair> pairs_;
  std::atomic<bool> cut_ = false, broken_ = false, ended_ = false;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::thread thread_;
};

}  // namespace tandem

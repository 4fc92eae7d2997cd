// Carries connections to a server, any number of them, until the link is cut: then nothing passes
// any more and nobody is told, as when a cable is pulled: not even the kernels at its ends answer
// each other. Or it breaks, and both ends are told.
#pragma once

#include <arpa/inet.h>
#include <linux/filter.h>
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

  // What comes to this socket is dropped before TCP sees it.
  static void make_deaf(int socket) {
    sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    sock_fprog program{1, &drop};
    setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  }

  void fall_silent() {
    deaf_ = true;
    make_deaf(listener_);
    for (const auto& [client, server] : pairs_) {
      make_deaf(client);
      make_deaf(server);
    }
  }

  void hear_again() {
    const int nothing = 0;
    setsockopt(listener_, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof nothing);
    deaf_ = false;
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
        hear_again();
        cut_ = false;
        broken_ = false;
      }
      std::vector<pollfd> ends{{listener_, POLLIN, 0}};
      for (const auto& [client, server] : pairs_) {
        ends.push_back({client, POLLIN, 0});
        ends.push_back({server, POLLIN, 0});
      }
      if (cut_) {
        if (!deaf_) fall_silent();
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
  bool deaf_ = false;  // of the thread's own, as are the pairs
  std::atomic<bool> cut_ = false, broken_ = false, ended_ = false;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::thread thread_;
};

}  // namespace tandem

// A small HTTP/1.1 server: one port, a thread for each connection.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "tests/wazo_sim/http/message.h"

namespace tandem::wazo_sim {

// Owns the port from construction to destruction, also while it is closed: then a client is
// refused, and nobody else can take the port meanwhile.
class Server {
 public:
  using Handler = std::function<Reply(const Request&)>;

  static constexpr std::size_t kConnectionsMax = 64;         // more are closed at once
  static constexpr std::size_t kBodyMax = 4U * 1024 * 1024;  // a longer one is answered with 413

  // Port 0 takes any free one. Throws std::system_error when the address cannot be had.
  // `handler` is called from several threads at once.
  Server(std::string address, std::uint16_t port, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void open();
  // Ends every connection and waits for its thread: not to be called from a handler of this server.
  void close();
  bool is_open() const { return listener_ >= 0; }
  std::uint16_t port() const { return port_; }

 private:
  struct Connection {
    int socket = -1;  // -1 once the thread is done with it; guarded by connections_mutex_
    std::thread thread;
  };

  void accept_all(int listener);
  void serve(Connection& connection, std::string remote);
  void reap(bool all);

  const std::string address_;
  const Handler handler_;
  std::uint16_t port_;
  int reservation_ = -1;
  int listener_ = -1;
  std::thread acceptor_;
  std::mutex connections_mutex_;
  std::list<Connection> connections_;
};

}  // namespace tandem::wazo_sim

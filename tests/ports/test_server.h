// A server for tests of the HTTP client: blocking sockets on threads, and the script of a test
// decides about every byte that is sent, and when the connection ends.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/ports/test_certificates.h"

namespace tandem {

// One accepted connection. Its calls end at once when the server is destroyed.
class Peer {
 public:
  Peer(int socket, SSL_CTX* tls);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  bool handshake();

  // One request with its body, as it came; empty at the end of the connection.
  std::string read_request();
  // false: the client has gone.
  bool write(std::string_view bytes);
  // Repeats `bytes` with a pause in between until the client has gone.
  void drip(std::string_view bytes, std::chrono::milliseconds pause);
  // Returns when the client has gone; what it still sends is dropped.
  void wait_for_end();
  // Ends the connection with an RST instead of a FIN.
  void reset();
  // Another thread may interrupt what this one waits for.
  void interrupt();

 private:
  bool read_more();

  int socket_;
  SSL* ssl_ = nullptr;
  std::string buffer_;
};

class TestServer {
 public:
  using Script = std::function<void(Peer&)>;

  // Listens on a free port of 127.0.0.1 and runs `script` once for each connection.
  explicit TestServer(Script script, std::optional<TlsIdentity> tls = std::nullopt);
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  std::uint16_t port() const { return port_; }
  // "http://127.0.0.1:PORT" or "https://HOST:PORT".
  std::string origin(const std::string& host = "127.0.0.1") const;
  int connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int socket);

  Script script_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, SSL_CTX_free};
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  bool stopping_ = false;
  std::list<Peer*> peers_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

// A port of 127.0.0.1 where new connections are neither accepted nor refused.
class FullListener {
 public:
  FullListener();
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  ~FullListener();

  std::uint16_t port() const { return port_; }

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

// Answers every request of a connection with `answer`.
TestServer::Script answering(std::string answer);
// "HTTP/1.1 200 OK" with this body and its length.
std::string ok_answer(const std::string& body);

// A port of 127.0.0.1 where nobody listens.
std::uint16_t free_port();
// How many threads and how many descriptors this process has.
int thread_count();
int descriptor_count();

}  // namespace tandem

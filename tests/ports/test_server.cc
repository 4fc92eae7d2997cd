#include "tests/ports/test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tandem {

namespace {

// A socket on a free port of 127.0.0.1.
std::pair<int, std::uint16_t> bind_free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket, generic, size) != 0 || ::getsockname(socket, generic, &size) != 0)
    throw std::runtime_error("no free port");
  return {socket, ntohs(address.sin_port)};
}

std::size_t content_length(const std::string& header) {
  const auto at = header.find("Content-Length:");
  return at == std::string::npos ? 0 : std::stoul(header.substr(at + 15));
}

}  // namespace

Peer::Peer(int socket, SSL_CTX* tls) : socket_(socket) {
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  SSL_set_fd(ssl_, socket_);
}

Peer::~Peer() {
  if (ssl_ != nullptr) {
    SSL_shutdown(ssl_);
    SSL_free(ssl_);
  }
  ::close(socket_);
}

bool Peer::handshake() { return ssl_ == nullptr || SSL_accept(ssl_) == 1; }

bool Peer::read_more() {
  std::array<char, 4096> bytes{};
  const auto got = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), bytes.size())
                                   : ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

std::string Peer::read_request() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!read_more()) return {};
  const auto size = end + 4 + content_length(buffer_.substr(0, end));
  while (buffer_.size() < size)
    if (!read_more()) return {};
  auto request = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return request;
}

bool Peer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ != nullptr
                          ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Peer::drip(std::string_view bytes, std::chrono::milliseconds pause) {
  while (write(bytes)) {
    pollfd state{socket_, POLLIN, 0};
    // A client that sends more while it waits for an answer has closed the connection.
    if (::poll(&state, 1, static_cast<int>(pause.count())) > 0) return;
  }
}

void Peer::wait_for_end() {
  while (read_more()) buffer_.clear();
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Peer::interrupt() { ::shutdown(socket_, SHUT_RDWR); }

TestServer::TestServer(Script script, std::optional<TlsIdentity> tls) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write cannot be told otherwise
  if (tls) tls_.reset(make_server_context(*tls));
  std::tie(listener_, port_) = bind_free_port();
  if (::listen(listener_, SOMAXCONN) != 0) throw std::runtime_error("cannot listen");
  acceptor_ = std::thread([this] { accept_all(); });
}

TestServer::~TestServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto* const peer : peers_) peer->interrupt();
  }
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
}

std::string TestServer::origin(const std::string& host) const {
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
}

void TestServer::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void TestServer::serve(int socket) {
  Peer peer(socket, tls_.get());
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    peers_.push_back(&peer);
  }
  if (peer.handshake()) script_(peer);
  const std::lock_guard lock(mutex_);
  peers_.remove(&peer);
}

FullListener::FullListener() {
  int listener = -1;
  std::tie(listener, port_) = bind_free_port();
  ::listen(listener, 0);
  sockets_.push_back(listener);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 4; ++i) {
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(sockets_.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
}

FullListener::~FullListener() {
  for (const int socket : sockets_) ::close(socket);
}

TestServer::Script answering(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    while (!peer.read_request().empty() && peer.write(answer)) {
    }
  };
}

std::string ok_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::uint16_t free_port() {
  const auto [socket, port] = bind_free_port();
  ::close(socket);
  return port;
}

int thread_count() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  return 0;
}

int descriptor_count() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<int>(std::distance(begin(all), end(all)));
}

}  // namespace tandem

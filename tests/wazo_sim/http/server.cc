#include "tests/wazo_sim/http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <system_error>

#include "tests/wazo_sim/http/connection.h"

namespace tandem::wazo_sim {
namespace {

constexpr int kBacklog = 64;

sockaddr_in address_of(const std::string& text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1)
    throw std::system_error(EINVAL, std::generic_category(), "not an IPv4 address: " + text);
  return address;
}

void set(int socket, int level, int option) {
  const int on = 1;
  ::setsockopt(socket, level, option, &on, sizeof on);
}

// A socket that is bound but does not listen, or -1 with errno set.
int try_to_bind(const std::string& address, std::uint16_t port,
                std::initializer_list<int> options) {
  const sockaddr_in where = address_of(address, port);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  for (const int option : options) set(socket, SOL_SOCKET, option);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0) return socket;
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

[[noreturn]] void refuse(const std::string& address, std::uint16_t port) {
  throw std::system_error(errno, std::generic_category(),
                          "cannot use " + address + ":" + std::to_string(port));
}

// Without SO_REUSEADDR nobody else can bind the port as well. With it, as the second try, the port
// can be had while connections of an earlier run linger.
int reserve(const std::string& address, std::uint16_t port) {
  int socket = try_to_bind(address, port, {});
  if (socket < 0 && errno == EADDRINUSE) socket = try_to_bind(address, port, {SO_REUSEADDR});
  if (socket < 0) refuse(address, port);
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

std::string text_of(const sockaddr_in& peer) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &peer.sin_addr, text.data(), text.size());
  return text.data();
}

Reply refusal(int status) {
  Reply reply;
  reply.response.status = status;
  reply.response.with("Content-Type", "text/plain");
  return reply;
}

}  // namespace

Server::Server(std::string address, std::uint16_t port, Handler handler)
    : address_(std::move(address)),
      handler_(std::move(handler)),
      port_(port),
      reservation_(reserve(address_, port)) {
  port_ = port_of(reservation_);
  // Only now: while binding, the port must be found to be nobody else's.
  set(reservation_, SOL_SOCKET, SO_REUSEPORT);
}

Server::~Server() {
  close();
  ::close(reservation_);
}

void Server::open() {
  if (is_open()) return;
  const int listener = try_to_bind(address_, port_, {SO_REUSEADDR, SO_REUSEPORT});
  if (listener < 0 || ::listen(listener, kBacklog) != 0) {
    if (listener >= 0) ::close(listener);
    refuse(address_, port_);
  }
  listener_ = listener;
  acceptor_ = std::thread([this, listener] { accept_all(listener); });
}

void Server::close() {
  if (!is_open()) return;
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
  acceptor_.join();
  ::close(listener_);
  listener_ = -1;
  reap(true);
}

void Server::accept_all(int listener) {
  for (;;) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const int socket = ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC);
    if (socket < 0 && (errno == ECONNABORTED || errno == EINTR || errno == EMFILE)) continue;
    if (socket < 0) return;
    reap(false);
    const std::lock_guard lock(connections_mutex_);
    if (connections_.size() >= kConnectionsMax) {
      ::close(socket);
      continue;
    }
    set(socket, IPPROTO_TCP, TCP_NODELAY);
    Connection& connection = connections_.emplace_back();
    connection.socket = socket;
    connection.thread = std::thread([this, &connection, remote = text_of(peer)] {
      serve(connection, remote);
      const std::lock_guard closing(connections_mutex_);
      ::close(connection.socket);
      connection.socket = -1;
    });
  }
}

void Server::serve(Connection& connection, std::string remote) {
  Channel channel(connection.socket, kBodyMax);
  for (;;) {
    Request request;
    request.remote_address = remote;
    switch (channel.read(request)) {
      case Channel::Read::request: break;
      case Channel::Read::closed: return;
      case Channel::Read::too_large:
        channel.send(request, refusal(413));
        channel.drain();
        return;
      case Channel::Read::bad_request: channel.send(request, refusal(400)); return;
    }
    if (!channel.send(request, handler_(request))) return;
  }
}

void Server::reap(bool all) {
  std::list<Connection> ended;
  {
    const std::lock_guard lock(connections_mutex_);
    for (auto at = connections_.begin(); at != connections_.end();) {
      const auto next = std::next(at);
      if (all && at->socket >= 0) ::shutdown(at->socket, SHUT_RDWR);
      if (all || at->socket < 0) ended.splice(ended.end(), connections_, at);
      at = next;
    }
  }
  for (Connection& connection : ended) connection.thread.join();
}

}  // namespace tandem::wazo_sim

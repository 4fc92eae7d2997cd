#include "ports/real_reachability.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "ports/descriptor.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;
using Socket = asio::posix::stream_descriptor;

constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;

// False: the time is over.
Task<bool> until_ready(Socket& socket, Socket::wait_type what, steady_clock::time_point deadline) {
  asio::steady_timer timer(socket.get_executor(), deadline);
  const auto armed = std::make_shared<bool>(true);
  timer.async_wait([armed, &socket](const boost::system::error_code& error) {
    if (error || !*armed) return;
    boost::system::error_code ignored;
    socket.cancel(ignored);
  });
  boost::system::error_code error;
  co_await socket.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  *armed = false;
  co_return !error;
}

Error trouble(const std::string& address, const char* act, int error) {
  if (error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN || error == EADDRNOTAVAIL)
    return Error{Fault::unavailable, address + ": no route to it: " + std::strerror(error)};
  if (error == ECONNREFUSED)
    return Error{Fault::connection_refused, address + ": nobody listens there"};
  if (error == ETIMEDOUT) return Error{Fault::timed_out, address + ": it does not answer"};
  if (error == ECONNRESET || error == EPIPE)
    return Error{Fault::connection_cut, address + ": it closed the connection"};
  return system_error(address, act, error);
}

Error silent(const std::string& address, std::chrono::milliseconds deadline) {
  return Error{Fault::timed_out,
               address + ": no answer within " + std::to_string(deadline.count()) + " ms"};
}

std::optional<sockaddr_in> address_of(const std::string& text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) return std::nullopt;
  return address;
}

int connect_to(const Descriptor& socket, const sockaddr_in& address) {
  const auto* plain = reinterpret_cast<const sockaddr*>(&address);
  return connect(socket.get(), plain, sizeof address) == 0 ? 0 : errno;
}

std::uint16_t checksum_of(const icmphdr& echo) {
  std::array<std::uint16_t, sizeof echo / 2> words{};
  std::memcpy(words.data(), &echo, sizeof echo);
  std::uint32_t sum = 0;
  for (const std::uint16_t word : words) sum += word;
  sum = (sum >> 16U) + (sum & 0xFFFFU);
  sum += sum >> 16U;
  return static_cast<std::uint16_t>(~sum);
}

struct EchoSocket {
  Descriptor socket;
  bool raw = false;
};

// A ping socket is for those groups that net.ipv4.ping_group_range names, by default for none.
Result<EchoSocket> open_echo(const std::string& address) {
  Descriptor ping(socket(AF_INET, SOCK_DGRAM | kFlags, IPPROTO_ICMP));
  if (ping.ok()) return EchoSocket{std::move(ping), false};
  Descriptor raw(socket(AF_INET, SOCK_RAW | kFlags, IPPROTO_ICMP));
  if (raw.ok()) return EchoSocket{std::move(raw), true};
  if (errno != EPERM && errno != EACCES) return system_error(address, "send an echo", errno);
  return Error{Fault::denied,
               address +
                   ": this process may send no ICMP echo; it wants CAP_NET_RAW (the unit's "
                   "CapabilityBoundingSet, or cap_add NET_RAW of the container)"};
}

// A raw socket sees every ICMP message that comes in; the kernel puts its own identifier into those
// of a ping socket.
bool answers(const char* bytes, std::size_t size, const icmphdr& sent, bool raw) {
  if (raw) {
    if (size < sizeof(iphdr)) return false;
    const std::size_t header = (static_cast<unsigned char>(bytes[0]) & 0xFU) * 4U;
    if (size < header) return false;
    bytes += header;
    size -= header;
  }
  icmphdr got{};
  if (size < sizeof got) return false;
  std::memcpy(&got, bytes, sizeof got);
  return got.type == ICMP_ECHOREPLY && got.un.echo.sequence == sent.un.echo.sequence &&
         (!raw || got.un.echo.id == sent.un.echo.id);
}

icmphdr next_echo() {
  static std::uint16_t sequence = 0;
  icmphdr echo{};
  echo.type = ICMP_ECHO;
  echo.un.echo.id = htons(static_cast<std::uint16_t>(getpid() & 0xFFFF));
  echo.un.echo.sequence = htons(++sequence);
  echo.checksum = checksum_of(echo);
  return echo;
}

}  // namespace

Task<Result<std::chrono::nanoseconds>> RealReachability::ping(std::string address,
                                                              std::chrono::milliseconds deadline) {
  const auto to = address_of(address, 0);
  if (!to) co_return Error{Fault::invalid, address + ": it is no IPv4 address"};
  auto opened = open_echo(address);
  if (!opened.ok()) co_return opened.error();
  const bool raw = opened.value().raw;
  if (const int error = connect_to(opened.value().socket, *to); error != 0)
    co_return trouble(address, "send an echo", error);
  Socket socket(co_await asio::this_coro::executor, opened.value().socket.release());

  const auto begin = steady_clock::now();
  const icmphdr echo = next_echo();
  if (send(socket.native_handle(), &echo, sizeof echo, MSG_NOSIGNAL) < 0)
    co_return trouble(address, "send an echo", errno);
  while (co_await until_ready(socket, Socket::wait_read, begin + deadline)) {
    std::array<char, 1024> buffer{};
    const auto size = recv(socket.native_handle(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno != EAGAIN && errno != EINTR)
      co_return trouble(address, "send an echo", errno);
    if (size > 0 && answers(buffer.data(), static_cast<std::size_t>(size), echo, raw))
      co_return std::chrono::nanoseconds(steady_clock::now() - begin);
  }
  co_return silent(address, deadline);
}

Task<Result<std::string>> RealReachability::greet(Greeting greeting) {
  const std::string where = greeting.address + ":" + std::to_string(greeting.port);
  const auto to = address_of(greeting.address, greeting.port);
  if (!to) co_return Error{Fault::invalid, where + ": it is no IPv4 address"};
  Descriptor opened(::socket(AF_INET, SOCK_STREAM | kFlags, 0));
  if (!opened.ok()) co_return trouble(where, "connect", errno);
  if (const int error = connect_to(opened, *to); error != 0 && error != EINPROGRESS)
    co_return trouble(where, "connect", error);
  Socket socket(co_await asio::this_coro::executor, opened.release());

  const auto deadline = steady_clock::now() + greeting.deadline;
  if (!co_await until_ready(socket, Socket::wait_write, deadline))
    co_return silent(where, greeting.deadline);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) co_return trouble(where, "connect", error);
  // So few bytes always fit into the buffer of a new connection.
  const auto& words = greeting.words;
  if (!words.empty() && send(socket.native_handle(), words.data(), words.size(), MSG_NOSIGNAL) < 0)
    co_return trouble(where, "greet", errno);
  if (!greeting.listens) co_return std::string();
  if (!co_await until_ready(socket, Socket::wait_read, deadline))
    co_return silent(where, greeting.deadline);
  std::array<char, kAnswerMax> buffer{};
  const auto got = recv(socket.native_handle(), buffer.data(), buffer.size(), 0);
  if (got < 0) co_return trouble(where, "read its answer", errno);
  if (got == 0)
    co_return Error{Fault::connection_cut, where + ": it closed the connection without a word"};
  co_return std::string(buffer.data(), static_cast<std::size_t>(got));
}

}  // namespace tandem

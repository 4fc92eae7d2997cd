#include "ports/real_reachability.h"

#include <arpa/inet.h>
#include <linux/icmp.h>
#include <sys/random.h>
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
#include <string_view>
#include <utility>

#include "ports/descriptor.h"
#include "ports/echo_packet.h"
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
  if (errno != EPERM && errno != EACCES)
    return Error{Fault::unavailable, address + ": could not be asked: " + std::strerror(errno)};
  return Error{Fault::denied,
               address +
                   ": this process may send no ICMP echo; it wants CAP_NET_RAW (the unit's "
                   "CapabilityBoundingSet, or cap_add NET_RAW of the container)"};
}

// Nobody there answers, as far as the network tells: that is silence. All else that keeps the
// question here tells nothing of the other side.
Error echo_trouble(const std::string& address, int error) {
  if (error == EHOSTUNREACH || error == EHOSTDOWN)
    return Error{Fault::timed_out, address + ": the host can not be reached"};
  if (error == ECONNREFUSED)
    return Error{Fault::connection_refused, address + ": it takes no echo"};
  if (error == ENETUNREACH || error == ENETDOWN || error == EADDRNOTAVAIL)
    return Error{Fault::unavailable, address + ": no route to it: " + std::strerror(error)};
  const bool denied = error == EPERM || error == EACCES;
  return Error{denied ? Fault::denied : Fault::unavailable,
               address + ": could not be asked: " + std::strerror(error)};
}

// A raw socket sees every ICMP message that comes in: the kernel sorts out all but answers.
void take_only_replies(const EchoSocket& echo) {
  if (!echo.raw) return;
  icmp_filter filter{};
  filter.data = ~(1U << ICMP_ECHOREPLY);
  setsockopt(echo.socket.get(), SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
}

// The kernel puts its own identifier into what goes out by a ping socket.
Result<Echo> mark_of(const EchoSocket& socket, const std::string& address, std::uint16_t number) {
  Echo echo;
  echo.sequence = number;
  std::array<char, sizeof echo.id + Echo::kTokenBytes> chance{};
  if (getrandom(chance.data(), chance.size(), 0) != static_cast<ssize_t>(chance.size()))
    return Error{Fault::unavailable, address + ": the kernel gave no random bytes for an echo"};
  std::memcpy(&echo.id, chance.data(), sizeof echo.id);
  std::memcpy(echo.token.data(), chance.data() + sizeof echo.id, echo.token.size());
  if (socket.raw) return echo;
  sockaddr_in own{};
  own.sin_family = AF_INET;
  auto* const plain = reinterpret_cast<sockaddr*>(&own);
  socklen_t size = sizeof own;
  if (bind(socket.socket.get(), plain, size) != 0 ||
      getsockname(socket.socket.get(), plain, &size) != 0)
    return echo_trouble(address, errno);
  echo.id = ntohs(own.sin_port);
  return echo;
}

// One question: where it went, and by what its answer is known.
struct Question {
  in_addr to{};
  Echo echo;
  bool raw = false;
  std::size_t left = Reachability::kForeignMax;  // how many messages are looked at
};

bool is_answer(std::string_view bytes, const sockaddr_in& from, const Question& question) {
  if (from.sin_addr.s_addr != question.to.s_addr) return false;
  const auto message = question.raw ? icmp_message_in(bytes) : bytes;
  return message && is_echo_reply(*message, question.echo);
}

// Whether the answer is among what has come in by now; what is not, is dropped. An error: the
// network told that there is no way, or there is no end of what comes.
Result<bool> find_answer(int socket, const std::string& address, Question& question) {
  for (; question.left > 0; --question.left) {
    std::array<char, 256> buffer{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const auto got = recvfrom(socket, buffer.data(), buffer.size(), 0,
                              reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    // It was asked: whatever the network says of it now means that no answer comes this way.
    if (got < 0)
      return Error{Fault::timed_out, address + ": the network says: " + std::strerror(errno)};
    if (is_answer({buffer.data(), static_cast<std::size_t>(got)}, from, question)) return true;
  }
  return Error{Fault::unavailable, address + ": more came in than can be looked at"};
}

}  // namespace

Task<Result<std::chrono::nanoseconds>> RealReachability::ping(std::string address,
                                                              std::chrono::milliseconds deadline) {
  const auto to = address_of(address, 0);
  if (!to) co_return Error{Fault::invalid, address + ": it is no IPv4 address"};
  auto opened = open_echo(address);
  if (!opened.ok()) co_return opened.error();
  take_only_replies(opened.value());
  const auto marked = mark_of(opened.value(), address, ++sequence_);
  if (!marked.ok()) co_return marked.error();
  if (const int error = connect_to(opened.value().socket, *to); error != 0)
    co_return echo_trouble(address, error);
  Question question{to->sin_addr, marked.value(), opened.value().raw};
  Socket socket(co_await asio::this_coro::executor, opened.value().socket.release());

  const auto begin = steady_clock::now();
  const std::string request = echo_request(question.echo);
  if (send(socket.native_handle(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    co_return echo_trouble(address, errno);
  for (bool in_time = true; in_time;) {
    in_time = co_await until_ready(socket, Socket::wait_read, begin + deadline);
    // Also when the time is over: if this program was held up, the answer may have been here long.
    const auto found = find_answer(socket.native_handle(), address, question);
    if (!found.ok()) co_return found.error();
    if (found.value()) co_return std::chrono::nanoseconds(steady_clock::now() - begin);
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

#include "ports/http_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tandem {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kDrainMax = 1U << 20U;
constexpr std::chrono::milliseconds kDrainTimeMax{1000};
constexpr std::chrono::milliseconds kCancelAgain{10};
constexpr int kSlowReaderBuffer = 64 << 10;  // bytes

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket)
    : socket_(std::move(socket)), timer_(socket_.get_executor()) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto here = socket_.local_endpoint(ignored).address();
  const auto there = socket_.remote_endpoint(ignored).address();
  from_loopback_ = here.is_loopback() && there.is_loopback();
  remote_ = there.to_string();
}

void HttpConnection::allow(std::chrono::milliseconds limit) {
  timed_out_ = false;
  timer_.expires_after(limit);
  end_at_timer();
}

void HttpConnection::end_at_timer() {
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    // It may have been set anew while this call was on its way.
    if (error || !self || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    self->timed_out_ = true;
    self->socket_.cancel(error);
    // One read over TLS is several of the socket, and the cancel may fall between two of them.
    self->timer_.expires_after(kCancelAgain);
    self->end_at_timer();
  });
}

Task<bool> HttpConnection::open() { co_return true; }

Task<std::size_t> HttpConnection::read_some(asio::mutable_buffer room, Error& error) {
  co_return co_await socket_.async_read_some(room,
                                             asio::redirect_error(asio::use_awaitable, error));
}

Task<std::size_t> HttpConnection::write_some(asio::const_buffer bytes, Error& error) {
  co_return co_await socket_.async_write_some(bytes,
                                              asio::redirect_error(asio::use_awaitable, error));
}

Task<void> HttpConnection::finish(Error& error) {
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  co_return;
}

void HttpConnection::rest() { timer_.expires_at(std::chrono::steady_clock::time_point::max()); }

void HttpConnection::expect_a_slow_reader() {
  const auto limit = static_cast<unsigned>(std::chrono::milliseconds{kGoneLimit}.count());
  error_code ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(kSlowReaderBuffer), ignored);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
}

Task<bool> HttpConnection::read(std::string& buffer) {
  if (timed_out_) co_return false;
  error_code error;
  const auto before = buffer.size();
  buffer.resize(before + kReadMax);
  const auto room = asio::buffer(buffer.data() + before, kReadMax);
  const auto got = co_await read_some(room, error);
  buffer.resize(before + got);
  co_return !error;
}

Task<bool> HttpConnection::write(std::string text) {
  error_code error;
  std::size_t sent = 0;
  // Not asio::async_write: between two of its steps a cancel would find nothing to end.
  while (sent < text.size() && !error && !timed_out_) {
    const auto left = asio::buffer(text.data() + sent, text.size() - sent);
    sent += co_await write_some(left, error);
  }
  co_return sent == text.size();
}

Task<void> HttpConnection::drain() {
  error_code error;
  allow(kDrainTimeMax);
  co_await finish(error);
  std::string dropped;
  std::size_t total = 0;
  for (bool more = !error; more && total < kDrainMax; dropped.clear()) {
    more = co_await read(dropped);
    total += dropped.size();
  }
}

void HttpConnection::cut() {
  error_code ignored;
  timer_.cancel();
  socket_.close(ignored);
}

}  // namespace tandem

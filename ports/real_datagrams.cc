#include "ports/real_datagrams.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;
using std::chrono::steady_clock;

// A connected socket takes datagrams of that peer alone, and is told of a closed port.
class Exchange {
 public:
  Exchange(const asio::any_io_executor& executor, DatagramRequest request)
      : socket_(executor),
        timer_(executor),
        request_(std::move(request)),
        begin_(steady_clock::now()) {
    sends_.push_back(std::chrono::milliseconds{0});
    sends_.insert(sends_.end(), request_.again.begin(), request_.again.end());
  }

  Status open() {
    error_code failed;
    const auto address = asio::ip::make_address_v4(request_.address, failed);
    if (failed) return Error{Fault::invalid, request_.address + ": not an IPv4 address"};
    socket_.open(udp::v4(), failed);
    if (!failed) socket_.non_blocking(true, failed);  // a full buffer is an error, never a wait
    if (!failed) socket_.connect({address, request_.port}, failed);
    if (failed) return could_not_ask(failed);
    return success();
  }

  // What is due is sent. A send may bring what the network told of an earlier datagram: then
  // nothing went out yet, and it is sent once more.
  Status send_due() {
    while (next_ < sends_.size() && steady_clock::now() >= begin_ + sends_[next_]) {
      ++next_;
      error_code failed;
      socket_.send(asio::buffer(request_.payload), 0, failed);
      if (note(failed)) socket_.send(asio::buffer(request_.payload), 0, failed);
      if (failed && !note(failed)) return could_not_ask(failed);
    }
    return success();
  }

  steady_clock::time_point deadline() const { return begin_ + request_.deadline; }
  steady_clock::time_point next_turn() const {
    return next_ < sends_.size() ? std::min(begin_ + sends_[next_], deadline()) : deadline();
  }

  // One datagram, or nothing until `until`. The timer's handler may still be queued when it is
  // too late: it looks at `waiting` first.
  Task<error_code> receive(steady_clock::time_point until, std::size_t& size) {
    const auto waiting = std::make_shared<bool>(true);
    timer_.expires_at(until);
    timer_.async_wait([this, waiting](error_code cancelled) {
      error_code ignored;
      if (!cancelled && *waiting) socket_.cancel(ignored);
    });
    error_code failed;
    size = co_await socket_.async_receive(asio::buffer(buffer_),
                                          asio::redirect_error(asio::use_awaitable, failed));
    *waiting = false;
    timer_.cancel();
    co_return failed;
  }

  bool is_answer(std::size_t size) const {
    return !request_.is_answer || request_.is_answer({buffer_.data(), size});
  }
  std::string answer(std::size_t size) const { return {buffer_.data(), size}; }

  // Whether this is what the network tells of the other side, which was asked; kept for the end.
  bool note(const error_code& told) {
    const bool refused = told == asio::error::connection_refused;
    const bool unreachable = told == asio::error::host_unreachable ||
                             told == error_code(EHOSTDOWN, boost::system::system_category());
    refused_ = refused_ || refused;
    unreachable_ = unreachable_ || unreachable;
    return refused || unreachable;
  }

  // The answer that came while this program was held up, if it did.
  std::optional<std::string> already_here() {
    for (std::size_t looks = 0; looks < kLateLooksMax; ++looks) {
      error_code failed;
      const std::size_t size = socket_.receive(asio::buffer(buffer_), 0, failed);
      if (failed && !note(failed)) return std::nullopt;
      if (!failed && is_answer(size)) return answer(size);
    }
    return std::nullopt;
  }

  bool ends_refused() const { return refused_ && !request_.outlasts_refusal; }

  Error silence() const {
    if (refused_)
      return {Fault::connection_refused, fmt::format("{}: nobody listens there", where())};
    if (unreachable_)
      return {Fault::timed_out, fmt::format("{}: the host can not be reached", where())};
    return {Fault::timed_out,
            fmt::format("{}: no answer within {} ms", where(), request_.deadline.count())};
  }
  Error flooded() const {
    return {Fault::unavailable, fmt::format("{}: more came in than can be looked at", where())};
  }
  Error could_not_ask(const error_code& failed) const {
    const bool denied =
        failed == asio::error::access_denied || failed == asio::error::no_permission;
    return {denied ? Fault::denied : Fault::unavailable,
            fmt::format("{}: could not be asked: {}", where(), failed.message())};
  }

 private:
  static constexpr std::size_t kLateLooksMax = 64;

  std::string where() const { return fmt::format("udp {}:{}", request_.address, request_.port); }

  udp::socket socket_;
  asio::steady_timer timer_;
  DatagramRequest request_;
  steady_clock::time_point begin_;
  std::vector<std::chrono::milliseconds> sends_;
  std::size_t next_ = 0;
  bool refused_ = false;
  bool unreachable_ = false;
  std::array<char, Datagrams::kDatagramMax> buffer_{};
};

}  // namespace

Task<Result<std::string>> RealDatagrams::ask(DatagramRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  const auto exchange = std::make_shared<Exchange>(executor, std::move(request));
  const Status opened = exchange->open();
  if (!opened.ok()) co_return opened.error();
  std::size_t received = 0;
  while (received < kReceivedMax) {
    const Status sent = exchange->send_due();
    if (!sent.ok()) co_return sent.error();
    if (exchange->ends_refused() || steady_clock::now() >= exchange->deadline()) break;
    std::size_t size = 0;
    const error_code failed = co_await exchange->receive(exchange->next_turn(), size);
    if (failed == asio::error::operation_aborted) continue;  // it is time for something
    ++received;
    if (failed && !exchange->note(failed)) co_return exchange->could_not_ask(failed);
    if (!failed && exchange->is_answer(size)) co_return exchange->answer(size);
  }
  if (received == kReceivedMax) co_return exchange->flooded();
  if (auto late = exchange->already_here()) co_return std::move(*late);
  co_return exchange->silence();
}

}  // namespace tandem

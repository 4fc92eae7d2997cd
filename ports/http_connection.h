// The bytes of one connection to our web server, and the time they may take.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "ports/task.h"

namespace tandem {

// Nothing else of the server touches a socket: TLS becomes a second class with these calls.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  explicit HttpConnection(boost::asio::ip::tcp::socket socket);

  bool from_loopback() const { return from_loopback_; }
  // Whether the last read or write ended for want of time.
  bool timed_out() const { return timed_out_; }

  // All reads and writes until the next call may take `limit` together.
  void allow(std::chrono::milliseconds limit);
  // Nothing is read or written for a while.
  void rest();

  // Appends what has come, some kilobytes at most; false: the connection or the time is over.
  static constexpr std::size_t kReadMax = 16U << 10U;
  Task<bool> read(std::string& buffer);
  Task<bool> write(std::string text);

  // Ends our side, and reads and drops what the peer sends until it ends its own, for a bounded
  // time. Closed at once, with bytes unread, the connection would be reset, and the peer might
  // never see the last answer.
  Task<void> drain();
  // Ends everything now.
  void cut();

  bool answering = false;  // has a whole request, and not yet the whole answer
  bool given_up = false;   // cut, and about to leave
  // Since when a request is awaited.
  std::chrono::steady_clock::time_point waiting_since = std::chrono::steady_clock::now();

 private:
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  bool timed_out_ = false;
  bool from_loopback_ = false;
};

}  // namespace tandem

// The bytes of one connection to our web server, and the time they may take.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "ports/task.h"

namespace tandem {

// Nothing else of the server touches a socket. This one is plain TCP; TlsConnection has the same
// calls.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  explicit HttpConnection(boost::asio::ip::tcp::socket socket);
  virtual ~HttpConnection() = default;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // What comes before the first request; false: the connection is of no use.
  virtual Task<bool> open();
  virtual bool over_tls() const { return false; }
  // The DNS names of the certificate that the other side has shown.
  virtual std::vector<std::string> certificate_names() const { return {}; }

  const std::string& remote() const { return remote_; }
  bool from_loopback() const { return from_loopback_; }
  // Whether the last read or write ended for want of time.
  bool timed_out() const { return timed_out_; }

  // All reads and writes until the next call may take `limit` together.
  void allow(std::chrono::milliseconds limit);
  // Nothing is read or written for a while.
  void rest();

  // From now on the kernel keeps less of what is written, and ends the connection where the other
  // host has not acknowledged it for kGoneLimit.
  static constexpr std::chrono::seconds kGoneLimit{30};
  void expect_a_slow_reader();

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

  bool admitted = false;   // open() succeeded
  bool answering = false;  // has a whole request, and not yet the whole answer
  bool streaming = false;  // its answer is a stream, which has no end of its own
  bool given_up = false;   // cut, and about to leave
  // Since when a request is awaited.
  std::chrono::steady_clock::time_point waiting_since = std::chrono::steady_clock::now();

 protected:
  using Error = boost::system::error_code;
  virtual Task<std::size_t> read_some(boost::asio::mutable_buffer room, Error& error);
  virtual Task<std::size_t> write_some(boost::asio::const_buffer bytes, Error& error);
  // Tells the other side that nothing more will come from ours.
  virtual Task<void> finish(Error& error);

  boost::asio::ip::tcp::socket socket_;

 private:
  void end_at_timer();

  boost::asio::steady_timer timer_;
  bool timed_out_ = false;
  bool from_loopback_ = false;
  std::string remote_;  // its address
};

}  // namespace tandem

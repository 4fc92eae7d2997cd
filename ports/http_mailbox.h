// The way from cpprestsdk's threads back to ours.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>

namespace tandem {

// cpprest's threads hand their results to the io_context through this, or drop them once it is
// closed.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}

  template <class Function>
  void post(Function function) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(function));
  }

  void close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
};

}  // namespace tandem

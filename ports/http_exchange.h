// One request of the HTTP client, between the coroutine that waits and cpprestsdk that answers.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <set>

#include "ports/http_trouble.h"

namespace tandem {

// One request under way. The coroutine may leave before the resolver or cpprest is done with it:
// then the late result finds nobody, and is dropped.
struct Exchange {
  std::optional<boost::asio::ip::address_v4> address;  // 0.0.0.0: the name has none
  std::optional<Reply> reply;
  std::optional<HttpResponse> head;  // of the answer, once it was read
  bool cancelled = false;
  boost::asio::steady_timer* waiting = nullptr;

  void wake() {
    if (waiting != nullptr) waiting->cancel();
  }
};

// Enters an exchange among those under way, however the coroutine is left: by its end, or with the
// io_context.
class Presence {
 public:
  Presence(std::set<Exchange*>& all, Exchange& exchange, boost::asio::steady_timer& timer)
      : all_(all), exchange_(exchange) {
    exchange_.waiting = &timer;
    all_.insert(&exchange_);
  }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  ~Presence() {
    all_.erase(&exchange_);
    exchange_.waiting = nullptr;
  }

 private:
  std::set<Exchange*>& all_;
  Exchange& exchange_;
};

}  // namespace tandem

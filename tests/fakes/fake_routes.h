// How this host reaches the other one, as a test says it does.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <string>

#include "ports/routes.h"

namespace tandem::fakes {

class FakeRoutes : public Routes {
 public:
  RouteView view{Interface{"eth0", true, true},
                 Interface{"eth0", true, true},
                 {Gateway{"192.0.2.1", "eth0", 0}}};
  std::optional<Error> error;
  int looks = 0;

  Task<Result<RouteView>> look(std::string, std::string) override {
    ++looks;
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    if (error) co_return *error;
    co_return view;
  }
};

}  // namespace tandem::fakes

// Copies of files that come in, as a test says they are.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "ports/incoming_copies.h"

namespace tandem::fakes {

class FakeIncomingCopies : public IncomingCopies {
 public:
  std::size_t running = 0;
  std::size_t immortal = 0;    // of these
  std::optional<Error> fault;  // it can not be told which run

  bool shut = false;
  int asked = 0;

  Task<Result<Ended>> end_all() override {
    ++asked;
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    if (fault) co_return *fault;
    shut = true;
    Ended ended;
    ended.found = running;
    ended.left = running = immortal;
    co_return ended;
  }
  void admit() override { shut = false; }
};

}  // namespace tandem::fakes

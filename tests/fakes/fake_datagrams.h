// The other side of a UDP question, as a test says.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/datagram.h"

namespace tandem::fakes {

class FakeDatagrams : public Datagrams {
 public:
  // With a clock, silence takes its time on it.
  explicit FakeDatagrams(Clock* clock = nullptr) : clock_(clock) {}

  // What is answered to a payload; nullopt is silence.
  std::function<std::optional<std::string>(const std::string&)> server;
  // Nobody listens, or it can not be asked: this instead of an answer.
  std::optional<Error> error;

  std::vector<DatagramRequest> journal;

  Task<Result<std::string>> ask(DatagramRequest request) override {
    journal.push_back(request);
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    if (error) co_return *error;
    const auto answer = server ? server(request.payload) : std::nullopt;
    if (answer && (!request.is_answer || request.is_answer(*answer))) co_return *answer;
    if (clock_ != nullptr) {
      const auto signal = clock_->make_signal();
      co_await clock_->wait(*signal, clock_->now() + request.deadline);
    }
    co_return Error{Fault::timed_out, "udp " + request.address + ": no answer"};
  }

 private:
  Clock* clock_;
};

}  // namespace tandem::fakes

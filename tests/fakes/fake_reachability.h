// The network between the nodes, as a test says it is.
#pragma once

#include "ports/task.h"
// keep the order
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/reachability.h"

namespace tandem::fakes {

class FakeReachability : public Reachability {
 public:
  // With a clock, a silent address takes its whole time on it.
  explicit FakeReachability(Clock* clock = nullptr) : clock_(clock) {}

  // By address: how long an echo takes, or why there is none. Others do not answer.
  std::map<std::string, Result<std::chrono::nanoseconds>> echoes;
  // By "ADDRESS:PORT": what the server there says. Nobody listens elsewhere.
  std::map<std::string, Result<std::string>> servers;

  std::vector<std::string> journal;  // "ping ADDRESS", "greet ADDRESS:PORT"

  Task<Result<std::chrono::nanoseconds>> ping(std::string address,
                                              std::chrono::milliseconds deadline) override {
    journal.push_back("ping " + address);
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    const auto found = echoes.find(address);
    if (found != echoes.end()) co_return found->second;
    if (clock_ != nullptr) {
      most_open = std::max(most_open, ++open[address]);
      const auto signal = clock_->make_signal();
      co_await clock_->wait(*signal, clock_->now() + deadline);
      --open[address];
    }
    co_return Error{Fault::timed_out, address + ": no answer"};
  }

  std::map<std::string, int> open;  // questions that wait, by address
  int most_open = 0;                // at one address, ever

  Task<Result<std::string>> greet(Greeting greeting) override {
    const std::string where = greeting.address + ":" + std::to_string(greeting.port);
    journal.push_back("greet " + where);
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    const auto found = servers.find(where);
    if (found == servers.end())
      co_return Error{Fault::connection_refused, where + ": nobody listens there"};
    co_return found->second;
  }

 private:
  Clock* clock_;
};

}  // namespace tandem::fakes

// Virtual time: when everybody waits, it jumps to the next deadline.
#pragma once

#include "ports/task.h"
// keep the order
#include <algorithm>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ports/clock.h"

namespace tandem::fakes {

// Time moves only when no task on the io_context can run any more, so a test is deterministic
// however many tasks it has. Real sockets, pipes or timers on the same io_context do not hold time
// back.
class FakeClock : public Clock {
 public:
  // Where time starts. Not zero: code that takes a default Instant for "never" must not pass by
  // luck.
  Instant time{std::chrono::hours{1000}};
  std::chrono::system_clock::time_point wall_time{std::chrono::seconds{1'700'000'000}};
  // False: time moves by advance() alone.
  bool automatic = true;
  // A test that loops for ever fails: the wait beyond this number throws.
  int waits_left = 100'000;

  Instant now() const override { return time; }
  std::chrono::system_clock::time_point wall() const override { return wall_time; }

  std::unique_ptr<Signal> make_signal() override { return std::make_unique<FakeSignal>(); }

  Task<void> wait(Signal& signal, Instant deadline) override {
    auto& mine = static_cast<FakeSignal&>(signal);
    if (--waits_left < 0) throw std::runtime_error("FakeClock: too many waits, a runaway loop?");
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto sleeper = std::make_shared<Sleeper>(executor, deadline);
    if (!mine.notified) {
      mine.sleeper = sleeper;
      sleepers_.push_back(sleeper);
      look_at_the_clock_in(executor);
      boost::system::error_code woken;
      co_await sleeper->gate.async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    }
    mine.notified = false;
    if (sleeper->forgotten) throw std::logic_error("FakeClock: all wait and nobody will notify");
  }

  // Moves time on and wakes whom that concerns; they run when the io_context does.
  void advance(std::chrono::nanoseconds duration) {
    const auto step = std::chrono::duration_cast<Instant::duration>(duration);
    time += step;
    wall_time += std::chrono::duration_cast<std::chrono::system_clock::duration>(step);
    for (const auto& sleeper : asleep())
      if (sleeper->deadline <= time) sleeper->wake();
  }

  // How many tasks wait right now.
  std::size_t waiting() { return asleep().size(); }

 private:
  struct Sleeper {
    Sleeper(const boost::asio::any_io_executor& executor, Instant until)
        : gate(executor, Instant::max()), deadline(until) {}
    void wake() {
      awake = true;
      gate.cancel();
    }

    boost::asio::steady_timer gate;  // never fires, only ever cancelled
    Instant deadline;
    bool awake = false;
    bool forgotten = false;
  };

  struct FakeSignal : Signal {
    void notify() override {
      notified = true;
      if (const auto waiting = sleeper.lock()) waiting->wake();
    }

    bool notified = false;
    std::weak_ptr<Sleeper> sleeper;
  };

  // Posted once a round. The token dies with the handler, also when its io_context is destroyed.
  void look_at_the_clock_in(const boost::asio::any_io_executor& executor) {
    if (!scheduled_.expired()) return;
    auto token = std::make_shared<int>();
    scheduled_ = token;
    const std::weak_ptr<int> alive = alive_;
    boost::asio::post(executor, [this, executor, token, alive]() mutable {
      if (alive.expired()) return;
      let_all_run(executor);
      token.reset();
      if (!alive.expired()) move_on(executor);
    });
  }

  // Whatever can run at this instant does, before time moves. Asio supports such a nested poll.
  static void let_all_run(const boost::asio::any_io_executor& executor) {
    context_of(executor).poll();
  }

  static boost::asio::io_context& context_of(const boost::asio::any_io_executor& executor) {
    return static_cast<boost::asio::io_context&>(
        boost::asio::query(executor, boost::asio::execution::context));
  }

  void move_on(const boost::asio::any_io_executor& executor) {
    const auto all = asleep();
    if (all.empty() || !automatic) return;
    // run() is done with its task: time stands until the next run().
    if (context_of(executor).stopped()) return look_at_the_clock_in(executor);
    const auto first = *std::min_element(
        all.begin(), all.end(),
        [](const auto& one, const auto& other) { return one->deadline < other->deadline; });
    if (first->deadline == Instant::max()) return forget(all);
    advance(std::max(first->deadline - time, Instant::duration::zero()));
    look_at_the_clock_in(executor);
  }

  static void forget(const std::vector<std::shared_ptr<Sleeper>>& all) {
    for (const auto& sleeper : all) {
      sleeper->forgotten = true;
      sleeper->wake();
    }
  }

  std::vector<std::shared_ptr<Sleeper>> asleep() {
    std::vector<std::shared_ptr<Sleeper>> all;
    std::erase_if(sleepers_, [](const auto& sleeper) { return sleeper.expired(); });
    for (const auto& weak : sleepers_)
      if (auto sleeper = weak.lock(); sleeper && !sleeper->awake) all.push_back(std::move(sleeper));
    return all;
  }

  std::vector<std::weak_ptr<Sleeper>> sleepers_;
  std::weak_ptr<int> scheduled_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace tandem::fakes

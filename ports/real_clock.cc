#include "ports/real_clock.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tandem {
namespace {

struct TimerSignal : Signal {
  void notify() override {
    notified = true;
    if (const auto waiting = timer.lock()) waiting->cancel();
  }

  bool notified = false;
  std::weak_ptr<boost::asio::steady_timer> timer;  // of the task that waits, if one does
};

}  // namespace

Instant RealClock::now() const { return std::chrono::steady_clock::now(); }

std::chrono::system_clock::time_point RealClock::wall() const {
  return std::chrono::system_clock::now();
}

Instant RealClock::next_turn(std::chrono::nanoseconds period) const {
  constexpr std::chrono::milliseconds kGrid{500};
  const Instant latest = now() + period;
  if (period < kGrid) return latest;
  return Instant(latest.time_since_epoch() / kGrid * kGrid);
}

std::unique_ptr<Signal> RealClock::make_signal() { return std::make_unique<TimerSignal>(); }

Task<void> RealClock::wait(Signal& signal, Instant deadline) {
  auto& mine = static_cast<TimerSignal&>(signal);
  const auto executor = co_await boost::asio::this_coro::executor;
  // A wait that has nothing to wait for passes through the queue too: no loop starves the others.
  const auto timer = std::make_shared<boost::asio::steady_timer>(
      executor, mine.notified ? Instant::min() : deadline);
  mine.timer = timer;
  boost::system::error_code woken;
  co_await timer->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  mine.notified = false;
}

}  // namespace tandem

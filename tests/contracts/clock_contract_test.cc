// One suite for the virtual clock and the real one.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "ports/gather.h"
#include "ports/real_clock.h"
#include "tests/fakes/fake_clock.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

template <class T>
class ClockContract : public testing::Test {
 protected:
  Instant in(std::chrono::nanoseconds duration) { return clock_.now() + duration; }

  boost::asio::io_context io_;
  T clock_;
  std::unique_ptr<Signal> signal_ = clock_.make_signal();
};

struct Name {
  template <class T>
  static std::string GetName(int) {
    return std::is_same_v<T, RealClock> ? "Real" : "Fake";
  }
};
using Clocks = testing::Types<RealClock, fakes::FakeClock>;
TYPED_TEST_SUITE(ClockContract, Clocks, Name);

TYPED_TEST(ClockContract, WaitsUntilTheDeadline) {
  const auto deadline = this->in(milliseconds{20});
  run(this->io_, this->clock_.wait(*this->signal_, deadline));
  EXPECT_GE(this->clock_.now(), deadline);
}

TYPED_TEST(ClockContract, ReturnsAtOnceFromADeadlineInThePast) {
  run(this->io_, this->clock_.wait(*this->signal_, this->in(-hours{1})));
  run(this->io_, this->clock_.wait(*this->signal_, Instant{}));
}

TYPED_TEST(ClockContract, KeepsANotificationForTheNextWaitAlone) {
  this->signal_->notify();
  this->signal_->notify();
  const auto far = this->in(hours{1});
  run(this->io_, this->clock_.wait(*this->signal_, far));
  EXPECT_LT(this->clock_.now(), far);
  const auto near = this->in(milliseconds{20});
  run(this->io_, this->clock_.wait(*this->signal_, near));
  EXPECT_GE(this->clock_.now(), near);
}

TYPED_TEST(ClockContract, WakesTheTaskThatWaits) {
  const auto far = this->in(hours{1});
  boost::asio::post(this->io_, [this] { this->signal_->notify(); });
  run(this->io_, this->clock_.wait(*this->signal_, far));
  EXPECT_LT(this->clock_.now(), far);
}

TYPED_TEST(ClockContract, WaitsForASignalWithoutADeadline) {
  boost::asio::post(this->io_, [this] { this->signal_->notify(); });
  run(this->io_, this->clock_.wait(*this->signal_, Instant::max()));
}

TYPED_TEST(ClockContract, WakesOneSignalAlone) {
  const auto other = this->clock_.make_signal();
  other->notify();
  const auto near = this->in(milliseconds{20});
  run(this->io_, this->clock_.wait(*this->signal_, near));
  EXPECT_GE(this->clock_.now(), near);
}

}  // namespace
}  // namespace tandem

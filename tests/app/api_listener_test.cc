// The operator's port, which another program may have.
#include "app/api_listener.h"

#include <gtest/gtest.h>

#include <vector>

#include "ports/beast_http_server.h"
#include "ports/real_clock.h"
#include "ports/spawn.h"

namespace tandem {
namespace {

Task<ServedResponse> nothing(ServedRequest) { co_return ServedResponse(); }

class ApiListenerTest : public testing::Test {
 protected:
  ApiListener::Parts parts(const std::string& address) {
    return {io_, clock_, address, nothing,
            [this](const Error& error) { told_.push_back(error.message); }};
  }
  std::unique_ptr<HttpServer> other(const std::string& address) {
    auto server = listen_http(io_, address, HttpServerLimits{}, parts("").handler);
    if (!server.ok()) throw std::runtime_error(server.error().message);
    return std::move(server).value();
  }

  boost::asio::io_context io_{1};
  RealClock clock_;
  std::vector<std::string> told_;
};

TEST_F(ApiListenerTest, GoesOnWithoutAPortThatIsTakenAndTakesItWhenItIsFree) {
  auto taken = other("127.0.0.1:0");
  ApiListener listener(parts(taken->address()));
  ASSERT_TRUE(listener.start().ok());
  io_.run_for(ApiListener::kRetry + std::chrono::milliseconds{200});
  EXPECT_FALSE(listener.listens());
  EXPECT_EQ(told_.size(), 1U) << "once for each reason";
  EXPECT_EQ(listener.address(), taken->address());
  spawn(io_.get_executor(), taken->stop(std::chrono::milliseconds{0}),
        [](const std::string& why) { FAIL() << why; });
  for (int i = 0; i < 60 && !listener.listens(); ++i) io_.run_for(std::chrono::milliseconds{100});
  EXPECT_TRUE(listener.listens());
  spawn(io_.get_executor(), listener.stop(std::chrono::milliseconds{0}),
        [](const std::string& why) { FAIL() << why; });
  io_.run_for(std::chrono::milliseconds{100});
}

TEST_F(ApiListenerTest, EndsWithoutOne) {
  const auto taken = other("127.0.0.1:0");
  ApiListener listener(parts(taken->address()));
  ASSERT_TRUE(listener.start().ok());
  bool ended = false;
  const auto end = [&]() -> Task<void> {
    co_await listener.stop(std::chrono::milliseconds{0});
    ended = true;
  };
  spawn(io_.get_executor(), end(), [](const std::string& why) { FAIL() << why; });
  io_.run_for(std::chrono::milliseconds{200});
  EXPECT_TRUE(ended);
}

TEST_F(ApiListenerTest, RefusesWhatIsNoAddress) {
  ApiListener listener(parts("somewhere"));
  EXPECT_EQ(listener.start().error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem

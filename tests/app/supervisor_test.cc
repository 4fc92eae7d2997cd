#include "app/supervisor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

// The socket by which systemd is told, and the environment in which it starts a program.
class Supervisor : public testing::Test {
 protected:
  Supervisor() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const std::string path = folder_ / "notify";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
    unsetenv("WATCHDOG_USEC");
  }
  ~Supervisor() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"}) unsetenv(name);
    close(socket_);
  }

  // What came next; "" where nothing did.
  std::string told() const {
    std::string text(256, '\0');
    const auto size = recv(socket_, text.data(), text.size(), 0);
    return text.substr(0, size < 0 ? 0 : static_cast<std::size_t>(size));
  }

  TemporaryFolder folder_;
  int socket_;
};

TEST_F(Supervisor, IsToldThatTheOperatorIsReadyAndOfEachTurn) {
  notify_ready("reconciling");
  EXPECT_EQ(told(), "READY=1\nSTATUS=reconciling");
  notify_alive();
  EXPECT_EQ(told(), "WATCHDOG=1");
  notify_reloading();
  EXPECT_EQ(told(), "RELOADING=1");
  notify_stopping();
  EXPECT_EQ(told(), "STOPPING=1");
}

// Two signs of life may be lost before the limit.
TEST_F(Supervisor, IsFedThreeTimesWithinTheLimitOfItsWatchdog) {
  setenv("WATCHDOG_USEC", "120000000", 1);
  EXPECT_EQ(watchdog_period(), std::chrono::seconds{40});
}

TEST_F(Supervisor, WantsNoSignOfLifeWithoutAWatchdog) {
  EXPECT_EQ(watchdog_period(), std::nullopt);
}

TEST_F(Supervisor, DoesNotFeedTheWatchdogOfAnotherProcess) {
  setenv("WATCHDOG_USEC", "120000000", 1);
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(watchdog_period(), std::nullopt);
}

TEST_F(Supervisor, IsNotNeeded) {
  unsetenv("NOTIFY_SOCKET");
  notify_ready("reconciling");
  EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace tandem

#include "ports/real_reachability.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>

#include "ports/descriptor.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{20'000};

// A listener on a loopback port of its own. What comes in waits in its queue, without an answer,
// until answer() is called.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(listen(socket_.get(), 4), 0);
    port_ = ntohs(address.sin_port);
  }

  std::uint16_t port() const { return port_; }

  // Takes one connection, reads `words` bytes, answers and closes.
  std::thread answer(std::string text, std::size_t words = 0) {
    return std::thread([this, text, words] {
      const Descriptor taken(accept(socket_.get(), nullptr, nullptr));
      std::string got(words, ' ');
      if (words > 0) {
        EXPECT_EQ(recv(taken.get(), got.data(), words, MSG_WAITALL), ssize_t(words));
      }
      if (!text.empty()) {
        EXPECT_EQ(write(taken.get(), text.data(), text.size()), ssize_t(text.size()));
      }
    });
  }

 private:
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

Result<std::string> greet(std::uint16_t port, std::string words = "", milliseconds limit = kLong) {
  Greeting greeting;
  greeting.address = "127.0.0.1";
  greeting.port = port;
  greeting.words = std::move(words);
  greeting.deadline = limit;
  RealReachability network;
  return run(network.greet(std::move(greeting)));
}

Result<std::chrono::nanoseconds> ping(const std::string& address, milliseconds limit = kLong) {
  RealReachability network;
  return run(network.ping(address, limit));
}

TEST(RealReachability, GetsAnEchoOverLoopback) {
  for (int i = 0; i < 3; ++i) {
    const auto took = ping("127.0.0.1");
    ASSERT_TRUE(took.ok()) << took.error().message;
    EXPECT_GT(took.value().count(), 0);
  }
  EXPECT_EQ(ping("pbx-b").error().fault, Fault::invalid);
}

TEST(RealReachability, HearsAServerThatSpeaksFirst) {
  Listener listener;
  auto server = listener.answer("SSH-2.0-OpenSSH_9.2p1\r\n");
  EXPECT_EQ(greet(listener.port()).value(), "SSH-2.0-OpenSSH_9.2p1\r\n");
  server.join();
}

TEST(RealReachability, SpeaksFirstWhereTheServerWaits) {
  Listener listener;
  auto server = listener.answer("S", 8);
  EXPECT_EQ(greet(listener.port(), std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8)).value(), "S");
  server.join();
}

TEST(RealReachability, IsContentWithAConnection) {
  Listener listener;  // which never says a word
  Greeting greeting;
  greeting.address = "127.0.0.1";
  greeting.port = listener.port();
  greeting.listens = false;
  greeting.deadline = kLong;
  RealReachability network;
  EXPECT_EQ(run(network.greet(std::move(greeting))).value(), "");
}

TEST(RealReachability, TellsWhyThereIsNoAnswer) {
  Listener silent;
  EXPECT_EQ(greet(silent.port(), "", milliseconds{50}).error().fault, Fault::timed_out);
  Listener rude;
  auto server = rude.answer("");
  EXPECT_EQ(greet(rude.port()).error().fault, Fault::connection_cut);
  server.join();
  std::uint16_t nobody = 0;
  { nobody = Listener().port(); }
  EXPECT_EQ(greet(nobody).error().fault, Fault::connection_refused);
}

// In a network of its own, in which nothing but what it sets up is there.
template <class Body>
int in_a_fresh_network(Body body) {
  return in_child([&] { return unshare(CLONE_NEWNET) == 0 ? body() : kNotPermitted; });
}

TEST(RealReachability, TellsThatThereIsNoRoute) {
  const int code = in_a_fresh_network([] {
    const auto result = ping("192.0.2.1");
    return !result.ok() && result.error().fault == Fault::unavailable ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

// By default the kernel lets no group have a ping socket; root has the raw one, others have none.
TEST(RealReachability, SaysThatItMaySendNoEcho) {
  const int code = in_a_fresh_network([] {
    if (setgid(65534) != 0 || setuid(65534) != 0) return kNotPermitted;
    const auto result = ping("127.0.0.1");
    if (result.ok() || result.error().fault != Fault::denied) return 1;
    return result.error().message.find("CAP_NET_RAW") != std::string::npos ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST(RealReachability, UsesARawSocketWhereNoPingSocketIsAllowed) {
  const int code = in_a_fresh_network([] {
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (ioctl(control, SIOCSIFFLAGS, &request) != 0) return kNotPermitted;
    close(control);
    return ping("127.0.0.1").ok() ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tandem

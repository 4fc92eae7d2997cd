#include "ports/real_reachability.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <thread>

#include "ports/descriptor.h"
#include "ports/echo_packet.h"
#include "tests/ports/test_network.h"
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

// What is left of each case: 0, or a number that says which of its expectations failed.
TEST(RealReachability, HearsAnotherHostAndItsSilence) {
  const int code = in_a_test_network([](TestNetwork& network) {
    if (!ping(TestNetwork::kThere).ok()) return 1;
    // Nobody has that address: in the end the kernel says so itself.
    const auto nobody = ping(TestNetwork::kNobody, milliseconds{300});
    if (nobody.ok() || nobody.error().fault != Fault::timed_out) return 2;
    if (!network.there().shell("ip link set far down")) return 3;
    const auto down = ping(TestNetwork::kThere, milliseconds{300});
    return !down.ok() && down.error().fault == Fault::timed_out ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
}

// A router, or a route of the kernel's, says that the host can not be reached: it was asked.
TEST(RealReachability, TakesAnUnreachableHostForSilent) {
  const int code = in_a_test_network([](TestNetwork&) {
    if (!ip("route add unreachable 198.51.100.7")) return 1;
    const auto result = ping("198.51.100.7");
    return !result.ok() && result.error().fault == Fault::timed_out ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

// A filter of our own stops the question: that tells nothing of the other host.
TEST(RealReachability, DoesNotTakeItsOwnFilterForSilence) {
  if (!shell("command -v iptables")) GTEST_SKIP() << "iptables is not installed";
  const int code = in_a_test_network([](TestNetwork&) {
    if (!shell("iptables -A OUTPUT -p icmp --icmp-type echo-request -j DROP")) return 1;
    const auto result = ping(TestNetwork::kThere);
    return !result.ok() && result.error().fault == Fault::denied ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST(RealReachability, HasAPingSocketWhereTheGroupMay) {
  const int code = in_a_test_network([](TestNetwork&) {
    if (!shell("echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range")) return 1;
    return in_child([] {  // which alone gives up its rights
      if (setgid(65534) != 0 || setuid(65534) != 0) return kNotPermitted;
      for (int i = 0; i < 3; ++i)
        if (!ping(TestNetwork::kThere).ok()) return 2;
      return 0;
    });
  });
  EXPECT_EQ(code, 0);
}

// Answers whatever is asked of 192.0.2.11 wrongly, in each way there is, in place of its kernel.
void answer_wrongly() {
  const Descriptor raw(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
  while (true) {
    std::array<char, 512> bytes{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* const plain = reinterpret_cast<sockaddr*>(&from);
    const auto got = recvfrom(raw.get(), bytes.data(), bytes.size(), 0, plain, &size);
    if (got <= 0) return;
    const auto asked = icmp_message_in({bytes.data(), static_cast<std::size_t>(got)});
    if (!asked || asked->size() < 24 || (*asked)[0] != 8) continue;
    Echo echo;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>((*asked)[at]); };
    echo.id = static_cast<std::uint16_t>(byte(4) << 8U | byte(5));
    echo.sequence = static_cast<std::uint16_t>(byte(6) << 8U | byte(7));
    std::copy_n(asked->begin() + 8, echo.token.size(), echo.token.begin());
    for (Echo wrong : {echo, echo, echo}) {
      static int way = 0;
      if (way % 3 == 0) ++wrong.id;
      if (way % 3 == 1) ++wrong.sequence;
      if (way++ % 3 == 2) ++wrong.token[5];
      std::string reply = echo_request(wrong);
      reply[0] = 0;                                // the type of an answer, and with it
      reply[2] = static_cast<char>(reply[2] + 8);  // the checksum
      sendto(raw.get(), reply.data(), reply.size(), 0, plain, size);
    }
  }
}

TEST(RealReachability, TakesNoForgedAnswer) {
  const int code = in_a_test_network([](TestNetwork& network) {
    if (!network.there().shell("echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")) return 1;
    if (!network.there().start(answer_wrongly)) return 2;
    for (int i = 0; i < 3; ++i) {
      const auto result = ping(TestNetwork::kThere, milliseconds{200});
      if (result.ok() || result.error().fault != Fault::timed_out) return 3;
    }
    if (!network.there().shell("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all")) return 4;
    return ping(TestNetwork::kThere).ok() ? 0 : 5;  // among the wrong ones the right one is heard
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tandem

// Whose socket takes the connections, as the kernel tells it.
#include "ports/listener_owner.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/descriptor.h"

namespace tandem {
namespace {

constexpr std::uint32_t kLoopback = 0x7F000001;
constexpr const char* kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

// As the kernel prints a line, with this address, state and user.
std::string line(const std::string& local, const char* state, const char* user) {
  return "   0: " + local + " 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000 " +
         user + "        0 16424 1 0000000000000000 100 0 0 10 0\n";
}

TEST(ListenerOwner, IsTheUserOfTheSocketThatListens) {
  const std::string table =
      kHead + line("0100007F:2695", "0A", "  1000") + line("0100007F:2696", "0A", "     0");
  EXPECT_EQ(listener_owner(table, "", kLoopback, 9877), 1000U);
  EXPECT_EQ(listener_owner(table, "", kLoopback, 9878), 0U);
  EXPECT_EQ(listener_owner(table, "", kLoopback, 9879), std::nullopt);
  EXPECT_EQ(listener_owner(table, "", kLoopback + 1, 9877), std::nullopt);
}

TEST(ListenerOwner, IsNoUserOfAConnection) {
  EXPECT_EQ(listener_owner(kHead + line("0100007F:2695", "01", "1000"), "", kLoopback, 9877),
            std::nullopt);
}

// The kernel gives a connection to the socket that names the address.
TEST(ListenerOwner, IsThatOfTheAddressBeforeThatOfAll) {
  const std::string all = line("00000000:2695", "0A", "1000"),
                    own = line("0100007F:2695", "0A", "0");
  EXPECT_EQ(listener_owner(kHead + all + own, "", kLoopback, 9877), 0U);
  EXPECT_EQ(listener_owner(kHead + all, "", kLoopback, 9877), 1000U);
}

TEST(ListenerOwner, KnowsSocketsOfIpv6ThatTakeIpv4) {
  EXPECT_EQ(listener_owner(kHead, kHead + line("00000000000000000000000000000000:2695", "0A", "7"),
                           kLoopback, 9877),
            7U);
  EXPECT_EQ(listener_owner(kHead, kHead + line("0000000000000000FFFF00000100007F:2695", "0A", "8"),
                           kLoopback, 9877),
            8U);
}

TEST(ListenerOwner, TakesWhatItCanNotUnderstandForNone) {
  for (const char* table :
       {"", "\n\n", "0: 0100007F:2695", "x 0100007F:2695 y 0A", "0: 0100007F:2695 r 0A t r w -1x"})
    EXPECT_EQ(listener_owner(table, table, kLoopback, 9877), std::nullopt) << table;
}

TEST(ListenerOwner, ReadsThoseOfThisHost) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kLoopback);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(socket.get(), plain, size), 0);
  ASSERT_EQ(getsockname(socket.get(), plain, &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  EXPECT_EQ(listener_owner(kLoopback, port).value(), std::nullopt) << "bound is not listening";
  ASSERT_EQ(listen(socket.get(), 1), 0);
  EXPECT_EQ(listener_owner(kLoopback, port).value(), geteuid());
}

}  // namespace
}  // namespace tandem

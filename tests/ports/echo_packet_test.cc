#include "ports/echo_packet.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace tandem {
namespace {

Echo an_echo() {
  Echo echo;
  echo.id = 0x1234;
  echo.sequence = 7;
  const char token[] = "0123456789abcdef";
  std::memcpy(echo.token.data(), token, echo.token.size());
  return echo;
}

// RFC 1071, written out plainly: the sum that a receiver makes must come to all ones.
std::uint32_t sum_of(const std::string& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    sum += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]) << 8U |
                                      static_cast<unsigned char>(bytes[i + 1]));
  while (sum > 0xFFFF) sum = (sum >> 16U) + (sum & 0xFFFFU);
  return sum;
}

// What an honest host makes of the question: another type, and the checksum that goes with it.
std::string reply_to(std::string request) {
  request[0] = request[2] = request[3] = 0;
  const std::uint32_t sum = ~sum_of(request) & 0xFFFFU;
  request[2] = static_cast<char>(sum >> 8U);
  request[3] = static_cast<char>(sum & 0xFFU);
  return request;
}

std::string in_ip(const std::string& message, std::size_t options = 0) {
  std::string head(20 + options, '\0');
  head[0] = static_cast<char>(0x40 | (5 + options / 4));
  head[3] = static_cast<char>(head.size() + message.size());
  head[9] = 1;
  return head + message;
}

TEST(EchoPacket, AsksInNetworkOrderWithAGoodChecksum) {
  const std::string request = echo_request(an_echo());
  EXPECT_EQ(request.substr(0, 2), std::string("\x08\0", 2));
  EXPECT_EQ(request.substr(4), std::string("\x12\x34\0\x07", 4) + "0123456789abcdef");
  EXPECT_EQ(sum_of(request), 0xFFFFU);
}

TEST(EchoPacket, TakesTheAnswerAndNotTheQuestion) {
  const std::string request = echo_request(an_echo());
  EXPECT_TRUE(is_echo_reply(reply_to(request), an_echo()));
  EXPECT_FALSE(is_echo_reply(request, an_echo()));
}

TEST(EchoPacket, TakesNoAnswerToAnotherQuestion) {
  const std::string reply = reply_to(echo_request(an_echo()));
  Echo other = an_echo();
  ++other.id;
  EXPECT_FALSE(is_echo_reply(reply, other));
  other = an_echo();
  ++other.sequence;
  EXPECT_FALSE(is_echo_reply(reply, other));
  other = an_echo();
  ++other.token.back();
  EXPECT_FALSE(is_echo_reply(reply, other));
}

// Whichever bit is turned over, it is no answer: the checksum covers them all.
TEST(EchoPacket, TakesNothingThatWasDamaged) {
  const std::string reply = reply_to(echo_request(an_echo()));
  for (std::size_t bit = 0; bit < reply.size() * 8; ++bit) {
    std::string damaged = reply;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(is_echo_reply(damaged, an_echo())) << "bit " << bit;
  }
  for (std::size_t size = 0; size < reply.size(); ++size)
    EXPECT_FALSE(is_echo_reply(reply.substr(0, size), an_echo())) << size << " bytes";
  EXPECT_FALSE(is_echo_reply(reply + '\0', an_echo()));
}

TEST(EchoPacket, FindsTheMessageInAPacket) {
  EXPECT_EQ(icmp_message_in(in_ip("message!")), "message!");
  EXPECT_EQ(icmp_message_in(in_ip("message!", 8)), "message!") << "behind the options of IP";
  EXPECT_EQ(icmp_message_in(in_ip("message!") + "padding"), "message!");
}

TEST(EchoPacket, FindsNoMessageInWhatIsNone) {
  const std::string packet = in_ip("message!");
  for (std::size_t size = 0; size < packet.size(); ++size)
    EXPECT_FALSE(icmp_message_in(packet.substr(0, size))) << size << " bytes";
  const auto with = [&](std::size_t at, char byte) {
    std::string changed = packet;
    changed[at] = byte;
    return icmp_message_in(changed);
  };
  EXPECT_FALSE(with(0, 0x65)) << "IPv6";
  EXPECT_FALSE(with(0, 0x44)) << "a header shorter than there is";
  EXPECT_FALSE(with(0, 0x4F)) << "a header longer than the packet";
  EXPECT_FALSE(with(3, 19)) << "all of it shorter than its header";
  EXPECT_FALSE(with(6, 0x20)) << "the first fragment";
  EXPECT_FALSE(with(7, 1)) << "a later fragment";
  EXPECT_FALSE(with(9, 17)) << "UDP";
}

// Random bytes, and answers with random changes: only the untouched answer is one. Under the
// sanitizers a read beyond the end would show.
TEST(EchoPacket, WithstandsAnything) {
  const std::string answer = in_ip(reply_to(echo_request(an_echo())));
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 dice(seed);
    std::string bytes = answer;
    if (seed % 4 == 0) bytes.assign(dice() % 80, '\0');
    if (seed % 4 == 1) bytes.resize(dice() % (answer.size() + 1));
    const auto changes = seed % 4 == 0 ? bytes.size() : dice() % 4;
    for (std::size_t i = 0; i < changes && !bytes.empty(); ++i)
      bytes[dice() % bytes.size()] = static_cast<char>(dice());
    const auto message = icmp_message_in(bytes);
    if (!message || !is_echo_reply(*message, an_echo())) continue;
    EXPECT_EQ(*message, std::string_view(answer).substr(20));
  }
}

}  // namespace
}  // namespace tandem

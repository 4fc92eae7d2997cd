// The bytes of an ICMP echo (RFC 792), and whether what came in is the answer to it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem {

// The mark of one question. Whoever does not see it can not answer it: the token is random.
struct Echo {
  static constexpr std::size_t kTokenBytes = 16;

  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  std::array<char, kTokenBytes> token{};
};

// The whole ICMP message, 24 bytes: never in need of fragments.
std::string echo_request(const Echo& echo);

// Whether this ICMP message is the answer: type, code, checksum, id, sequence and token, and no
// byte more.
bool is_echo_reply(std::string_view message, const Echo& echo);

// The ICMP message in an IPv4 packet, as a raw socket hands it over; nullopt: it is cut short, a
// fragment, or of another protocol.
std::optional<std::string_view> icmp_message_in(std::string_view packet);

}  // namespace tandem

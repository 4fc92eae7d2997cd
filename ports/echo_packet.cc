#include "ports/echo_packet.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>

#include <cstring>

namespace tandem {
namespace {

constexpr std::size_t kMessageBytes = sizeof(icmphdr) + Echo::kTokenBytes;

// RFC 1071, over an even number of bytes. Of a message with its checksum in place it is 0.
std::uint16_t checksum_of(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint16_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    sum += word;
  }
  sum = (sum >> 16U) + (sum & 0xFFFFU);
  sum += sum >> 16U;
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

std::string echo_request(const Echo& echo) {
  icmphdr head{};
  head.type = ICMP_ECHO;
  head.un.echo.id = htons(echo.id);
  head.un.echo.sequence = htons(echo.sequence);
  std::string message(kMessageBytes, '\0');
  std::memcpy(message.data() + sizeof head, echo.token.data(), echo.token.size());
  std::memcpy(message.data(), &head, sizeof head);
  head.checksum = checksum_of(message);
  std::memcpy(message.data(), &head, sizeof head);
  return message;
}

bool is_echo_reply(std::string_view message, const Echo& echo) {
  if (message.size() != kMessageBytes || checksum_of(message) != 0) return false;
  icmphdr head{};
  std::memcpy(&head, message.data(), sizeof head);
  return head.type == ICMP_ECHOREPLY && head.code == 0 && head.un.echo.id == htons(echo.id) &&
         head.un.echo.sequence == htons(echo.sequence) &&
         std::memcmp(message.data() + sizeof head, echo.token.data(), echo.token.size()) == 0;
}

std::optional<std::string_view> icmp_message_in(std::string_view packet) {
  constexpr std::size_t kWord = 4;
  iphdr head{};
  if (packet.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, packet.data(), sizeof head);
  const std::size_t head_bytes = head.ihl * kWord;
  const std::size_t total = ntohs(head.tot_len);
  const bool fragment = (ntohs(head.frag_off) & (IP_MF | IP_OFFMASK)) != 0;
  if (head.version != 4 || head.protocol != IPPROTO_ICMP || fragment) return std::nullopt;
  if (head_bytes < sizeof head || total < head_bytes || total > packet.size()) return std::nullopt;
  return packet.substr(head_bytes, total - head_bytes);
}

}  // namespace tandem

#include "tests/wazo_sim/http/plain_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace tandem::wazo_sim {
namespace {

constexpr std::size_t kAnswerMax = 8U * 1024 * 1024;
constexpr timeval kPatience{10, 0};

// All the server sends until it closes; "" when nobody listens.
std::string all_sent_back(std::uint16_t port, const std::string& request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 &&
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    std::array<char, 16384> piece{};
    while (answer.size() < kAnswerMax) {
      const auto got = ::recv(socket, piece.data(), piece.size(), 0);
      if (got < 0 && errno == EINTR) continue;  // a child of ours has ended
      if (got <= 0) break;
      answer.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  ::close(socket);
  return answer;
}

void read_chunks(const std::string& bytes, Answer& answer) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto line_end = bytes.find("\r\n", at);
    if (line_end == std::string::npos) return;
    const std::size_t size = std::strtoul(bytes.c_str() + at, nullptr, 16);
    if (size == 0) return;
    answer.body += bytes.substr(line_end + 2, size);
    ++answer.chunks;
    at = line_end + 2 + size + 2;
  }
}

}  // namespace

bool Answer::has(const std::string& line) const {
  return head.find("\r\n" + line + "\r\n") != std::string::npos;
}

Answer ask(std::uint16_t port, const std::string& method, const std::string& target,
           const Headers& headers, const std::string& body) {
  std::string request = method + " " + target + " HTTP/1.1\r\n";
  const bool has_host =
      std::ranges::any_of(headers, [](const auto& header) { return header.first == "Host"; });
  if (!has_host) request += "Host: 127.0.0.1:9486\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  request += "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  const std::string bytes = all_sent_back(port, request + body);
  const auto head_end = bytes.find("\r\n\r\n");
  Answer answer;
  if (!bytes.starts_with("HTTP/1.1 ") || head_end == std::string::npos) return answer;
  answer.status = std::stoi(bytes.substr(9, 3));
  answer.head = bytes.substr(0, head_end + 2);
  if (answer.has("Transfer-Encoding: chunked"))
    read_chunks(bytes.substr(head_end + 4), answer);
  else
    answer.body = bytes.substr(head_end + 4);
  return answer;
}

}  // namespace tandem::wazo_sim

// The smallest HTTP client, for tests: one request a connection, the bytes of the answer as they
// came.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tandem::wazo_sim {

struct Answer {
  int status = 0;    // 0: refused, or no complete status line
  std::string head;  // the status line and headers, names as sent
  std::string body;  // without chunks
  std::size_t chunks = 0;

  // Whether a header line is there, to the letter.
  bool has(const std::string& line) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

// Asks 127.0.0.1:`port` and reads until the server closes. Without a Host among the headers the one
// of the recordings is sent.
Answer ask(std::uint16_t port, const std::string& method, const std::string& target,
           const Headers& headers = {}, const std::string& body = "");

}  // namespace tandem::wazo_sim

// Whether another host can be reached from here: an echo, a connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct Greeting {
  std::string address;  // IPv4
  std::uint16_t port = 0;
  std::string words;    // what is said first; empty where the server speaks first
  bool listens = true;  // false: a connection is all that is wanted; not a word is awaited
  std::chrono::milliseconds deadline{3'000};
};

class Reachability {
 public:
  static constexpr std::size_t kAnswerMax = 256;

  virtual ~Reachability() = default;

  // One ICMP echo to the IPv4 address; how long its answer took. denied: this process may send none
  // (it wants CAP_NET_RAW). timed_out: no answer. unavailable: no route.
  virtual Task<Result<std::chrono::nanoseconds>> ping(std::string address,
                                                      std::chrono::milliseconds deadline) = 0;

  // Connects over TCP, says the words, and returns the first bytes of the answer, "" where it does
  // not listen for one. Faults:
  // connection_refused, connection_cut (it closed without a word), timed_out, unavailable (no
  // route).
  virtual Task<Result<std::string>> greet(Greeting greeting) = 0;
};

}  // namespace tandem

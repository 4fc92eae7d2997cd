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
  static constexpr std::size_t kForeignMax = 10'000;  // dropped during one echo; then it has failed

  virtual ~Reachability() = default;

  // One ICMP echo to the IPv4 address; how long its answer took. timed_out: no answer, or the
  // network said that the host can not be reached. What follows tells nothing of the other side:
  // denied: this process may send none (it wants CAP_NET_RAW), or a filter here stopped it;
  // unavailable: it could not be asked (no route, no socket, no room). An answer is known by its
  // source, identifier, sequence and a random token; all else that comes in is dropped.
  virtual Task<Result<std::chrono::nanoseconds>> ping(std::string address,
                                                      std::chrono::milliseconds deadline) = 0;

  // Connects over TCP, says the words, and returns the first bytes of the answer, "" where it does
  // not listen for one. Faults:
  // connection_refused, connection_cut (it closed without a word), timed_out, unavailable (no
  // route).
  virtual Task<Result<std::string>> greet(Greeting greeting) = 0;
};

}  // namespace tandem

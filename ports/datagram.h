// One question over UDP, and its answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct DatagramRequest {
  std::string address;  // IPv4
  std::uint16_t port = 0;
  std::string payload;
  // When it is sent again, counted from the first time, as long as there is no answer.
  std::vector<std::chrono::milliseconds> again{};
  std::chrono::milliseconds deadline{1'500};
  // A host that says "nobody listens there" may have somebody a moment later: go on all the same.
  bool outlasts_refusal = false;
  // Whether what was received is the answer; everything else is dropped.
  std::function<bool(std::string_view)> is_answer{};
};

class Datagrams {
 public:
  static constexpr std::size_t kDatagramMax = 64U << 10U;
  static constexpr std::size_t kReceivedMax = 1'000;  // in one ask(); more is a flood

  virtual ~Datagrams() = default;

  // The answer. connection_refused: the host says that nobody listens there. timed_out: silence,
  // also where the network says that the host can not be reached. unavailable, denied: it could not
  // be asked (no route, no right, no resources, a flood): that tells nothing of the other side.
  virtual Task<Result<std::string>> ask(DatagramRequest request) = 0;
};

}  // namespace tandem

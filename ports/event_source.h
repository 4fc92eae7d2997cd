// Follows a stream of server-sent events of the operator on this host, for a command that waits.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "core/result.h"
#include "ports/descriptor.h"

namespace tandem {

struct SentEvent {
  std::string id;    // "" where it has none
  std::string kind;  // "event", "change", ...
  std::string data;
};

class EventSource {
 public:
  // The server says something each 15 s at least; more of its silence means that it has gone.
  static constexpr std::chrono::seconds kSilenceMax{40};
  static constexpr std::size_t kEventMax = std::size_t{1} << 20U;  // bytes

  // Connects with the first next(). `address` is "IPV4:PORT", `path` has its query.
  EventSource(std::string address, std::string path)
      : address_(std::move(address)), path_(std::move(path)) {}

  // Blocks until the next one. connection_refused: nobody listens; connection_cut, timed_out: the
  // stream is over; invalid: the answer is no stream, with its status and what it says.
  Result<SentEvent> next();

 private:
  Status open();
  Status read_more();
  Result<std::string> line();

  std::string address_, path_;
  Descriptor socket_;
  std::string buffer_;
};

}  // namespace tandem

// What is asked of systemd about one transient unit; each call throws what the library throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "ports/command_streams.h"
#include "ports/process.h"

namespace tandem {

class BusSession;

struct TransientUnit {
  static constexpr std::chrono::seconds kAfterDeadline{15};  // systemd's own end of it

  bool found = false;
  bool ended = false;
  std::string description;  // the command, in one line
  int code = 0;             // CLD_EXITED, ...
  int status = 0;           // of the exit, or the signal
};

// The streams of a command, for as long as somebody may still hand them over.
class StreamEnds {
 public:
  explicit StreamEnds(const CommandStreams& streams);
  ~StreamEnds();

 private:
  friend void start_transient(BusSession& session, const std::string& name, const Command& command,
                              const StreamEnds& ends);
  struct Numbers;
  std::unique_ptr<Numbers> numbers_;
};

std::string description_of(const Command& command);

void start_transient(BusSession& session, const std::string& name, const Command& command,
                     const StreamEnds& ends);
// Looks at it; with `hold`, such that what becomes of it stays known until release_transient() or
// the end of the connection.
TransientUnit look_at_transient(BusSession& session, const std::string& name, bool hold);
// All processes of it.
void signal_transient(BusSession& session, const std::string& name, int signal);
void release_transient(BusSession& session, const std::string& name, int holds);

}  // namespace tandem

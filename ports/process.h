// Runs a program: argv goes to exec unchanged, there is never a shell.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct Command {
  std::vector<std::string> argv;  // argv[0] is an absolute path
  std::string input{};            // given on standard input, then end of file
  std::chrono::milliseconds deadline{30'000};
  std::size_t output_max = 64U << 10U;  // of each stream; what is beyond is read and dropped
};

struct CommandOutcome {
  int exit_status = -1;  // -1 where a signal ended it
  int signal = 0;        // 0 where it exited
  std::string output;
  std::string errors;
  bool output_cut = false;

  bool succeeded() const { return signal == 0 && exit_status == 0; }
};

class Process {
 public:
  virtual ~Process() = default;

  // The child runs in a session of its own with no descriptor of ours but its three streams. At the
  // deadline its process group gets SIGTERM, 2 s later SIGKILL, and the result is timed_out.
  // not_found, denied: the program could not be started.
  virtual Task<Result<CommandOutcome>> run(Command command) = 0;
};

}  // namespace tandem

// Runs a program: argv goes to exec unchanged, there is never a shell.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct Command {
  std::vector<std::string> argv;           // argv[0] is an absolute path
  std::string input{};                     // given on standard input, then end of file
  std::vector<std::string> environment{};  // "NAME=value", beside what it has anyway
  std::chrono::milliseconds deadline{30'000};
  std::size_t output_max = 64U << 10U;  // of each stream; what is beyond is read and dropped

  // Not empty: a long command that our own end must not end, by a name of its own (a-z, 0-9, '-';
  // at most kJobMax). What an earlier operator began under the same name is never doubled: run()
  // waits for its end first. If that was the very same argv its outcome is this one's (unavailable
  // where nobody knows any more how it ended); else this one starts then, in what is left of its
  // time.
  std::string job{};

  static constexpr std::size_t kJobMax = 40;
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

  // Ends what runs under the name `kept.job`, whoever began it, unless it is the very argv of
  // `kept`: SIGTERM to all of it, 2 s later SIGKILL. Good: nothing else runs under the name any
  // more, or nobody can know of it. timed_out: not even SIGKILL ended it within 5 s. Whoever waits
  // in run() for what is ended here has its outcome.
  virtual Task<Status> end_job(Command kept) = 0;
};

}  // namespace tandem

// Kills a child at a chosen system call: the only way to see every state that a kill can leave.
#pragma once

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>

namespace tandem {

// One system call as the kernel was asked for it.
struct Syscall {
  std::uint64_t number = 0;
  std::uint64_t arguments[6] = {};
  std::int64_t result = 0;
};

struct Stepped {
  bool permitted = true;  // false: this host lets nobody trace, and nothing was tried
  bool killed = false;    // at the stop that was asked for
  int code = 0;           // of exit, where it was not killed
  int stops = 0;          // that counted: two a system call, before it and after it
};

// Which stops count: those of every call, or only of calls that may change files. Between two of
// these a kill leaves the same.
enum class Stops { all, changing };

// Runs `act` in a child, stopped before and after its system calls, and kills it with SIGKILL at
// that stop (counted from 0; nullopt: never). Before a call: the call is not made. `look` is told
// each call that has ended, while the child stands still.
Stepped step_through(const std::function<int()>& act, std::optional<int> kill_at,
                     Stops counted = Stops::all,
                     const std::function<void(pid_t, const Syscall&)>& look = {});

}  // namespace tandem

#include "tests/ports/syscall_stepper.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <algorithm>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

constexpr int kRefused = 77;

// The child stands still before `act` until it is told to go on.
[[noreturn]] void be_traced(const std::function<int()>& act) {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kRefused);
  raise(SIGSTOP);
  _exit(act());
}

// Until its next stop, as waitpid tells it. Signals other than those of the tracing are handed on.
int go_on(pid_t child) {
  int signal = 0;
  while (true) {
    ptrace(PTRACE_SYSCALL, child, nullptr, signal);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFSTOPPED(status) || WSTOPSIG(status) == (SIGTRAP | 0x80)) return status;
    signal = WSTOPSIG(status);
  }
}

bool may_change(const Syscall& call) {
  switch (call.number) {
    case SYS_openat: return (call.arguments[2] & O_CREAT) != 0;
    case SYS_write:
    case SYS_fchown:
    case SYS_fchmod:
    case SYS_fchmodat:
    case SYS_fsync:
    case SYS_renameat:
    case SYS_unlinkat:
    case SYS_mkdirat: return true;
    default: return false;
  }
}

// Follows the calls of a child from stop to stop.
class Follower {
 public:
  Follower(pid_t child, const std::function<void(pid_t, const Syscall&)>& look)
      : child_(child), look_(look) {}

  // At a stop. What was asked is told at the first of the two, the result at the second; the call
  // that this stop belongs to.
  Syscall note() {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, child_, sizeof info, &info) <= 0) return {};
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      call_.number = info.entry.nr;
      std::copy(std::begin(info.entry.args), std::end(info.entry.args), call_.arguments);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
      call_.result = info.exit.rval;
      if (look_) look_(child_, call_);
    }
    return call_;
  }

 private:
  pid_t child_;
  const std::function<void(pid_t, const Syscall&)>& look_;
  Syscall call_;
};

}  // namespace

Stepped step_through(const std::function<int()>& act, std::optional<int> kill_at, Stops counted,
                     const std::function<void(pid_t, const Syscall&)>& look) {
  Stepped stepped;
  const pid_t child = fork_bound();
  if (child == 0) be_traced(act);
  int status = 0;
  waitpid(child, &status, 0);
  const auto options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
  if (!WIFSTOPPED(status) || ptrace(PTRACE_SETOPTIONS, child, nullptr, options) != 0) {
    stepped.permitted = false;
    if (WIFSTOPPED(status)) kill(child, SIGKILL), waitpid(child, nullptr, 0);
    return stepped;
  }
  Follower follower(child, look);
  for (status = go_on(child); WIFSTOPPED(status); status = go_on(child)) {
    const Syscall call = follower.note();
    if (counted == Stops::changing && !may_change(call)) continue;
    if (kill_at != stepped.stops++) continue;
    // At the stop before a system call the kernel does not begin it any more.
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    stepped.killed = true;
    return stepped;
  }
  stepped.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return stepped;
}

}  // namespace tandem

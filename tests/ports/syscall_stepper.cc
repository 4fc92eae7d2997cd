#include "tests/ports/syscall_stepper.h"

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

// What was asked is told at the first of the two stops, the result at the second.
void note(pid_t child, std::optional<Syscall>& begun, Stepped& stepped,
          const std::function<void(pid_t, const Syscall&)>& look) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) <= 0) return;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    begun = Syscall{};
    begun->number = info.entry.nr;
    std::copy(std::begin(info.entry.args), std::end(info.entry.args), begun->arguments);
  } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && begun) {
    begun->result = info.exit.rval;
    stepped.syscalls.push_back(*begun);
    if (look) look(child, *begun);
    begun.reset();
  }
}

}  // namespace

Stepped step_through(const std::function<int()>& act, std::optional<int> kill_at,
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
  std::optional<Syscall> begun;
  for (status = go_on(child); WIFSTOPPED(status); status = go_on(child)) {
    if (kill_at == stepped.stops++) {
      // At the stop before a system call the kernel does not begin it any more.
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
      stepped.killed = true;
      return stepped;
    }
    note(child, begun, stepped, look);
  }
  stepped.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return stepped;
}

}  // namespace tandem

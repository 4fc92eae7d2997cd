#include "ports/child.h"

#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr int kFirstFree = 3;  // after the three streams

class Actions {
 public:
  Actions(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, kFirstFree);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// A session of its own, and the signals as a login has them: SIGPIPE ends it again.
class Attributes {
 public:
  Attributes() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Ours, with `more` over it.
std::vector<char*> environment_with(const std::vector<std::string>& more) {
  std::vector<char*> pointers = pointers_to(more);
  pointers.pop_back();
  for (char** own = environ; *own != nullptr; ++own) {
    const std::string_view entry(*own);
    const auto name = entry.substr(0, entry.find('=') + 1);
    const bool given = std::any_of(more.begin(), more.end(), [&](const std::string& other) {
      return other.starts_with(name);
    });
    if (!given) pointers.push_back(*own);
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<Child> start_child(const Command& command, const CommandStreams& streams) {
  const auto& program = command.argv.front();
  Child child;
  const Actions actions(streams.input(), streams.output(), streams.errors());
  const Attributes attributes;
  const auto argv = pointers_to(command.argv);
  const auto environment = environment_with(command.environment);
  // Returns once the program runs, or with the errno of exec.
  const int error = posix_spawn(&child.pid, program.c_str(), actions.get(), attributes.get(),
                                argv.data(), environment.data());
  if (error != 0) return system_error(program, "start", error);
  // Not glibc 2.36's pidfd_open: its header forgets extern "C".
  child.handle = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.handle.ok()) {
    const int failed = errno;
    kill(-child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    return system_error(program, "watch", failed);
  }
  return child;
}

}  // namespace tandem

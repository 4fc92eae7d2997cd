#include "ports/foreground.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "ports/descriptor.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr int kTermToKillMilliseconds = 2000;

Descriptor input_of(const std::string& text) {
  Descriptor file(memfd_create("tandem-input", MFD_CLOEXEC));
  const auto size = static_cast<off_t>(text.size());
  if (!file.ok() || pwrite(file.get(), text.data(), text.size(), 0) != size) return Descriptor();
  return file;
}

int spawn_with(const Descriptor& input, const std::vector<std::string>& argv, pid_t& pid) {
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  const int error = posix_spawn(&pid, words[0], &actions, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

// Whether the child has ended by then.
bool ends_within(const Descriptor& handle, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  pollfd waited{handle.get(), POLLIN, 0};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const int ready = poll(&waited, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

Result<int> run_in_foreground(const std::vector<std::string>& argv, const std::string& input,
                              std::chrono::seconds deadline) {
  if (argv.empty() || !argv.front().starts_with('/'))
    return Error{Fault::invalid, "a program must be named by an absolute path"};
  const auto& program = argv.front();
  const auto given = input_of(input);
  if (!given.ok()) return system_error(program, "open its input", errno);
  pid_t pid = -1;
  const int error = spawn_with(given, argv, pid);
  if (error != 0) return system_error(program, "start", error);
  const Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const bool in_time = ends_within(handle, deadline);
  if (!in_time) {
    kill(pid, SIGTERM);
    if (!ends_within(handle, std::chrono::milliseconds(kTermToKillMilliseconds)))
      kill(pid, SIGKILL);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return system_error(program, "learn how it ended", errno);
  if (!in_time)
    return Error{Fault::timed_out, program + ": still ran after " +
                                       std::to_string(deadline.count()) + " s and was ended"};
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace tandem

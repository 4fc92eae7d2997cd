#include "ports/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr int kFirstFree = 3;  // after the three streams

struct Pipe {
  Descriptor ours;
  Descriptor theirs;
};

// Where one of our own three streams is closed, a new descriptor could take its number, and be
// overwritten when the child's streams are put in place.
Descriptor above_streams(int number) {
  Descriptor given(number);
  if (number < 0 || number >= kFirstFree) return given;
  return Descriptor(fcntl(number, F_DUPFD_CLOEXEC, kFirstFree));
}

bool open_pipe(Pipe& made) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  made.ours = above_streams(ends[0]);
  made.theirs = above_streams(ends[1]);
  return made.ours.ok() && made.theirs.ok();
}

// The whole input as a file in memory: nothing has to be written while the child runs, so there is
// no deadlock and no EPIPE if it never reads.
Descriptor input_of(const std::string& text) {
  if (text.empty()) return above_streams(open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto file = above_streams(memfd_create("tandem-input", MFD_CLOEXEC));
  std::size_t written = 0;
  while (file.ok() && written < text.size()) {
    // At a position, so that the child reads from the beginning.
    const auto size = pwrite(file.get(), text.data() + written, text.size() - written,
                             static_cast<off_t>(written));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Descriptor();
    written += static_cast<std::size_t>(size);
  }
  return file;
}

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

Status check(const Command& command) {
  if (command.argv.empty() || !command.argv.front().starts_with('/'))
    return Error{Fault::invalid, "a program must be named by an absolute path"};
  const auto has_nul = [](const std::string& word) { return word.find('\0') != std::string::npos; };
  if (std::ranges::any_of(command.argv, has_nul))
    return Error{Fault::invalid, "an argument of a program must not contain a NUL"};
  return success();
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<Child> start_child(const Command& command) {
  const auto checked = check(command);
  if (!checked.ok()) return checked.error();
  const auto& program = command.argv.front();
  const auto input = input_of(command.input);
  Pipe output;
  Pipe errors;
  if (!input.ok() || !open_pipe(output) || !open_pipe(errors))
    return system_error(program, "open its streams", errno);

  Child child;
  const Actions actions(input.get(), output.theirs.get(), errors.theirs.get());
  const Attributes attributes;
  const auto argv = pointers_to(command.argv);
  // Returns once the program runs, or with the errno of exec.
  const int error = posix_spawn(&child.pid, program.c_str(), actions.get(), attributes.get(),
                                argv.data(), environ);
  if (error != 0) return system_error(program, "start", error);
  // Not glibc 2.36's pidfd_open: its header forgets extern "C".
  child.handle = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.handle.ok()) {
    const int failed = errno;
    kill(-child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    return system_error(program, "watch", failed);
  }
  child.output = std::move(output.ours);
  child.errors = std::move(errors.ours);
  return child;
}

}  // namespace tandem

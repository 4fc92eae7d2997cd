#include "tests/wazo_sim/sysconfd/programs.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <sstream>
#include <vector>

namespace tandem::wazo_sim {
namespace {

namespace fs = std::filesystem;

// As PATH would find it. Empty: the node has no such program.
fs::path find_below(const fs::path& root, const std::string& name) {
  if (name.starts_with("/")) {
    const fs::path path = root / name.substr(1);
    return fs::exists(path) ? path : fs::path();
  }
  for (const char* folder : {"usr/sbin", "usr/bin"})
    if (fs::exists(root / folder / name)) return root / folder / name;
  return {};
}

// Everything that the child gets from us, undone at the end.
class Spawn {
 public:
  Spawn() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  ~Spawn() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  bool run(std::vector<char*> argv) {
    argv.push_back(nullptr);
    pid_t child = 0;
    if (posix_spawn(&child, argv[0], &actions_, &attributes_, argv.data(), environ) != 0)
      return false;
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
      if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

bool run_below(const fs::path& root, const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  if (words.empty()) return true;
  const fs::path program = find_below(root, words[0]);
  if (program.empty()) return true;
  words[0] = program;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return Spawn().run(std::move(argv));
}

}  // namespace tandem::wazo_sim

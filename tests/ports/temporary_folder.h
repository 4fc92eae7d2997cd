// A folder for one test, and what tests do in it behind the ports' back.
#pragma once

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>

namespace tandem {

class TemporaryFolder {
 public:
  TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}
  explicit TemporaryFolder(const std::filesystem::path& base) : path_(base / "tandem-test-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& below) const {
    return path_ + (below.starts_with('/') ? "" : "/") + below;
  }

 private:
  std::string path_;
};

// Where files are in memory, if the host has such a place: for a test that syncs thousands of times
// and whose disk may not be ours alone.
inline std::filesystem::path base_in_memory() {
  const char* shared = "/dev/shm";
  return access(shared, W_OK) == 0 ? shared : std::filesystem::temp_directory_path();
}

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// In place, as `echo text > path` does.
inline void write_to(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline mode_t mode_of(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 ? found.st_mode & 07777U : 0;
}

// fork() whose child does not outlive a test that crashes.
inline pid_t fork_bound() {
  const auto pid = fork();
  if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

// Runs `act` in a forked child, whose limits, namespaces and user it may change, and returns what
// it returned, or 128 + the signal that ended the child.
inline int in_child(const std::function<int()>& act) {
  const auto pid = fork_bound();
  if (pid == 0) {
    int code = 99;
    try {
      code = act();
    } catch (...) {
    }
    _exit(code);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// What a child's `act` returns where the host does not let it prepare.
constexpr int kNotPermitted = 77;

}  // namespace tandem

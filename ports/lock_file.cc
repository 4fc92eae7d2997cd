#include "ports/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "ports/system_error.h"

namespace tandem {
namespace {

// How often a file that was deleted between our open and our lock is opened again.
constexpr int kAttemptsMax = 10;

std::string number_in(const Descriptor& file) {
  std::array<char, 16> text{};
  const auto size = pread(file.get(), text.data(), text.size(), 0);
  const auto end = std::find_if(text.begin(), text.begin() + std::max<ssize_t>(size, 0),
                                [](char letter) { return letter < '0' || letter > '9'; });
  return {text.begin(), end};
}

std::string holder_of(const Descriptor& file) {
  const std::string pid = number_in(file);
  return pid.empty() ? "" : " (pid " + pid + ")";
}

Result<Descriptor> open_regular(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  Descriptor file(open(path.c_str(), kFlags, 0600));
  if (!file.ok()) return system_error(path, "open the lock file", errno);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return system_error(path, "look at the lock file", errno);
  if (!S_ISREG(status.st_mode))
    return Error{Fault::invalid, path + ": the lock file is not a regular file"};
  return file;
}

// Whether `path` still is the file that we have locked.
bool still_there(const Descriptor& file, const std::string& path) {
  struct stat ours {};
  struct stat theirs {};
  return fstat(file.get(), &ours) == 0 && lstat(path.c_str(), &theirs) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

// For the message of the second operator alone: a full disk must not keep the first from running.
void write_pid(const Descriptor& file) {
  const auto text = std::to_string(getpid()) + "\n";
  const auto size = static_cast<ssize_t>(text.size());
  if (pwrite(file.get(), text.data(), text.size(), 0) == size)
    static_cast<void>(!ftruncate(file.get(), size));
}

}  // namespace

std::optional<pid_t> LockFile::holder(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.ok() || flock(file.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return std::nullopt;
  const std::string number = number_in(file);
  pid_t pid = 0;
  const auto* const end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, pid);
  if (read.ec != std::errc() || read.ptr != end || pid <= 1) return std::nullopt;
  return pid;
}

Result<LockFile> LockFile::acquire(const std::string& path) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    auto file = open_regular(path);
    if (!file.ok()) return file.error();
    if (flock(file.value().get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return system_error(path, "lock", errno);
      return Error{Fault::unavailable,
                   "another tandem operator" + holder_of(file.value()) + " holds " + path};
    }
    if (!still_there(file.value(), path)) continue;
    write_pid(file.value());
    return LockFile(std::move(file).value());
  }
  return Error{Fault::unavailable, path + ": the lock file keeps being replaced"};
}

}  // namespace tandem

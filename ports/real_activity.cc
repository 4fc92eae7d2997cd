#include "ports/real_activity.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>

#include "ports/system_error.h"

namespace tandem {
namespace {

// Between an interpreter and its script there may be options: `/bin/sh -e SCRIPT`.
constexpr std::size_t kOptionsMax = 3;

bool is_number(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_interpreter(std::string_view program) {
  const auto name = program.substr(program.rfind('/') + 1);
  return name == "sh" || name == "bash" || name == "dash" || name == "env" ||
         name.starts_with("python") || name.starts_with("perl");
}

std::vector<std::string> words_of(std::string_view command_line) {
  std::vector<std::string> words;
  while (!command_line.empty()) {
    const auto end = command_line.find('\0');
    words.emplace_back(command_line.substr(0, end));
    if (end == std::string_view::npos) break;
    command_line.remove_prefix(end + 1);
  }
  return words;
}

// The program of a process: the script, where an interpreter runs one.
std::optional<std::string> program_of(const std::vector<std::string>& words) {
  if (words.empty()) return std::nullopt;
  if (!is_interpreter(words[0])) return words[0];
  for (std::size_t i = 1; i < words.size() && i <= kOptionsMax; ++i)
    if (words[i].starts_with('/')) return words[i];
  return words[0];
}

// Empty for a thread of the kernel, and for a process that has ended meanwhile.
std::string command_line(int proc, const std::string& pid) {
  const Descriptor file(openat(proc, (pid + "/cmdline").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return "";
  std::array<char, RealActivity::kCommandLineMax> text{};
  const auto size = read(file.get(), text.data(), text.size());
  return size <= 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

Status RealActivity::look_at_all(Time now) {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  if (!proc) {
    auto error = system_error("/proc", "look at the processes", errno);
    error.fault = Fault::unavailable;
    return error;
  }
  std::map<std::string, Known, std::less<>> known;
  std::set<std::string> programs;
  while (const dirent* entry = readdir(proc.get())) {
    if (!is_number(entry->d_name)) continue;
    if (known.size() >= kProcessesMax) break;
    const auto before = known_.find(std::string_view(entry->d_name));
    Known one = before == known_.end() ? Known{"", now, now} : std::move(before->second);
    if (now >= one.until) {
      one.program =
          program_of(words_of(command_line(dirfd(proc.get()), entry->d_name))).value_or("");
      one.until = now + std::min<Time::duration>(now - one.since, kKnownFor);
    }
    if (!one.program.empty()) programs.insert(one.program);
    known.emplace(entry->d_name, std::move(one));
  }
  known_ = std::move(known);
  seen_ = std::move(programs);
  return success();
}

Result<bool> RealActivity::locked(const std::string& path) {
  // To ask, no right to write is needed.
  const auto file = root_.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return system_error(path, "look at its lock", file.error());
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  // What a lock of this process would meet, and what one of an open file, which is none of ours.
  if (fcntl(file->get(), F_OFD_GETLK, &lock) != 0)
    return system_error(path, "look at its lock", errno);
  return lock.l_type == F_WRLCK;
}

Result<std::set<std::string>> RealActivity::running(const std::set<std::string>& programs) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= seen_until_) {
    const Status all = look_at_all(now);
    if (!all.ok()) return all.error();
    seen_until_ = now + kSeenFor;
  }
  std::set<std::string> found;
  for (const std::string& program : programs)
    if (seen_.contains(programs_below_ + program)) found.insert(program);
  return found;
}

}  // namespace tandem

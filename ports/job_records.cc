#include "ports/job_records.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "ports/descriptor.h"

namespace tandem {
namespace {

constexpr mode_t kOwnersAlone = 0600;
constexpr mode_t kOwnersFolder = 0700;
constexpr std::size_t kRecordMax = 1U << 20U;
constexpr int kFieldOfStart = 22;  // of /proc/PID/stat, from 1
constexpr int kFieldOfState = 3;

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.size() <= kRecordMax ? text : "";
}

// When a process started, in ticks since the boot; "" where it is none or has ended.
std::string start_of(pid_t pid) {
  const auto stat = text_of("/proc/" + std::to_string(pid) + "/stat");
  // The second field is a name in brackets that may hold anything.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(stat.substr(name_end + 1));
  std::string word;
  for (int field = kFieldOfState; fields >> word; ++field) {
    if (field == kFieldOfState && (word == "Z" || word == "X")) return "";
    if (field == kFieldOfStart) return word;
  }
  return "";
}

}  // namespace

std::optional<JobRecord> JobRecords::running(const std::string& job) const {
  if (folder_.empty()) return std::nullopt;
  std::istringstream text(text_of(path_of(job)));
  std::string number;
  std::string start;
  // The arguments hold no NUL, and anything else.
  if (!std::getline(text, number, '\0') || !std::getline(text, start, '\0')) return std::nullopt;
  JobRecord record;
  record.pid = static_cast<pid_t>(std::strtol(number.c_str(), nullptr, 10));
  for (std::string word; std::getline(text, word, '\0');) record.argv.push_back(word);
  if (record.pid <= 0 || start.empty() || start_of(record.pid) != start) return std::nullopt;
  return record;
}

void JobRecords::begun(const std::string& job, const JobRecord& record) const {
  if (folder_.empty()) return;
  mkdir(folder_.c_str(), kOwnersFolder);
  const auto partial = path_of(job) + ".new";
  std::string text = std::to_string(record.pid) + '\0' + start_of(record.pid) + '\0';
  for (const auto& word : record.argv) text += word + '\0';
  const Descriptor file(
      open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kOwnersAlone));
  // One write of a page or two: whole, or not at all.
  if (!file.ok() ||
      write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    unlink(partial.c_str());
    return;
  }
  if (rename(partial.c_str(), path_of(job).c_str()) != 0) unlink(partial.c_str());
}

void JobRecords::ended(const std::string& job) const {
  if (!folder_.empty()) unlink(path_of(job).c_str());
}

}  // namespace tandem

#include "ports/job_records.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "ports/descriptor.h"
#include "ports/process_facts.h"

namespace tandem {
namespace {

constexpr mode_t kOwnersAlone = 0600;
constexpr mode_t kOwnersFolder = 0700;
constexpr std::size_t kRecordMax = 1U << 20U;

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.size() <= kRecordMax ? text : "";
}

Status put(const std::string& folder, const std::string& path, const std::string& text) {
  mkdir(folder.c_str(), kOwnersFolder);
  const auto partial = path + ".new";
  const Descriptor file(
      open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kOwnersAlone));
  // One write of a page or two: whole, or not at all.
  const bool whole =
      file.ok() && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (whole && rename(partial.c_str(), path.c_str()) == 0) return success();
  unlink(partial.c_str());
  return Error{Fault::unavailable, path + ": can not be written"};
}

}  // namespace

bool still_runs(const JobRecord& record) {
  return !record.start.empty() && start_of(record.pid) == record.start;
}

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
  record.start = start;
  if (record.pid <= 0 || !still_runs(record)) return std::nullopt;
  return record;
}

Status JobRecords::begun(const std::string& job, const JobRecord& record) {
  if (folder_.empty()) return success();
  std::string text = std::to_string(record.pid) + '\0' + start_of(record.pid) + '\0';
  for (const auto& word : record.argv) text += word + '\0';
  auto work = [folder = folder_, path = path_of(job), text] { return put(folder, path, text); };
  return writes_.run(std::move(work));
}

void JobRecords::ended(const std::string& job) {
  if (folder_.empty()) return;
  auto work = [path = path_of(job)]() -> Status {
    ::unlink(path.c_str());
    return success();
  };
  static_cast<void>(writes_.run(std::move(work)));  // one that stays names an ended process
}

}  // namespace tandem

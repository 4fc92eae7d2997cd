// Which process carries out a job: for the operator that comes after us.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "ports/timed_work.h"

namespace tandem {

struct JobRecord {
  pid_t pid = -1;
  std::vector<std::string> argv;
  std::string start = {};  // as start_of() tells it: begun() finds it out
};

// Whether it is that process still. Reads no disk.
bool still_runs(const JobRecord& record);

// A file a job, for root alone. It names the process by its number and the time of its start, so
// that one which got the number later is not taken for it. A disk that hangs counts as one that can
// not be written.
class JobRecords {
 public:
  static constexpr std::chrono::seconds kWriteLimit{1};

  // Empty: nothing is remembered.
  explicit JobRecords(std::string folder) : folder_(std::move(folder)) {}

  // Only a process that still runs.
  std::optional<JobRecord> running(const std::string& job) const;
  // unavailable, timed_out: nobody will find it.
  Status begun(const std::string& job, const JobRecord& record);
  void ended(const std::string& job);

 private:
  std::string path_of(const std::string& job) const { return folder_ + "/" + job; }

  std::string folder_;
  TimedWork writes_{kWriteLimit};
};

}  // namespace tandem

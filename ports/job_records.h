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
};

// A file a job, for root alone. It names the process by its number and the time of its start, so
// that one which got the number later is not taken for it. Where it can not be written the job is
// run all the same: an operator that comes after us does not find it then. A disk that hangs counts
// as one that can not be written.
class JobRecords {
 public:
  static constexpr std::chrono::seconds kWriteLimit{1};

  // Empty: nothing is remembered.
  explicit JobRecords(std::string folder) : folder_(std::move(folder)) {}

  // Only a process that still runs.
  std::optional<JobRecord> running(const std::string& job) const;
  void begun(const std::string& job, const JobRecord& record);
  void ended(const std::string& job);

 private:
  std::string path_of(const std::string& job) const { return folder_ + "/" + job; }

  std::string folder_;
  TimedWork writes_{kWriteLimit};
};

}  // namespace tandem

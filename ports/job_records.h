// Which process carries out a job: for the operator that comes after us.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tandem {

struct JobRecord {
  pid_t pid = -1;
  std::vector<std::string> argv;
};

// A file a job, for root alone. It names the process by its number and the time of its start, so
// that one which got the number later is not taken for it. Where it can not be written the job is
// run all the same: an operator that comes after us does not find it then.
class JobRecords {
 public:
  // Empty: nothing is remembered.
  explicit JobRecords(std::string folder) : folder_(std::move(folder)) {}

  // Only a process that still runs.
  std::optional<JobRecord> running(const std::string& job) const;
  void begun(const std::string& job, const JobRecord& record) const;
  void ended(const std::string& job) const;

 private:
  std::string path_of(const std::string& job) const { return folder_ + "/" + job; }

  std::string folder_;
};

}  // namespace tandem

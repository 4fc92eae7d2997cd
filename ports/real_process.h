// Programs on this host.
#pragma once

#include <string>
#include <utility>

#include "ports/attended_process.h"
#include "ports/job_records.h"
#include "ports/process.h"

namespace tandem {

// A child that is still running when its io_context is destroyed gets SIGTERM, unless it is a job:
// that one goes on, and is found by its record in `jobs_folder`. Nothing else in the
// program may wait for any child (`waitpid(-1)`), and SIGCHLD must not be ignored: the exit status
// would be lost (unavailable).
//
// A daemon that the child leaves behind may hold its output open: what it writes later than half a
// second after the child has ended is not read.
class RealProcess : public Process, public AttendedProcess {
 public:
  // Without a folder a job that an earlier operator began is not found, and none can be ended.
  explicit RealProcess(std::string jobs_folder = "") : jobs_(std::move(jobs_folder)) {}

  Task<Result<CommandOutcome>> run(Command command) override;
  Task<Status> end_job(Command kept) override;
  Task<Result<CommandOutcome>> attend(Command command, Attendance& attendance) override;

 private:
  Task<Result<CommandOutcome>> carry_out(Command command, Attendance* attendance);

  JobRecords jobs_;
};

}  // namespace tandem

// Programs of the managed root: a lab's node runs its own programs, never this host's.
#pragma once

#include <string>

#include "ports/process.h"

namespace tandem {

// With the root "/" a command runs as it is. Below any other root argv[0] is looked up there, so a
// lab's node has its own `/usr/sbin/...`; a program that is not there is not_found, and never one
// of the host in its place. The program itself is no chroot's: it sees the host's paths.
class RootedProcess : public Process {
 public:
  RootedProcess(Process& programs, std::string root)
      : programs_(programs), root_(std::move(root)) {}

  Task<Result<CommandOutcome>> run(Command command) override;
  Task<Status> end_job(Command kept) override;

 private:
  void root(Command& command) const;

  Process& programs_;
  std::string root_;
};

}  // namespace tandem

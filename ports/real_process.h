// Programs on this host.
#pragma once

#include "ports/process.h"

namespace tandem {

// A child that is still running when its io_context is destroyed gets SIGTERM. Nothing else in the
// program may wait for any child (`waitpid(-1)`), and SIGCHLD must not be ignored: the exit status
// would be lost (unavailable).
//
// A daemon that the child leaves behind may hold its output open: what it writes later than half a
// second after the child has ended is not read.
class RealProcess : public Process {
 public:
  Task<Result<CommandOutcome>> run(Command command) override;
};

}  // namespace tandem

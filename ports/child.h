// Starts a program; what becomes of it is real_process.h's.
#pragma once

#include <sys/types.h>

#include "core/result.h"
#include "ports/command_streams.h"
#include "ports/descriptor.h"
#include "ports/process.h"

namespace tandem {

struct Child {
  pid_t pid = -1;     // and its session and process group
  Descriptor handle;  // a pidfd: readable once the child has ended
};

// The child is to be waited for by the caller, by its pid.
Result<Child> start_child(const Command& command, const CommandStreams& streams);

}  // namespace tandem

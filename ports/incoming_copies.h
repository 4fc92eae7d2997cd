// The copies of files that the other node makes onto this one. Each is a process that sshd started,
// no child of ours: a node that is about to serve must end them first.
#pragma once

#include <cstddef>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

class IncomingCopies {
 public:
  struct Ended {
    std::size_t found = 0;
    std::size_t left = 0;  // of these: not even SIGKILL has ended them yet

    bool operator==(const Ended&) const = default;
  };

  virtual ~IncomingCopies() = default;

  // Ends those that run, within 2 s, and lets none begin from here on until admit(). What they had
  // copied stays: whole files, old or new. timed_out, unavailable: it can not be told within half a
  // second which run, and none was ended. May be called again once it has
  // returned, and does the same.
  virtual Task<Result<Ended>> end_all() = 0;
  // They may begin again, as far as the gate lets them. So they may when this operator ends.
  virtual void admit() = 0;
};

}  // namespace tandem

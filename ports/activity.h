// What else is at work on the host: who has locked a file, which programs run.
#pragma once

#include <set>
#include <string>

#include "core/result.h"

namespace tandem {

class Activity {
 public:
  virtual ~Activity() = default;

  // Whether a process, in whatever container, holds a lock for writing (fcntl) on this file of the
  // managed root. not_found: there is no such file. denied. It takes no lock and waits for none.
  virtual Result<bool> locked(const std::string& path) = 0;

  // Which of these programs of the managed root, named by absolute paths, run now. A script counts
  // as its own program. What can not be seen, as from a container without the host's processes, is
  // left out. The answer may be kSeenFor old. unavailable: no process can be looked at.
  virtual Result<std::set<std::string>> running(const std::set<std::string>& programs) = 0;
};

}  // namespace tandem

// One file that is replaced as a whole, by somebody who must not wait for the disk.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

class KeptFile {
 public:
  virtual ~KeptFile() = default;

  // nullopt: there is none. Waits for the disk; before the first write.
  virtual Result<std::optional<std::string>> read(std::size_t limit) = 0;

  // As Filesystem::replace, mode 0600, while others go on. timed_out: the disk hangs, and nothing
  // more is written until it has answered. One at a time.
  virtual Task<Status> write(std::string content) = 0;
};

}  // namespace tandem

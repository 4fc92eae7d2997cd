// That only one operator runs on a node.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/result.h"
#include "ports/descriptor.h"

namespace tandem {

// Holds a lock on a file until it is destroyed or the process dies, however it dies. The file
// stays: to delete it would let two operators lock two files of one name.
class LockFile {
 public:
  // unavailable: "another tandem operator (pid N) holds PATH". Else as a file that cannot be
  // opened; a link or anything but a regular file is invalid. The folder must exist.
  static Result<LockFile> acquire(const std::string& path);

  // Who holds the file now, by the number that it wrote there; nullopt: nobody, or it can not be
  // told.
  static std::optional<pid_t> holder(const std::string& path);

 private:
  explicit LockFile(Descriptor file) : file_(std::move(file)) {}

  Descriptor file_;
};

}  // namespace tandem

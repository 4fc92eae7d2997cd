// Which way each ISDN switch was last set by us, and when: the relay itself may not be readable.
#pragma once

#include <map>
#include <string>

#include "core/result.h"
#include "pbx/bnfos.h"
#include "ports/filesystem.h"

namespace tandem {

class RelayMemory {
 public:
  struct Entry {
    LinesTo lines = LinesTo::unknown;
    WallTime at{};  // whole seconds
    bool operator==(const Entry&) const = default;
  };

  // `path` of the file, in the operator's state directory; it and its folder are made when needed.
  RelayMemory(Filesystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  // By device. A line that can not be understood is as if it were not there.
  Result<std::map<std::string, Entry>> entries();
  Status keep(const std::string& device, const Entry& entry);

 private:
  Filesystem& files_;
  std::string path_;
};

}  // namespace tandem

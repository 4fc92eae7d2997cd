// The bytes of a SlotFile in a file of the host.
#pragma once

#include <string>

#include "ports/slot_file.h"

namespace tandem {

// The file is opened anew for each call: a disk that was away may come back, and a person may have
// moved the file. It is a regular file and no link, else invalid. A new one has mode 0600 and all
// its blocks; its folder must exist. In place means what the file system makes of it: where it
// copies on write (btrfs), a full disk may still refuse.
class RealSlotDevice : public SlotDevice {
 public:
  explicit RealSlotDevice(std::string path) : path_(std::move(path)) {}

  Result<std::string> read() override;
  Status create(const std::string& bytes) override;
  Status write(std::size_t offset, const std::string& bytes) override;
  const std::string& name() const override { return path_; }

 private:
  std::string path_;
};

}  // namespace tandem

// A SlotFile on a disk that may hang: a write is waited for only so long.
#pragma once

#include <memory>
#include <string>

#include "ports/slot_file.h"
#include "ports/timed_work.h"

namespace tandem {

class TimedSlotFile : public SlotFile {
 public:
  // Below what voids the evidence (Hearing::kStall): a disk that hangs must not.
  static constexpr std::chrono::seconds kWriteLimit{2};

  explicit TimedSlotFile(std::shared_ptr<SlotFile> file,
                         std::chrono::milliseconds limit = kWriteLimit)
      : file_(std::move(file)), writes_(limit) {}

  // Waits as long as it takes: a slow disk at the start must not pass for one without memory. Not
  // after a write.
  Result<std::optional<std::string>> read() override { return file_->read(); }

  // timed_out: it hangs, and counts as refused; nothing more is written until it has returned.
  Status write(const std::string& content) override {
    const Status written = writes_.run([file = file_, content] { return file->write(content); });
    if (written.ok() || written.error().fault != Fault::timed_out) return written;
    return in_context("the disk of the state directory hangs", written.error());
  }

 private:
  std::shared_ptr<SlotFile> file_;
  TimedWork writes_;
};

}  // namespace tandem

// The state directory of a simulated node: what was synced, what only seems to be there, and
// refusal. One disk outlives the operators that use it.
#pragma once

#include <optional>
#include <string>

#include "ports/slot_file.h"

namespace tandem::sim {

class Disk : public SlotFile {
 public:
  Result<std::optional<std::string>> read() override { return seen_; }

  Status write(const std::string& content) override {
    ++tries;
    if (refusals > 0) {
      // Every second refusal comes from the sync: the bytes seem to be there until the power goes.
      if (tries % 2 == 0) seen_ = content;
      return Error{Fault::unavailable, "no space left on device"};
    }
    ++writes;
    seen_ = content;
    if (!lies) synced_ = content;
    return success();
  }

  void lose_power() { seen_ = synced_; }
  const std::optional<std::string>& synced() const { return synced_; }

  int refusals = 0;   // faults that make it refuse
  bool lies = false;  // a mutation: success without a sync
  int tries = 0;
  int writes = 0;

 private:
  std::optional<std::string> seen_, synced_;
};

}  // namespace tandem::sim

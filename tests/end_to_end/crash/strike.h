// When to kill: after a while, or right after so many steps of a write were seen in a folder.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tandem::crash {

// Sees what is created, renamed, written or removed in some folders, from its making on.
class StepWatch {
 public:
  explicit StepWatch(const std::vector<std::string>& folders);
  StepWatch(const StepWatch&) = delete;
  StepWatch& operator=(const StepWatch&) = delete;
  ~StepWatch();

  // Until so many steps were seen, or for that long. How many there were.
  int wait_for(int steps, std::chrono::milliseconds limit);

 private:
  int notify_;
};

}  // namespace tandem::crash

// Work that may hang, such as a write to a disk that neither takes nor refuses it: done by a thread
// of its own, and waited for only so long.
#pragma once

#include <chrono>
#include <functional>
#include <future>

#include "core/result.h"

namespace tandem {

class TimedWork {
 public:
  explicit TimedWork(std::chrono::milliseconds limit) : limit_(limit) {}

  // What `work` returned. timed_out: it is still under way, and will have its effect late or never;
  // or one before it is, and this one was not begun and never will be. So no two are under way at
  // once, and an older one never ends after a newer one. `work` owns what it uses: what hangs is
  // left to itself, and may outlive us. It must not throw.
  Status run(std::function<Status()> work);

 private:
  std::chrono::milliseconds limit_;
  std::future<Status> under_way_;  // valid: it was given up
};

}  // namespace tandem

#include "ports/timed_work.h"

#include <fmt/format.h>

#include <system_error>
#include <thread>
#include <utility>

namespace tandem {

Status TimedWork::run(std::function<Status()> work) {
  using namespace std::chrono_literals;
  if (under_way_.valid()) {
    if (under_way_.wait_for(0s) != std::future_status::ready)
      return Error{Fault::timed_out, "it still hangs in what it was asked before"};
    static_cast<void>(under_way_.get());  // whoever asked for it was told that it failed
  }
  std::packaged_task<Status()> task(std::move(work));
  std::future<Status> result = task.get_future();
  try {
    std::thread(std::move(task)).detach();
  } catch (const std::system_error& error) {
    return Error{Fault::unavailable, fmt::format("no thread for it: {}", error.what())};
  }
  if (result.wait_for(limit_) == std::future_status::ready) return result.get();
  under_way_ = std::move(result);
  return Error{Fault::timed_out, fmt::format("no answer within {} ms", limit_.count())};
}

}  // namespace tandem

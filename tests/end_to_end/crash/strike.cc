#include "tests/end_to_end/crash/strike.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace tandem::crash {

StepWatch::StepWatch(const std::vector<std::string>& folders)
    : notify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  constexpr unsigned kSteps =
      IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE;
  for (const auto& folder : folders)
    if (inotify_add_watch(notify_, folder.c_str(), kSteps) < 0)
      throw std::runtime_error("can not watch " + folder);
}

StepWatch::~StepWatch() { close(notify_); }

int StepWatch::wait_for(int steps, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  int seen = 0;
  while (seen < steps) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd ready{notify_, POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0) break;
    std::array<char, 4096> events{};
    const auto size = read(notify_, events.data(), events.size());
    for (ssize_t at = 0; at < size; ++seen) {
      inotify_event event{};
      std::memcpy(&event, events.data() + at, sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
  return seen;
}

}  // namespace tandem::crash

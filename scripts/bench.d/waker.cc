// Wakes so many times a second and does nothing else: what waking alone costs on a machine.
//
//   waker TIMES-A-SECOND FOLDER     until it is ended; the folder only tells whose process it is
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const long times = argc == 3 ? std::strtol(argv[1], nullptr, 10) : 0;
  if (times < 1 || times > 1000) {
    std::fprintf(stderr, "usage: waker TIMES-A-SECOND FOLDER\n");
    return 64;
  }
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const int queue = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  if (timer < 0 || epoll_ctl(queue, EPOLL_CTL_ADD, timer, &event) != 0) return 1;
  itimerspec next{};
  next.it_value.tv_nsec = 1'000'000'000 / times - 1;
  for (;;) {  // armed anew each time, as a loop with timers of its own does
    if (timerfd_settime(timer, 0, &next, nullptr) != 0) return 1;
    if (epoll_wait(queue, &event, 1, -1) < 0) return 1;
    std::uint64_t fired = 0;
    if (read(timer, &fired, sizeof fired) < 0) return 1;
  }
}

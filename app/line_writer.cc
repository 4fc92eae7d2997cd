#include "app/line_writer.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

namespace tandem {

namespace asio = boost::asio;

// The description is shared with whoever started us, so it is not made non-blocking here; if it is
// already, the wait is ours.
bool LineWriter::put(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      pollfd room{descriptor, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (count == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

struct LineWriter::Work {
  const Put put;
  const std::function<std::string(std::uint64_t)> tell_lost;
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> open{loop.get_executor()};
  std::atomic<std::size_t> waiting{0};  // bytes
  std::atomic<std::uint64_t> lost{0};   // not told yet
  std::atomic<std::uint64_t> lost_ever{0};

  Work(Put its_put, std::function<std::string(std::uint64_t)> tell)
      : put(std::move(its_put)), tell_lost(std::move(tell)) {}

  void lose() {
    ++lost;
    ++lost_ever;
  }

  // In the thread.
  void take(const std::string& line) {
    if (!put(line)) lose();
    if (waiting.fetch_sub(line.size()) != line.size()) return;
    const auto untold = lost.exchange(0);
    if (untold > 0 && !put(tell_lost(untold))) lost += untold;
  }
};

LineWriter::LineWriter(int descriptor, std::function<std::string(std::uint64_t)> tell_lost)
    : LineWriter([descriptor](const std::string& line) { return put(descriptor, line); },
                 std::move(tell_lost)) {}

LineWriter::LineWriter(Put put, std::function<std::string(std::uint64_t)> tell_lost)
    : work_(std::make_shared<Work>(std::move(put), std::move(tell_lost))) {
  std::packaged_task<void()> run([work = work_] {
    // Signals are the other thread's; a reader that went away is an error here, not the end.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    work->loop.run();
  });
  ended_ = run.get_future();
  thread_ = std::thread(std::move(run));
}

LineWriter::~LineWriter() {
  work_->open.reset();
  if (ended_.wait_for(kStopLimit) == std::future_status::ready) {
    thread_.join();
    return;
  }
  work_->loop.stop();  // after the line that hangs nothing more is written
  thread_.detach();
}

std::uint64_t LineWriter::lost() const { return work_->lost_ever; }

void LineWriter::write(std::string line) {
  const std::size_t size = line.size();
  if (work_->waiting.load() + size > kWaitingMax) {
    work_->lose();
    return;
  }
  work_->waiting += size;
  asio::post(work_->loop, [work = work_.get(), kept = std::move(line)] { work->take(kept); });
}

}  // namespace tandem

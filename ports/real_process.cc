#include "ports/real_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <memory>
#include <utility>

#include "ports/child.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

using std::chrono::steady_clock;
using Pipe = boost::asio::posix::stream_descriptor;

constexpr std::chrono::seconds kTermToKill{2};
// Even SIGKILL does not end a process that waits for a broken disk.
constexpr std::chrono::seconds kKillToGivingUp{5};
// How long others may hold the pipes of a child that has ended.
constexpr std::chrono::milliseconds kLinger{500};
constexpr std::size_t kChunk = 16U << 10U;
constexpr int kLastReadsMax = 64;

bool adopt(Pipe& pipe, Descriptor& descriptor) {
  boost::system::error_code failed;
  pipe.assign(descriptor.get(), failed);
  if (!failed) descriptor.release();
  return !failed;
}

// One stream of the child: kept up to a limit, read to the end.
class Capture {
 public:
  Capture(const boost::asio::any_io_executor& executor, std::size_t limit)
      : pipe_(executor), limit_(limit) {}

  // `owner` keeps this alive; `ended` is called once.
  template <class Ended>
  void read(std::shared_ptr<void> owner, Ended ended) {
    pipe_.async_read_some(boost::asio::buffer(chunk_),
                          [this, owner, ended](boost::system::error_code failed, std::size_t size) {
                            keep(size);
                            if (!failed) return read(owner, ended);
                            ended_ = true;  // end of file, or closed by us
                            ended();
                          });
  }

  // What is in the pipe by now, without waiting; then no more.
  void finish() {
    for (int reads = 0; !ended_ && reads < kLastReadsMax; ++reads) {
      const auto size = ::read(pipe_.native_handle(), chunk_.data(), chunk_.size());
      if (size <= 0) break;
      keep(static_cast<std::size_t>(size));
    }
    boost::system::error_code ignored;
    pipe_.close(ignored);
  }

  Pipe& pipe() { return pipe_; }
  bool ended() const { return ended_; }
  bool cut() const { return cut_; }
  std::string take() { return std::move(text_); }

 private:
  void keep(std::size_t size) {
    const auto room = std::min(size, limit_ - text_.size());
    text_.append(chunk_.data(), room);
    cut_ |= room < size;
  }

  Pipe pipe_;
  std::size_t limit_;
  std::array<char, kChunk> chunk_{};
  std::string text_;
  bool cut_ = false;
  bool ended_ = false;
};

// A child that runs, or has ended and is not waited for yet: so long nobody else gets its number,
// and a signal to its group reaches no stranger. Its handlers own it; it goes with the last of
// them.
class Running : public std::enable_shared_from_this<Running> {
 public:
  Running(const boost::asio::any_io_executor& executor, std::size_t output_max)
      : changed_(executor),
        handle_(executor),
        output_(executor, output_max),
        errors_(executor, output_max) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (pid_ < 0) return;
    signal_group(SIGTERM);
    waitpid(pid_, nullptr, WNOHANG);
  }

  Status begin(Child child, const std::string& program) {
    pid_ = child.pid;
    if (!adopt(handle_, child.handle) || !adopt(output_.pipe(), child.output) ||
        !adopt(errors_.pipe(), child.errors))
      return Error{Fault::unavailable, program + ": cannot watch: too few resources"};
    const auto self = shared_from_this();
    const auto changed = [this] { changed_.cancel(); };
    output_.read(self, changed);
    errors_.read(self, changed);
    handle_.async_wait(Pipe::wait_read, [self](boost::system::error_code) {
      self->exited_ = true;
      self->changed_.cancel();
    });
    return success();
  }

  bool exited() const { return exited_; }
  bool silent() const { return exited_ && output_.ended() && errors_.ended(); }

  // Until `reached`, at most so long.
  Task<void> until(bool (Running::*reached)() const, steady_clock::duration limit) {
    const auto deadline = steady_clock::now() + limit;
    while (!(this->*reached)() && steady_clock::now() < deadline) {
      changed_.expires_at(deadline);
      boost::system::error_code woken;
      co_await changed_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    }
  }

  void signal_group(int signal) const { kill(-pid_, signal); }

  void close_pipes() {
    output_.finish();
    errors_.finish();
  }

  // Once it has exited.
  Result<CommandOutcome> collect(const std::string& program) {
    int status = 0;
    const auto waited = waitpid(pid_, &status, WNOHANG);
    const int error = errno;
    pid_ = -1;
    if (waited <= 0) {
      auto lost = system_error(program, "learn how it ended", error);
      lost.fault = Fault::unavailable;
      return lost;
    }
    CommandOutcome outcome;
    if (WIFEXITED(status)) outcome.exit_status = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
    outcome.output = output_.take();
    outcome.errors = errors_.take();
    outcome.output_cut = output_.cut() || errors_.cut();
    return outcome;
  }

 private:
  pid_t pid_ = -1;
  bool exited_ = false;
  boost::asio::steady_timer changed_;
  Pipe handle_;
  Capture output_;
  Capture errors_;
};

Error late(const Command& command) {
  return Error{Fault::timed_out, command.argv.front() + ": still ran after " +
                                     std::to_string(command.deadline.count()) +
                                     " ms and was ended"};
}

}  // namespace

Task<Result<CommandOutcome>> RealProcess::run(Command command) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto child = start_child(command);
  if (!child.ok()) co_return child.error();
  const auto running = std::make_shared<Running>(executor, command.output_max);
  const auto begun = running->begin(std::move(child).value(), command.argv.front());
  if (!begun.ok()) co_return begun.error();

  co_await running->until(&Running::exited, command.deadline);
  const bool too_late = !running->exited();
  if (too_late) {
    running->signal_group(SIGTERM);
    // The pipes tell whether others of the group still run when the child itself has ended.
    co_await running->until(&Running::silent, kTermToKill);
    running->signal_group(SIGKILL);
    co_await running->until(&Running::exited, kKillToGivingUp);
  }
  co_await running->until(&Running::silent, kLinger);
  running->close_pipes();
  if (!running->exited()) co_return late(command);
  auto outcome = running->collect(command.argv.front());
  if (too_late) co_return late(command);
  co_return outcome;
}

}  // namespace tandem

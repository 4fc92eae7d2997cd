#include "ports/real_process.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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
#include "ports/command_streams.h"
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
// How often the output of a job is cut.
constexpr std::chrono::seconds kTrimEvery{1};

// A child that runs, or has ended and is not waited for yet: so long nobody else gets its number,
// and a signal to its group reaches no stranger. Its handlers own it; it goes with the last of
// them. One that an earlier operator began is watched in the same way, and has no streams here.
class Running : public std::enable_shared_from_this<Running> {
 public:
  Running(const boost::asio::any_io_executor& executor, bool lasting)
      : lasting_(lasting), changed_(executor), handle_(executor) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (pid_ < 0) return;
    if (!lasting_) signal_group(SIGTERM);
    waitpid(pid_, nullptr, WNOHANG);
  }

  Status begin(Child child, std::unique_ptr<CommandStreams> streams, const std::string& program) {
    pid_ = child.pid;
    streams_ = std::move(streams);
    boost::system::error_code failed;
    handle_.assign(child.handle.get(), failed);
    if (failed) return Error{Fault::unavailable, program + ": cannot watch: too few resources"};
    child.handle.release();
    const auto self = shared_from_this();
    if (streams_) streams_->begin(self, [this] { changed_.cancel(); });
    handle_.async_wait(Pipe::wait_read, [self](boost::system::error_code) {
      self->exited_ = true;
      self->changed_.cancel();
    });
    return success();
  }

  // Ended by whoever attends it, from now on until forgotten(). It outlives this one's run.
  void attended_by(Attendance* attendance) {
    attendance_ = attendance;
    if (attendance_ == nullptr) return;
    attendance_->on_end([held = weak_from_this()] {
      if (const auto self = held.lock()) self->changed_.cancel();
    });
  }
  void forgotten() {
    if (attendance_ != nullptr) attendance_->on_end({});
    attendance_ = nullptr;
  }

  bool exited() const { return exited_; }
  bool exited_or_unwanted() const {
    return exited_ || (attendance_ != nullptr && attendance_->ending());
  }
  bool silent() const { return exited_ && (!streams_ || streams_->ended()); }

  // Until `reached`, at most so long.
  Task<void> until(bool (Running::*reached)() const, steady_clock::duration limit) {
    const auto deadline = steady_clock::now() + limit;
    while (!(this->*reached)() && steady_clock::now() < deadline) {
      changed_.expires_at(lasting_ ? std::min(deadline, steady_clock::now() + kTrimEvery)
                                   : deadline);
      boost::system::error_code woken;
      co_await changed_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      if (streams_ && lasting_) streams_->trim();
    }
  }

  // Its time is over: the pipes tell whether others of the group still run when the child
  // itself has ended.
  Task<void> end() {
    signal_group(SIGTERM);
    co_await until(&Running::silent, kTermToKill);
    signal_group(SIGKILL);
    co_await until(&Running::exited, kKillToGivingUp);
  }

  // Somebody else waits for it.
  void leave() { pid_ = -1; }

  void close_pipes() {
    if (streams_) streams_->finish();
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
    if (streams_) streams_->give(outcome);
    return outcome;
  }

 private:
  void signal_group(int signal) const { kill(-pid_, signal); }

  bool lasting_;
  pid_t pid_ = -1;
  bool exited_ = false;
  Attendance* attendance_ = nullptr;
  boost::asio::steady_timer changed_;
  Pipe handle_;
  std::unique_ptr<CommandStreams> streams_;
};

Error late(const Command& command) {
  return Error{Fault::timed_out, command.argv.front() + ": still ran after " +
                                     std::to_string(command.deadline.count()) +
                                     " ms and was ended"};
}

Error unwanted(const std::string& program) {
  return Error{Fault::cancelled, program + ": was ended, since it is not wanted any more"};
}

// What an earlier operator began: its end is waited for, and at the deadline brought about.
Task<Status> outlast(JobRecord earlier, Command command) {
  Child child{earlier.pid, Descriptor(static_cast<int>(syscall(SYS_pidfd_open, earlier.pid, 0)))};
  if (!child.handle.ok()) co_return success();  // it has just ended
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto running = std::make_shared<Running>(executor, true);
  const auto begun = running->begin(std::move(child), nullptr, command.argv.front());
  if (!begun.ok()) co_return begun.error();
  co_await running->until(&Running::exited, command.deadline);
  if (running->exited()) co_return success();
  co_await running->end();
  co_return late(command);
}

}  // namespace

Task<Result<CommandOutcome>> RealProcess::run(Command command) {
  return carry_out(std::move(command), nullptr);
}

Task<Result<CommandOutcome>> RealProcess::attend(Command command, Attendance& attendance) {
  command.job.clear();
  return carry_out(std::move(command), &attendance);
}

Task<Result<CommandOutcome>> RealProcess::carry_out(Command command, Attendance* attendance) {
  const auto checked = check_command(command);
  if (!checked.ok()) co_return checked.error();
  const bool lasting = !command.job.empty();
  const auto& program = command.argv.front();
  const auto deadline = steady_clock::now() + command.deadline;
  if (const auto earlier = lasting ? jobs_.running(command.job) : std::nullopt) {
    const auto over = co_await outlast(*earlier, command);
    if (!over.ok()) co_return over.error();
    if (earlier->argv == command.argv)
      co_return Error{Fault::unavailable, program +
                                              ": began before this operator and has ended; "
                                              "nobody knows how"};
  }

  const auto executor = co_await boost::asio::this_coro::executor;
  if (attendance != nullptr && attendance->ending()) co_return unwanted(program);
  auto streams = CommandStreams::open(executor, command);
  if (!streams.ok()) co_return streams.error();
  if (attendance != nullptr)
    streams.value()->let_hear([attendance](std::string_view piece) { attendance->hear(piece); });
  auto child = start_child(command, *streams.value());
  if (!child.ok()) co_return child.error();
  // Where no record can be written the job is run all the same: an operator that comes after us
  // does not find it then.
  if (lasting) static_cast<void>(jobs_.begun(command.job, {child.value().pid, command.argv}));
  const auto running = std::make_shared<Running>(executor, lasting);
  const auto begun = running->begin(std::move(child).value(), std::move(streams).value(), program);
  if (!begun.ok()) co_return begun.error();

  running->attended_by(attendance);
  co_await running->until(&Running::exited_or_unwanted, deadline - steady_clock::now());
  const bool cancelled = attendance != nullptr && attendance->ending() && !running->exited();
  const bool too_late = !cancelled && !running->exited();
  running->forgotten();
  if (too_late || cancelled) co_await running->end();
  co_await running->until(&Running::silent, kLinger);
  running->close_pipes();
  if (cancelled) co_return unwanted(program);
  if (!running->exited()) co_return late(command);
  auto outcome = running->collect(program);
  if (lasting) jobs_.ended(command.job);
  if (too_late) co_return late(command);
  co_return outcome;
}

// It may be a child of ours that run() waits for, or an earlier operator's.
Task<Status> RealProcess::end_job(Command kept) {
  const auto job = jobs_.running(kept.job);
  if (!job || job->argv == kept.argv) co_return success();
  Child child{job->pid, Descriptor(static_cast<int>(syscall(SYS_pidfd_open, job->pid, 0)))};
  if (!child.handle.ok()) co_return success();  // it has just ended
  const std::string program = job->argv.empty() ? kept.job : job->argv.front();
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto running = std::make_shared<Running>(executor, true);
  const auto begun = running->begin(std::move(child), nullptr, program);
  if (!begun.ok()) {
    running->leave();
    co_return begun.error();
  }
  co_await running->end();
  running->leave();
  if (running->exited()) co_return success();
  co_return Error{Fault::timed_out, program + ": SIGKILL did not end it"};
}

}  // namespace tandem

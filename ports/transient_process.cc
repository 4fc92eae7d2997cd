#include "ports/transient_process.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <random>
#include <utility>

#include "ports/command_streams.h"
#include "ports/transient_unit.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kAskLimit{5};
// Signals wake us; one that was lost costs so long.
constexpr seconds kLookEvery{1};
constexpr seconds kTermToKill{2};
constexpr seconds kKillToGivingUp{5};
constexpr milliseconds kLinger{500};
constexpr int kEarlierMax = 3;    // jobs of other argv that are waited for, one after the other
constexpr int kExecFailed = 203;  // systemd's EXIT_EXEC
constexpr seconds kAnswerLimit{2};

Error late(const Command& command) {
  return Error{Fault::timed_out, command.argv.front() + ": still ran after " +
                                     std::to_string(command.deadline.count()) +
                                     " ms and was ended"};
}

Error unknown_end(const Command& command) {
  return Error{Fault::unavailable,
               command.argv.front() + ": has ended, and systemd does not know any more how"};
}

// A job's name is what the next operator finds it by; any other must only be nobody else's.
std::string unit_name_for(const Command& command) {
  if (!command.job.empty()) return "tandem-job-" + command.job + ".service";
  static std::mt19937_64 chance{std::random_device{}()};
  char name[sizeof "tandem-run-0123456789abcdef.service"];
  std::snprintf(name, sizeof name, "tandem-run-%016llx.service",
                static_cast<unsigned long long>(chance()));
  return name;
}

}  // namespace

// A unit whose end is waited for. The handlers of its streams own it.
class TransientProcess::Following : public std::enable_shared_from_this<Following> {
 public:
  Following(SystemBus& bus, const boost::asio::any_io_executor& executor, std::string name)
      : unit(std::move(name)), bus_(bus), changed_(executor) {}

  // From now on no signal is missed.
  void listen() {
    listener_ = bus_.listen([this](const BusNews& news) {
      connected_anew_ |= news.everything;
      changed_.cancel();
    });
  }

  void begin(std::unique_ptr<CommandStreams> opened) {
    streams = std::move(opened);
    streams->begin(shared_from_this(), [this] { changed_.cancel(); });
  }

  // Looks; a unit that is gone has ended, in a way that nobody knows.
  Task<Result<TransientUnit>> look(bool hold) {
    std::function<TransientUnit(BusSession&)> question = [name = unit, hold](BusSession& session) {
      return look_at_transient(session, name, hold);
    };
    auto seen = co_await bus_.ask(std::move(question), kAskLimit);
    if (seen.ok() && hold && seen.value().found) ++holds_;
    co_return seen;
  }

  // Until it has ended, at most so long; false: it runs on, or nobody can be asked.
  Task<bool> until_ended(steady_clock::time_point deadline) {
    while (true) {
      // A connection that was lost took our hold with it.
      const bool hold = lost_ && std::exchange(connected_anew_, false);
      const auto seen = co_await look(hold);
      if (seen.ok()) {
        if (hold) lost_ = false;
        last = seen.value();
        if (!last.found || last.ended) co_return true;
      } else {
        lost_ = true;
        holds_ = 0;
      }
      if (steady_clock::now() >= deadline) co_return false;
      co_await pause(std::min(deadline, steady_clock::now() + kLookEvery));
      if (streams) streams->trim();
    }
  }

  // Others may hold the pipes for ever.
  Task<void> until_silent() {
    const auto deadline = steady_clock::now() + kLinger;
    while (streams && !streams->ended() && steady_clock::now() < deadline) co_await pause(deadline);
    if (streams) streams->finish();
  }

  Task<void> signal(int number) {
    std::function<bool(BusSession&)> question = [name = unit, number](BusSession& session) {
      signal_transient(session, name, number);
      return true;
    };
    (void)co_await bus_.ask(std::move(question), kAskLimit);
  }

  Task<void> release() {
    std::function<bool(BusSession&)> question = [name = unit, holds = holds_](BusSession& session) {
      release_transient(session, name, holds);
      return true;
    };
    holds_ = 0;
    (void)co_await bus_.ask(std::move(question), kAskLimit);
  }

  void held() { ++holds_; }

  const std::string unit;
  std::unique_ptr<CommandStreams> streams;  // none of one that an earlier operator began
  TransientUnit last;

 private:
  Task<void> pause(steady_clock::time_point until) {
    changed_.expires_at(until);
    boost::system::error_code woken;
    co_await changed_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }

  SystemBus& bus_;
  boost::asio::steady_timer changed_;
  SystemBus::Listener listener_;
  bool connected_anew_ = false;
  bool lost_ = false;
  int holds_ = 0;
};

Task<bool> TransientProcess::answers() {
  std::function<bool(BusSession&)> question = [](BusSession& session) {
    look_at_transient(session, "tandem.service", false);
    return true;
  };
  const auto answered = co_await bus_.ask(std::move(question), kAnswerLimit);
  co_return answered.ok();
}

// True: the unit of an earlier operator with the same command was found in place of ours.
Task<Result<bool>> TransientProcess::begin(std::shared_ptr<Following> following, Command command) {
  const auto deadline = steady_clock::now() + command.deadline;
  for (int earlier = 0; !command.job.empty(); ++earlier) {
    const auto found = co_await following->look(true);
    if (!found.ok()) co_return found.error();
    if (!found.value().found) break;
    const bool same = found.value().description == description_of(command);
    if (same && !found.value().ended) co_return true;
    if (!co_await following->until_ended(deadline) || earlier == kEarlierMax)
      co_return Error{Fault::timed_out, command.argv.front() + ": " + following->unit +
                                            " still runs another command of this job"};
    co_await following->release();
  }

  const auto executor = co_await boost::asio::this_coro::executor;
  auto streams = CommandStreams::open(executor, command);
  if (!streams.ok()) co_return streams.error();
  const auto ends = std::make_shared<StreamEnds>(*streams.value());
  std::function<bool(BusSession&)> question = [name = following->unit, command,
                                               ends](BusSession& session) {
    start_transient(session, name, command, *ends);
    return true;
  };
  const auto started = co_await bus_.ask(std::move(question), kAskLimit);
  if (!started.ok()) co_return in_context(command.argv.front(), started.error());
  following->held();
  following->begin(std::move(streams).value());
  co_return false;
}

Task<Result<CommandOutcome>> TransientProcess::run(Command command) {
  const auto checked = check_command(command);
  if (!checked.ok()) co_return checked.error();
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto following = std::make_shared<Following>(bus_, executor, unit_name_for(command));
  following->listen();
  const auto begun = co_await begin(following, command);
  if (!begun.ok()) co_return begun.error();
  auto outcome = co_await follow(following, command);
  co_await following->release();
  co_return outcome;
}

// SIGKILL goes also where the main process has ended by SIGTERM: what it started may ignore that.
Task<bool> TransientProcess::end(std::shared_ptr<Following> following) {
  co_await following->signal(SIGTERM);
  co_await following->until_ended(steady_clock::now() + kTermToKill);
  co_await following->signal(SIGKILL);
  const bool ended = co_await following->until_ended(steady_clock::now() + kKillToGivingUp);
  co_return ended;
}

Task<Status> TransientProcess::end_job(Command kept) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto following = std::make_shared<Following>(bus_, executor, unit_name_for(kept));
  following->listen();
  const auto found = co_await following->look(true);
  if (!found.ok()) co_return found.error();
  if (!found.value().found) co_return success();
  bool ended = found.value().ended || found.value().description == description_of(kept);
  if (!ended) ended = co_await end(following);
  co_await following->release();
  if (ended) co_return success();
  co_return Error{Fault::timed_out, following->unit + ": SIGKILL did not end it"};
}

Task<Result<CommandOutcome>> TransientProcess::follow(std::shared_ptr<Following> following,
                                                      Command command) {
  const bool in_time = co_await following->until_ended(steady_clock::now() + command.deadline);
  if (!in_time) (void)co_await end(following);
  co_await following->until_silent();
  if (!in_time) co_return late(command);
  const auto& unit = following->last;
  if (!unit.found || unit.code == 0) co_return unknown_end(command);
  CommandOutcome outcome;
  if (unit.code == CLD_EXITED)
    outcome.exit_status = unit.status;
  else
    outcome.signal = unit.status;
  if (outcome.exit_status == kExecFailed) co_return not_started(command.argv.front());
  if (following->streams) following->streams->give(outcome);
  co_return outcome;
}

Error TransientProcess::not_started(const std::string& program) const {
  struct stat found {};
  const auto here = (root_ == "/" ? "" : root_) + program;
  const bool there = stat(here.c_str(), &found) == 0;
  return Error{there ? Fault::denied : Fault::not_found,
               program + ": systemd can not start it: " +
                   (there ? "it is not executable" : "there is no such program")};
}

}  // namespace tandem

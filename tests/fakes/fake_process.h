// Programs as functions: what is run is looked up by argv[0], and written down.
#pragma once

#include "ports/task.h"
// keep the order
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/clock.h"
#include "ports/process.h"

namespace tandem::fakes {

// What a program that exits leaves behind.
inline CommandOutcome exits(int status, std::string output = "", std::string errors = "") {
  CommandOutcome outcome;
  outcome.exit_status = status;
  outcome.output = std::move(output);
  outcome.errors = std::move(errors);
  return outcome;
}

class FakeProcess : public Process {
 public:
  using Program = std::function<Result<CommandOutcome>(const Command&)>;

  // With a clock, `durations` take time on it.
  explicit FakeProcess(Clock* clock = nullptr) : clock_(clock) {}

  // By argv[0]. A program that is not here is not_found.
  std::map<std::string, Program> programs;
  // By argv[0]: how long it runs. Beyond the command's deadline it is timed_out and never takes
  // effect.
  std::map<std::string, std::chrono::milliseconds> durations;
  // By argv[0]: fails with this, whatever the program would do.
  std::map<std::string, Error> errors;
  // After so many runs each further one fails with unavailable "injected", and does nothing.
  int runs_left = 1'000'000;

  // "ARGV0 ARGV1 ...", a line a run, failed ones too; "end ARGV0 ..." where a job was ended.
  std::vector<std::string> journal;
  std::vector<Command> commands;  // the same with everything

  Task<Result<CommandOutcome>> run(Command command) override {
    note(command);
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    const auto wanted = clock_ == nullptr ? std::chrono::milliseconds{0} : duration_of(command);
    if (wanted.count() > 0) {
      const auto job = std::make_shared<Job>();
      job->argv = command.argv;
      job->signal = clock_->make_signal();
      if (!command.job.empty()) jobs_[command.job] = job;
      co_await clock_->wait(*job->signal, clock_->now() + std::min(wanted, command.deadline));
      if (job->told_to_end) co_return ended_by(SIGTERM);
    }
    if (wanted > command.deadline) co_return late(command);
    co_return outcome_of(command);
  }

  // What takes no time on a clock has always ended.
  Task<Status> end_job(Command kept) override {
    const auto job = jobs_[kept.job].lock();
    if (job && job->argv != kept.argv) {
      journal.push_back("end " + line_of(job->argv));
      job->told_to_end = true;
      job->signal->notify();
    }
    co_return success();
  }

 private:
  struct Job {
    std::vector<std::string> argv;
    std::unique_ptr<Signal> signal;
    bool told_to_end = false;
  };

  static std::string line_of(const std::vector<std::string>& argv) {
    std::string line;
    for (const auto& word : argv) line += (line.empty() ? "" : " ") + word;
    return line;
  }

  static Result<CommandOutcome> ended_by(int signal) {
    CommandOutcome outcome;
    outcome.signal = signal;
    return outcome;
  }

  void note(const Command& command) {
    journal.push_back(line_of(command.argv));
    commands.push_back(command);
  }

  static Result<CommandOutcome> late(const Command& command) {
    const auto limit = std::to_string(command.deadline.count());
    return Error{Fault::timed_out, command.argv[0] + ": still ran after " + limit + " ms"};
  }

  std::chrono::milliseconds duration_of(const Command& command) const {
    const auto found = command.argv.empty() ? durations.end() : durations.find(command.argv[0]);
    return found == durations.end() ? std::chrono::milliseconds{0} : found->second;
  }

  Result<CommandOutcome> outcome_of(const Command& command) {
    if (command.argv.empty() || !command.argv[0].starts_with('/'))
      return Error{Fault::invalid, "the program must be an absolute path"};
    const auto& name = command.argv[0];
    if (const auto error = errors.find(name); error != errors.end()) return error->second;
    if (runs_left <= 0) return Error{Fault::unavailable, "injected"};
    --runs_left;
    const auto program = programs.find(name);
    if (program == programs.end()) return Error{Fault::not_found, name + ": no such program"};
    return program->second(command);
  }

  Clock* clock_;
  std::map<std::string, std::weak_ptr<Job>> jobs_;  // by name; what runs, or ran last
};

}  // namespace tandem::fakes

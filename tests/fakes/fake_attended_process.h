// Programs that are attended, as functions: what is run is looked up by a word of its argv.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/attended_process.h"
#include "ports/clock.h"

namespace tandem::fakes {

class FakeAttendedProcess : public AttendedProcess {
 public:
  // May make the attendance hear something.
  using Program = std::function<Result<CommandOutcome>(const Command&, const Attendance&)>;

  explicit FakeAttendedProcess(Clock& clock) : clock_(clock) {}

  // By the first word of argv that is here.
  std::map<std::string, Program> programs;
  // Begins and goes on until its attendance ends; it is told when it has begun.
  std::map<std::string, std::function<void(const Command&)>> lasting;

  std::vector<Command> commands;
  int ended = 0;  // how many were ended by their attendance

  Task<Result<CommandOutcome>> attend(Command command, Attendance& attendance) override {
    commands.push_back(command);
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    for (const auto& word : command.argv) {
      if (const auto begun = lasting.find(word); begun != lasting.end()) {
        begun->second(command);
        const std::shared_ptr<Signal> over = clock_.make_signal();
        attendance.on_end([over] { over->notify(); });
        // Not for ever: virtual time must not run away with a test.
        while (!attendance.ending()) co_await clock_.wait(*over, clock_.now() + kLong);
        break;
      }
      const auto program = programs.find(word);
      if (program != programs.end() && !attendance.ending())
        co_return program->second(command, attendance);
    }
    if (!attendance.ending()) co_return Error{Fault::not_found, "no such program"};
    ++ended;
    co_return Error{Fault::cancelled, command.argv[0] + ": was ended"};
  }

 private:
  static constexpr std::chrono::hours kLong{24};
  Clock& clock_;
};

}  // namespace tandem::fakes

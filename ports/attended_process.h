// Runs a program that somebody attends: what it says is heard while it runs, and it can be ended.
#pragma once

#include <functional>
#include <string_view>

#include "core/result.h"
#include "ports/process.h"
#include "ports/task.h"

namespace tandem {

// One program's; it outlives the program.
class Attendance {
 public:
  explicit Attendance(std::function<void(std::string_view)> hears = {})
      : hears_(std::move(hears)) {}
  Attendance(const Attendance&) = delete;
  Attendance& operator=(const Attendance&) = delete;

  // Ends the program, or keeps it from being started. Returns at once.
  void end() {
    ending_ = true;
    if (wake_) wake_();
  }
  bool ending() const { return ending_; }

  // For who runs the program: a piece of its standard output, which may end within a line; and what
  // end() is to call while it runs.
  void hear(std::string_view piece) const {
    if (hears_) hears_(piece);
  }
  void on_end(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  std::function<void(std::string_view)> hears_;
  std::function<void()> wake_;
  bool ending_ = false;
};

class AttendedProcess {
 public:
  virtual ~AttendedProcess() = default;

  // As Process::run, always as a child of ours. All of standard output is heard, whatever
  // output_max keeps. When the attendance ends it, its process group gets SIGTERM, 2 s later
  // SIGKILL, and the result is cancelled.
  virtual Task<Result<CommandOutcome>> attend(Command command, Attendance& attendance) = 0;
};

}  // namespace tandem

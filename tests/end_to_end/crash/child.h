// A program that this test started, and nothing else it may stop or kill.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace tandem::crash {

class Child {
 public:
  Child() = default;
  // Standard output and error go to the end of `log`. It does not outlive us.
  Child(const std::vector<std::string>& command, const std::string& log);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child() { kill(); }

  bool runs() const { return pid_ > 0; }
  // SIGSTOP, and returns when it stands still.
  void hold();
  void go_on() const;
  void send(int signal) const;
  // SIGKILL, and returns when it is dead.
  void kill();
  // Waits for its end; the exit status, or 128 + the signal.
  int wait();

 private:
  pid_t pid_ = 0;
};

}  // namespace tandem::crash

// The kernel's own answers: F_GETLK, and /proc.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/activity.h"
#include "ports/rooted_path.h"

namespace tandem {

class RealActivity : public Activity {
 public:
  static constexpr std::chrono::seconds kSeenFor{1};  // one look at all processes serves so long
  // What a process runs is read again when it is twice as old as at the last look, and after so
  // long: a new one may be about to run its program, an old one hardly ever begins another.
  static constexpr std::chrono::seconds kKnownFor{30};
  static constexpr std::size_t kProcessesMax = 65'536;
  static constexpr std::size_t kCommandLineMax = 4'096;

  // `programs_below`: what stands before a program's path in /proc. Empty where the managed root is
  // the host's own, also as a container sees it; else the root, so that what runs in one lab's node
  // is nothing of another's.
  RealActivity(const std::string& root, std::string programs_below)
      : root_(root), programs_below_(std::move(programs_below)) {}

  Result<bool> locked(const std::string& path) override;
  Result<std::set<std::string>> running(const std::set<std::string>& programs) override;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Known {
    std::string program;  // empty: none that can be told
    Time since, until;
  };

  Status look_at_all(Time now);

  Root root_;
  std::string programs_below_;
  std::map<std::string, Known, std::less<>> known_;  // by process id
  std::set<std::string> seen_;  // the programs of all processes, at the last look
  Time seen_until_{};
};

}  // namespace tandem

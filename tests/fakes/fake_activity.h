// What else is at work on a host, as a test says.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "ports/activity.h"

namespace tandem::fakes {

class FakeActivity : public Activity {
 public:
  // By path: whether the file is locked. One that is not here is not_found.
  std::map<std::string, bool> locks;
  std::set<std::string> programs;  // that run
  std::optional<Error> lock_error, process_error;

  Result<bool> locked(const std::string& path) override {
    if (lock_error) return *lock_error;
    const auto lock = locks.find(path);
    if (lock == locks.end()) return Error{Fault::not_found, path + ": no such file"};
    return lock->second;
  }
  Result<std::set<std::string>> running(const std::set<std::string>& wanted) override {
    if (process_error) return *process_error;
    std::set<std::string> found;
    for (const auto& program : wanted)
      if (programs.contains(program)) found.insert(program);
    return found;
  }
};

}  // namespace tandem::fakes

// When a look need not ask a slow program again: what it said while all was right still stands.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "ports/clock.h"
#include "ports/filesystem.h"

namespace tandem {

// What tells one state of a file from the next without reading it.
inline std::string file_stamp(const std::string& path, const FileStatus& status) {
  return fmt::format("{} {} {} ", path, status.size, status.modified.time_since_epoch().count());
}

class Spared {
 public:
  // Asked once at the begin of a look. `stamp`: what can be seen for nothing, nullopt where it can
  // not. It stands while the stamp is the same, for the time it was kept for, and unless somebody
  // asks for a look anew.
  bool stands(const std::optional<std::string>& stamp, Instant now) {
    const bool anew = std::exchange(anew_, false);
    return !anew && stamp && stamp == stamp_ && now < until_;
  }
  // What was asked by now stands with the stamp that was taken before the question.
  void keep(std::optional<std::string> stamp, Instant until) {
    stamp_ = std::move(stamp);
    until_ = until;
  }
  void forget() { until_ = Instant::min(); }
  // The next look asks, whatever one that is under way keeps.
  void look_anew() { anew_ = true; }

 private:
  std::optional<std::string> stamp_;
  Instant until_ = Instant::min();
  bool anew_ = false;
};

}  // namespace tandem

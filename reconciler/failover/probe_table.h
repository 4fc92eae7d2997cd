// What every probe found last, and how often: for `tandem get probes` and the metrics.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "probes/sample.h"

namespace tandem {

// What a probe came to within a minute of the monotonic clock.
struct ProbeMinute {
  std::int64_t number = -1;  // since that clock's epoch; -1: none
  std::uint32_t attempts = 0, failures = 0, not_asked = 0;
  std::chrono::microseconds slowest{0};  // of the answers
};

struct ProbeRecord {
  // An hour of samples is too much to keep, and more than anybody reads: an hour of minutes is
  // kept.
  static constexpr std::size_t kMinutes = 60;

  // How long an answer took, at most; what takes longer than the last is counted in `answers`
  // alone.
  static constexpr std::array<double, 12> kBucketSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                         0.1,   0.25,   0.5,   1,    2,     5};

  std::string address;          // that is asked; empty where it is none
  Sample last;                  // `at` is the epoch until the first attempt has ended
  std::uint64_t attempts = 0;   // that were really made: answers and failures
  std::uint64_t failures = 0;   // of these, without an answer
  std::uint64_t not_asked = 0;  // it could not be asked; these are no attempts
  std::array<std::uint64_t, kBucketSeconds.size()> answers_within{};  // each counts the ones below
  double answer_seconds = 0;                                          // of all answers together
  std::array<ProbeMinute, kMinutes> minutes{};                        // a ring, by their numbers

  std::uint64_t answers() const { return attempts - failures; }
  bool was_tried() const { return attempts + not_asked > 0; }
  // Those of the last hour that had any, oldest first.
  std::vector<ProbeMinute> last_hour(Instant now) const;
};

class ProbeTable {
 public:
  static constexpr std::size_t kRowsMax = 64;  // 8 paths, 8 witnesses, and some of each node's own

  using Key = std::pair<std::string, std::string>;  // probe, target
  using Rows = std::map<Key, ProbeRecord>;

  // The row exists from now on, as one that was not tried. Again with another address: it starts
  // anew.
  void declare(const std::string& probe, const std::string& target, const std::string& address);
  // Of a row that is declared; others are dropped.
  void record(const std::string& probe, const std::string& target, const Sample& sample);
  void forget(const std::string& probe, const std::string& target);

  const Rows& rows() const { return rows_; }

 private:
  Rows rows_;
};

}  // namespace tandem

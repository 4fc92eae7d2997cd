#include "reconciler/failover/probe_table.h"

#include <algorithm>

namespace tandem {
namespace {

std::int64_t minute_of(Instant at) {
  return std::chrono::duration_cast<std::chrono::minutes>(at.time_since_epoch()).count();
}

void count(ProbeRecord& row, const Sample& sample) {
  const std::int64_t number = minute_of(sample.at);
  if (number < 0) return;
  ProbeMinute& minute = row.minutes[static_cast<std::size_t>(number) % ProbeRecord::kMinutes];
  if (minute.number != number) minute = {number};
  if (sample.heard == Heard::unknown) {
    ++minute.not_asked;
    return;
  }
  ++minute.attempts;
  if (sample.heard == Heard::silent)
    ++minute.failures;
  else
    minute.slowest = std::max(minute.slowest,
                              std::chrono::duration_cast<std::chrono::microseconds>(sample.took));
}

}  // namespace

std::vector<ProbeMinute> ProbeRecord::last_hour(Instant now) const {
  const auto oldest = minute_of(now) - static_cast<std::int64_t>(kMinutes);
  std::vector<ProbeMinute> told;
  for (const ProbeMinute& minute : minutes)
    if (minute.number > oldest && minute.number >= 0) told.push_back(minute);
  std::sort(told.begin(), told.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return told;
}

void ProbeTable::declare(const std::string& probe, const std::string& target,
                         const std::string& address) {
  const auto found = rows_.find({probe, target});
  if (found != rows_.end() && found->second.address == address) return;
  if (found == rows_.end() && rows_.size() == kRowsMax) return;
  ProbeRecord record;
  record.address = address;
  rows_[{probe, target}] = std::move(record);
}

void ProbeTable::record(const std::string& probe, const std::string& target, const Sample& sample) {
  const auto found = rows_.find({probe, target});
  if (found == rows_.end()) return;
  ProbeRecord& row = found->second;
  row.last = sample;
  count(row, sample);
  if (sample.heard == Heard::unknown) {
    ++row.not_asked;
    return;
  }
  ++row.attempts;
  if (sample.heard == Heard::silent) {
    ++row.failures;
    return;
  }
  const double seconds = std::chrono::duration<double>(sample.took).count();
  row.answer_seconds += seconds;
  for (std::size_t i = 0; i < ProbeRecord::kBucketSeconds.size(); ++i)
    if (seconds <= ProbeRecord::kBucketSeconds[i]) ++row.answers_within[i];
}

void ProbeTable::forget(const std::string& probe, const std::string& target) {
  rows_.erase({probe, target});
}

}  // namespace tandem

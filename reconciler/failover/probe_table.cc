#include "reconciler/failover/probe_table.h"

namespace tandem {

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

#include "replication/copy/database_copy.h"

#include <fmt/format.h>

#include "replication/copy/copy_run.h"

namespace tandem {
namespace {

// Of the hash, as a person compares it.
constexpr std::size_t kHashShown = 16;

std::string changes_of(const CopyOutcome& outcome) {
  std::uint64_t copied = 0, deleted = 0;
  for (const auto& table : outcome.changed) {
    copied += table.rows_copied;
    deleted += table.rows_deleted;
  }
  if (outcome.changed.empty()) return "nothing was to be copied";
  return fmt::format("{} tables changed, {} rows taken away, {} rows copied",
                     outcome.changed.size(), deleted, copied);
}

}  // namespace

std::string describe(const CopyOutcome& outcome) {
  if (outcome.failure) {
    const CopyReasonRow& row = row_of(outcome.failure->reason);
    return fmt::format("{}{}{}; {}", row.what, outcome.failure->detail.empty() ? "" : ": ",
                       outcome.failure->detail, row.remedy);
  }
  if (outcome.verdict == CopyOutcome::Verdict::equal)
    return fmt::format("{} tables equal, hash {}; {}", outcome.tables_equal,
                       outcome.hash.substr(0, kHashShown), changes_of(outcome));
  if (outcome.stream && outcome.stream->runs)
    return fmt::format(
        "streamed; beside it the sequences and {} tables without a key looked at; {}",
        outcome.tables_equal, changes_of(outcome));
  return fmt::format("partial, by the servers' counters: {} tables looked at; {}",
                     outcome.tables_equal, changes_of(outcome));
}

CopyOutcome DatabaseCopy::run(const CopyOrder& order, std::stop_token stop,
                              const ProgressSink& sink) {
  return CopyRun(databases_, clock_, order, std::move(stop), sink).run();
}

}  // namespace tandem

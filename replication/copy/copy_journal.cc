// The steps of a copy by which nothing that the secondary's users left is overwritten unseen.
#include "replication/copy/copy_run.h"
#include "replication/divergence/journal.h"

namespace tandem {
namespace {

// The cause is the journal's own, and not a link, a server or a lock that the next run finds
// otherwise.
bool stays(CopyReason reason) {
  return reason == CopyReason::failed || reason == CopyReason::secondary_disk_full;
}

}  // namespace

CopyRun::Step CopyRun::look_at_activation() {
  auto seen = read_activation(sessions_.secondary());
  if (!seen.ok()) return failed(in_context("secondary", seen.error()));
  activation_ = seen.value();
  return std::nullopt;
}

// Once more under the lock on the row of direction: from here on no other takeover begins before
// this copy has ended.
CopyRun::Step CopyRun::journal() {
  if (!activation_.kept) return std::nullopt;
  const auto seen = read_activation(sessions_.secondary());
  if (!seen.ok()) return failed(in_context("secondary", seen.error()));
  if (!seen.value().open) return std::nullopt;
  // The other tables were not compared: the next run looks at all.
  if (!is_full()) return CopyFailure{CopyReason::busy, "secondary: it has served meanwhile"};
  return write_journal(*seen.value().open);
}

CopyRun::Step CopyRun::write_journal(OpenActivation activation) {
  begin_phase(CopyProgress::Phase::journalling, differing_.size(), 0);
  const auto beside = sessions_.begin_beside(order_, stop_.get_token());
  if (!beside.ok()) return failed(in_context("secondary", beside.error()));
  Journal journal({sessions_.primary(), *beside.value(), activation,
                   seen_.primary.system_identifier, order_.journal,
                   [this](std::size_t tables, std::uint64_t rows) {
                     progress_.tables_done = tables;
                     progress_.rows_done = rows;
                     tell();
                   },
                   [this](std::uint64_t bytes) {
                     const auto full = judge_disk(direction_, bytes);
                     return full ? Status(Error{Fault::too_large, full->detail}) : success();
                   }});
  std::vector<const CopyTable*> tables;
  for (const auto& plan : differing_) tables.push_back(plan.table);
  const auto written = journal.write(tables);
  if (written.ok()) {
    outcome_.journalled = written.value().rows();
    return std::nullopt;
  }
  CopyFailure failure = failed(written.error());
  if (stays(failure.reason) || written.error().fault == Fault::too_large)
    failure.reason = CopyReason::not_journalled;
  return failure;
}

}  // namespace tandem
